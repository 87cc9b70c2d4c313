import type { PrefixRule, RuleDecision } from './rule.ts'

const order: Readonly<Record<RuleDecision, number>> = { allow: 0, prompt: 1, forbidden: 2 }

/** The strictest of several rule decisions; null for none. */
export function strictest(decisions: Iterable<RuleDecision>): RuleDecision | null {
  let result: RuleDecision | null = null
  for (const decision of decisions) if (result === null || order[decision] > order[result]) result = decision
  return result
}

/** Whether the pattern behind the program name matches `argv` from its second word on. */
export function matchesRest(rule: PrefixRule, argv: readonly string[]): boolean {
  const { pattern } = rule
  if (argv.length < pattern.length) return false
  for (let at = 1; at < pattern.length; at += 1) if (!pattern[at]?.includes(argv[at] ?? '')) return false
  return true
}
