import { strictest } from './match-prefix.ts'
import type { RuleMatch } from './rule.ts'

/**
 * What `codex execpolicy check` prints for these matches, key order included, without a line end. Gatehouse rules,
 * which it does not know, stand beside in a form of their own.
 *
 * @param pretty two spaces per level, as with `--pretty`
 */
export function checkOutput(matches: readonly RuleMatch[], pretty = false): string {
  const matchedRules = matches.map(({ rule, matchedPrefix, resolvedProgram }) => {
    const { decision } = rule
    if (rule.kind === 'gatehouse') {
      const { id, runs, note } = rule
      const own = { id, matchedPrefix, decision, runs, ...(note === null ? {} : { note }) }
      return { gatehouseRuleMatch: own }
    }
    const { justification } = rule
    return {
      prefixRuleMatch: {
        matchedPrefix,
        decision,
        ...(resolvedProgram === null ? {} : { resolvedProgram }),
        ...(justification === null ? {} : { justification }),
      },
    }
  })
  const decision = strictest(matches.map(({ rule }) => rule.decision))
  return JSON.stringify(
    decision === null ? { matchedRules } : { matchedRules, decision },
    null,
    pretty ? 2 : 0,
  )
}
