/** Time as the host sees it. Tests pass a fake, so that everything with a time in it is exact. */
export type Clock = {
  /** Unix time in milliseconds. */
  nowMs(): number
  /** Calls back once after `ms`; the answer cancels it. */
  after(ms: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}
