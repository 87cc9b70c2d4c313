import type { GatehouseRule, PrefixRule, TokenPattern } from './rule.ts'

const verbs = { allow: 'Allows', prompt: 'Asks before', forbidden: 'Forbids' } as const

/**
 * One plain sentence about a rule, for cards and the Rules page. Words of the command are quoted one by one, so a
 * word with blanks does not look like two; times are left to the screen, which knows the clock.
 */
export function describeRule(rule: PrefixRule | GatehouseRule): string {
  if (rule.kind === 'prefix')
    return `${verbs[rule.decision]} every command that begins with ${words(rule.pattern.map(alternatives))}.`
  const { subject } = rule
  const where = rule.where === null ? '' : ` in ${spelled(rule.where)}`
  const until = rule.endsAtMs === null ? '' : ', until it ends'
  if (subject.kind === 'write')
    return `${verbs[rule.decision]} writing ${spelled(subject.path)} and what is below it${where}${until}.`
  const tokens = words(subject.tokens.map(token))
  const end = subject.openEnd ? ' and anything after it' : ''
  const runs =
    rule.decision === 'allow' && rule.runs === 'asAsked'
      ? ', with what the question asked for beyond the sandbox'
      : rule.decision === 'allow'
        ? ', inside the sandbox'
        : ''
  return `${verbs[rule.decision]} ${tokens}${end}${where}${runs}${until}.`
}

const words = (tokens: readonly string[]): string => tokens.join(' ')

function token(pattern: TokenPattern): string {
  if (pattern.kind === 'fixed') return spelled(pattern.text)
  if (pattern.kind === 'oneOf') return alternatives(pattern.texts)
  return pattern.except.length === 0
    ? '(any word)'
    : `(any word except ${pattern.except.map(spelled).join(', ')})`
}

function alternatives(texts: readonly string[]): string {
  const shown = texts.slice(0, 6).map(spelled)
  const more = texts.length > shown.length ? ` or ${texts.length - shown.length} more` : ''
  return texts.length === 1 ? (shown[0] ?? '') : `(${shown.join(' or ')}${more})`
}

/** As it is when it is plain; else in quotes with its odd characters spelled out. */
function spelled(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  const odd = /[^ -~\p{L}\p{N}]/gu
  return JSON.stringify(text).replaceAll(odd, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}
