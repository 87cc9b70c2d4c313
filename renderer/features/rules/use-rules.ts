import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { RulesState } from '../../../protocol/rules.ts'
import { useStores } from '../../state/context.tsx'
import { ready } from '../../state/result.ts'
import { createRules, type RulesStore, type RulesStoreState } from '../../state/rules.ts'

/**
 * The rules in force; subscribed as long as the component is on screen.
 * @param folder null: of all folders
 */
export function useRules(folder: string | null): RulesStoreState & { readonly actions: RulesStore } {
  const { client } = useStores()
  const actions = useMemo(() => createRules(client, folder), [client, folder])
  // Another folder: what was shown stays until its rules are there, so that nothing jumps.
  const [last, setLast] = useState<RulesState | null>(null)
  useEffect(() => {
    const forget = actions.store.subscribe(({ rules }) => {
      if (rules) setLast(rules)
    })
    const stop = actions.start()
    return () => {
      forget()
      stop()
    }
  }, [actions])
  const state = useStore(actions.store)
  const kept = state.load.state === 'loading' && last !== null
  return { load: kept ? ready : state.load, rules: state.rules ?? last, actions }
}
