import type { NetworkRule, PrefixRule, RuleDecision } from './rule.ts'

/** What a `prefix_rule(...)` says, apart from where it stands. */
export type PrefixDraft = {
  readonly pattern: readonly (readonly string[])[]
  readonly decision: RuleDecision
  readonly justification: string | null
  readonly match: readonly (readonly string[])[]
  readonly notMatch: readonly (readonly string[])[]
  readonly anyCase?: boolean
}
export type NetworkDraft = Pick<NetworkRule, 'host' | 'protocol' | 'decision' | 'justification'>

/**
 * The statement for a rule, on one line unless it has examples; the spelling Codex itself appends. Reading it gives
 * the rule again, whatever its strings hold, except halves of Unicode pairs, which no text file can hold.
 */
export function printPrefixRule(rule: PrefixDraft | PrefixRule, lineEnd = '\n'): string {
  const pattern = rule.pattern.map((token) => (token.length === 1 ? quoted(token[0] ?? '') : list(token)))
  const parts = [`pattern=[${pattern.join(', ')}]`, `decision="${rule.decision}"`]
  if (rule.justification !== null) parts.push(`justification=${quoted(rule.justification)}`)
  if (rule.match.length > 0) parts.push(`match=[${rule.match.map(list).join(', ')}]`)
  if (rule.notMatch.length > 0) parts.push(`not_match=[${rule.notMatch.map(list).join(', ')}]`)
  if (rule.anyCase === true) parts.push('canonical_matching=True')
  const long = rule.match.length + rule.notMatch.length > 0
  return long
    ? `prefix_rule(${lineEnd}${parts.map((part) => `    ${part},${lineEnd}`).join('')})`
    : `prefix_rule(${parts.join(', ')})`
}

/** The statement for a network rule, as Codex appends it. */
export function printNetworkRule(rule: NetworkDraft): string {
  const justification = rule.justification === null ? '' : `, justification=${quoted(rule.justification)}`
  return `network_rule(host=${quoted(rule.host)}, protocol="${rule.protocol}", decision="${rule.decision}"${justification})`
}

// JSON's escapes are all Starlark's, too.
const quoted = (text: string): string => JSON.stringify(text)
const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(', ')}]`
