import { ruleLookupOf } from '../host/policy/rule-lookup-of.ts'
import { networkOfLayers } from '../policy/network/network-of-layers.ts'
import { hostRulesOf } from '../policy/network/network-rules.ts'
import { compileRules } from '../policy/rules/compile-rules.ts'
import { parseRules } from '../policy/rules/parse-rules.ts'
import type { RuleLookup } from '../policy/rules/rule-lookup.ts'

/** The rules of one file `a.rules`, asked in `/w` at time 1. */
export function lookup(text: string): RuleLookup {
  const set = text === '' ? parseRules([]) : parseRules([{ file: 'a.rules', text }])
  return ruleLookupOf(
    { set, compiled: compileRules(set), managed: new Set(), ofFolder: new Set(), digest: '' },
    '/w',
    1,
    networkOfLayers([], [], [hostRulesOf(set.network)]),
  )
}
