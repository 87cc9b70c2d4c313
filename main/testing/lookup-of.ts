import { ruleLookupOf } from '../host/policy/rule-lookup-of.ts'
import { compileRules } from '../policy/rules/compile-rules.ts'
import { type GatehouseRule, noRules, type PrefixRule } from '../policy/rules/rule.ts'
import type { RuleLookup } from '../policy/rules/rule-lookup.ts'

/** Rules that were made and not read, those of an administrator apart; asked in `/w` at time 10. */
export function lookupOf(
  rules: readonly (PrefixRule | GatehouseRule)[],
  managed: readonly PrefixRule[] = [],
): RuleLookup {
  const set = {
    ...noRules,
    prefix: [...managed, ...rules.filter((rule) => rule.kind === 'prefix')],
    gatehouse: rules.filter((rule) => rule.kind === 'gatehouse'),
  }
  const files = new Set(managed.map(({ place }) => place.file))
  const all = { set, compiled: compileRules(set), managed: files, ofFolder: new Set<string>(), digest: '' }
  return ruleLookupOf(all, '/w', 10)
}
