import { strictest } from './match-prefix.ts'
import type { RuleMatch } from './rule.ts'

/**
 * What `codex execpolicy check` prints for these matches, key order included, without a line end. Gatehouse rules
 * are none of its business and are left out.
 *
 * @param pretty two spaces per level, as with `--pretty`
 */
export function checkOutput(matches: readonly RuleMatch[], pretty = false): string {
  const matchedRules = matches.flatMap(({ rule, matchedPrefix, resolvedProgram }) => {
    if (rule.kind !== 'prefix') return []
    const { decision, justification } = rule
    return [
      {
        prefixRuleMatch: {
          matchedPrefix,
          decision,
          ...(resolvedProgram === null ? {} : { resolvedProgram }),
          ...(justification === null ? {} : { justification }),
        },
      },
    ]
  })
  const decision = strictest(matchedRules.map(({ prefixRuleMatch }) => prefixRuleMatch.decision))
  return JSON.stringify(
    decision === null ? { matchedRules } : { matchedRules, decision },
    null,
    pretty ? 2 : 0,
  )
}
