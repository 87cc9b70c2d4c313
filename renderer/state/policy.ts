import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Notice } from '../../protocol/config.ts'
import type { HostClient } from '../../protocol/contract.ts'
import { type LoadState, loading, ready } from './result.ts'

export type PolicyState = {
  readonly load: LoadState
  /** Rises with every change of configuration, requirements or rules that is in force. 0 before the first word. */
  readonly revision: number
  /** What could not be used, of all files together. */
  readonly problems: readonly Notice[]
}

export type PolicyStore = { readonly store: StoreApi<PolicyState>; start(): () => void }

/** What is in force, as a number: pages ask again when it changes. */
export function createPolicy(client: HostClient): PolicyStore {
  const store = createStore<PolicyState>()(() => ({ load: loading, revision: 0, problems: [] }))
  return {
    store,
    start: () =>
      client.subscribe(
        'policy/watch',
        {},
        {
          snapshot: ({ revision, problems }) => store.setState({ load: ready, revision, problems }),
          change: ({ revision, problems }) => store.setState({ revision, problems }),
          failed: (problem) => store.setState({ load: { state: 'failed', problem } }),
        },
      ),
  }
}
