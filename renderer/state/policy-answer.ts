import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { HostProblem } from '../../protocol/endpoint.ts'
import { useStores } from './context.tsx'
import { problemOf } from './result.ts'

export type PolicyAnswer<T> = {
  /** The last answer to this question; kept while it is asked again, so that nothing on the page moves. */
  readonly value: T | null
  /** Why the last attempt gave none. */
  readonly problem: HostProblem | null
  readonly asking: boolean
  again(): void
}

type Settled<T> = {
  readonly key: string
  readonly round: string
  readonly value: T | null
  readonly problem: HostProblem | null
}

/**
 * Asks what is in force, and asks again with every change of it. A late answer to an older question is dropped.
 *
 * @param key says which question it is; `ask` must answer the same for the same key and revision
 */
export function usePolicyAnswer<T>(key: string, ask: () => Promise<T>): PolicyAnswer<T> {
  const { policy } = useStores()
  const revision = useStore(policy.store, (state) => state.revision)
  const [tries, setTries] = useState(0)
  const [settled, setSettled] = useState<Settled<T> | null>(null)
  const round = `${revision} ${tries} ${key}`
  useEffect(() => {
    let gone = false
    const settle = (part: Pick<Settled<T>, 'value' | 'problem'>): void => {
      if (!gone) setSettled({ key, round, ...part })
    }
    ask().then(
      (value) => settle({ value, problem: null }),
      (thrown: unknown) => settle({ value: null, problem: problemOf(thrown) }),
    )
    return () => {
      gone = true
    }
    // The round says when the question is another one; `ask` is a new function at every drawing.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [round])
  const mine = settled?.key === key ? settled : null
  return {
    value: mine?.value ?? null,
    problem: mine?.problem ?? null,
    asking: mine?.round !== round,
    again: () => setTries((n) => n + 1),
  }
}
