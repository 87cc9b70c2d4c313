import { appliesHere, type RuleContext } from './applies-here.ts'
import type { CompiledRules } from './compile-rules.ts'
import { isWithin } from './program-name.ts'
import type { GatehouseRule } from './rule.ts'

/**
 * Gatehouse rules about writing that speak for `path`, absolute and with its links already followed. A rule speaks
 * for its file or folder and everything below.
 */
export function matchWrites(
  compiled: CompiledRules,
  path: string,
  context: RuleContext,
): readonly GatehouseRule[] {
  return compiled.writes.filter(
    (rule) =>
      rule.subject.kind === 'write' && isWithin(path, rule.subject.path) && appliesHere(rule, context),
  )
}
