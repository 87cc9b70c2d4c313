import type { GatehouseDraft } from './gatehouse-shape.ts'
import type { TokenPattern } from './rule.ts'

/**
 * The table of a rule for `rules/gatehouse.toml`, with a line end at its end. Reading it gives the rule again.
 *
 * @param rule one that `checkGatehouseRule` has nothing against
 */
export function printGatehouseRule(rule: GatehouseDraft, lineEnd = '\n'): string {
  const { subject } = rule
  const lines = ['[[gatehouse.rules]]', `id = ${quoted(rule.id)}`, `decision = "${rule.decision}"`]
  if (subject.kind === 'write') lines.push(`write = ${quoted(subject.path)}`)
  else {
    lines.push(`command = [${subject.tokens.map(token).join(', ')}]`)
    if (subject.openEnd) lines.push('open_end = true')
  }
  if (rule.where !== null) lines.push(`where = ${quoted(rule.where)}`)
  lines.push(`runs = "${rule.runs === 'asAsked' ? 'as-asked' : 'sandbox'}"`)
  if (rule.endsAtMs !== null) lines.push(`ends_at = ${time(rule.endsAtMs)}`)
  lines.push(`created_at = ${time(rule.createdAtMs)}`)
  if (rule.note !== null) lines.push(`note = ${quoted(rule.note)}`)
  lines.push(`reviewed = ${rule.reviewed}`)
  if (rule.match.length > 0) lines.push(`match = [${rule.match.map(list).join(', ')}]`)
  if (rule.notMatch.length > 0) lines.push(`not_match = [${rule.notMatch.map(list).join(', ')}]`)
  return lines.map((line) => `${line}${lineEnd}`).join('')
}

function token(pattern: TokenPattern): string {
  if (pattern.kind === 'fixed') return quoted(pattern.text)
  if (pattern.kind === 'oneOf') return `{ one_of = ${list(pattern.texts)} }`
  return pattern.except.length === 0 ? '{ any = true }' : `{ any = true, except = ${list(pattern.except)} }`
}

const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(', ')}]`
const time = (ms: number): string => new Date(ms).toISOString()
// JSON's escapes are all TOML's; only DEL has to be escaped besides.
const quoted = (text: string): string => JSON.stringify(text).replaceAll('\x7f', '\\u007f')
