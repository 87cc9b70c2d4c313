import { useEffect, useState } from 'react'
import { problemOf } from '../../state/result.ts'

/** The answer to one question put to the host, and how to put it again. */
export type Answer<T> =
  | { readonly state: 'asking'; readonly again: () => void }
  | { readonly state: 'ready'; readonly value: T; readonly again: () => void }
  | { readonly state: 'failed'; readonly why: string; readonly again: () => void }

type Settled<T> =
  | { readonly state: 'ready'; readonly value: T; readonly key: string }
  | { readonly state: 'failed'; readonly why: string; readonly key: string }

/**
 * Asks once for each `key` and keeps the answer that belongs to it; a late answer to an older key is dropped.
 *
 * @param ask must answer the same for the same key
 */
export function useAnswer<T>(key: string, ask: () => Promise<T>): Answer<T> {
  const [tries, setTries] = useState(0)
  const [settled, setSettled] = useState<Settled<T> | null>(null)
  const full = `${key} #${tries}`
  useEffect(() => {
    let gone = false
    ask().then(
      (value) => !gone && setSettled({ state: 'ready', value, key: full }),
      (cause: unknown) => !gone && setSettled({ state: 'failed', why: problemOf(cause).message, key: full }),
    )
    return () => {
      gone = true
    }
    // The key says when the question is another one; `ask` is a new function at every drawing.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [full])
  const again = (): void => setTries((n) => n + 1)
  if (settled === null || settled.key !== full) return { state: 'asking', again }
  return settled.state === 'ready'
    ? { state: 'ready', value: settled.value, again }
    : { state: 'failed', why: settled.why, again }
}
