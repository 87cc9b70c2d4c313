import { createStore, type StoreApi } from 'zustand/vanilla'
import type { HostClient } from '../../protocol/contract.ts'
import type { RuleDraft, RulesState } from '../../protocol/rules.ts'
import { type LoadState, loading, problemOf, ready } from './result.ts'

export type RulesStoreState = {
  readonly load: LoadState
  /** null until the first snapshot. */
  readonly rules: RulesState | null
}

/** `refused` carries the host's words, or why the host was not reached. */
export type RuleAnswer =
  | { readonly status: 'saved'; readonly id: string }
  | { readonly status: 'refused'; readonly why: string }

export type RulesStore = {
  readonly store: StoreApi<RulesStoreState>
  start(): () => void
  /** @param replaces the id of the rule it stands for; null adds one */
  save(rule: RuleDraft, replaces: string | null): Promise<RuleAnswer>
  remove(id: string): Promise<RuleAnswer>
  review(id: string): Promise<RuleAnswer>
}

/**
 * The rules in force, with use counts.
 * @param folder those that hold for its sessions; null: all
 */
export function createRules(client: HostClient, folder: string | null): RulesStore {
  const store = createStore<RulesStoreState>()(() => ({ load: loading, rules: null }))
  const attempt = async (run: () => Promise<RuleAnswer>): Promise<RuleAnswer> => {
    try {
      return await run()
    } catch (thrown) {
      return { status: 'refused', why: problemOf(thrown).message }
    }
  }
  return {
    store,
    start: () =>
      client.subscribe(
        'rules/watch',
        { folder },
        {
          snapshot: (rules) => store.setState({ load: ready, rules }),
          change: (rules) => store.setState({ rules }),
          failed: (problem) => store.setState({ load: { state: 'failed', problem } }),
        },
      ),
    save: (rule, replaces) => attempt(() => client.call('rules/save', { rule, replaces })),
    remove: (id) => attempt(() => client.call('rules/remove', { id })),
    review: (id) => attempt(() => client.call('rules/review', { id })),
  }
}
