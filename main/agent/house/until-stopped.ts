/** What was awaited, or `stopped` at once when the turn is stopped first; the work is then left to itself. */
export async function untilStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T | 'stopped'> {
  // Its end, good or bad, is nobody's concern any more once the turn was stopped.
  work.catch(() => {})
  if (signal.aborted) return 'stopped'
  let stop = () => {}
  const stopped = new Promise<'stopped'>((resolve) => {
    stop = () => resolve('stopped')
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
