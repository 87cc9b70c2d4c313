import { HostError, type HostProblem } from '../../protocol/endpoint.ts'

/** Whatever was thrown, as a problem with words for people. */
export function problemOf(thrown: unknown): HostProblem {
  if (thrown instanceof HostError) return { code: thrown.code, message: thrown.message }
  return { code: 'unknown', message: thrown instanceof Error ? thrown.message : String(thrown) }
}

/** How far the first snapshot of a store has come. */
export type LoadState =
  | { readonly state: 'loading' }
  | { readonly state: 'ready' }
  | { readonly state: 'failed'; readonly problem: HostProblem }

export const loading: LoadState = { state: 'loading' }
export const ready: LoadState = { state: 'ready' }
