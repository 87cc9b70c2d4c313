import type { GatehouseRule, PrefixRule, TokenPattern } from './rules/rule.ts'

type Rule = PrefixRule | GatehouseRule

/** Words as a shell would read them back; control characters are spelled as `$'\n'`. */
export const printWords = (words: readonly string[]): string => words.map(quote).join(' ')

function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  if (!control.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`
  const spelled = word.replace(/[\\']/g, '\\$&').replace(new RegExp(control, 'gu'), escape)
  return `$'${spelled}'`
}
const control = /\p{Cc}/u
const named: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' }
const escape = (c: string): string => named[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`

/** What a rule covers, in short: `git push origin …`. */
export function ruleSubject(rule: Rule): string {
  if (rule.kind === 'prefix') {
    const tokens = rule.pattern.map((one) => (one.length === 1 ? quote(one[0] ?? '') : `[${one.join('|')}]`))
    return `${tokens.join(' ')} …`
  }
  if (rule.subject.kind === 'write') return `write ${rule.subject.path}`
  return `${rule.subject.tokens.map(tokenWords).join(' ')}${rule.subject.openEnd ? ' …' : ''}`
}

function tokenWords(token: TokenPattern): string {
  switch (token.kind) {
    case 'fixed':
      return quote(token.text)
    case 'oneOf':
      return `[${token.texts.join('|')}]`
    case 'any':
      return token.except.length === 0 ? '*' : `*(not ${token.except.join(', ')})`
  }
}

const verb = { allow: 'allows', prompt: 'asks for', forbidden: 'forbids' } as const

/** `allow git push origin … (default.rules:3)`, for a line of reasoning. */
export const ruleWords = (rule: Rule): string =>
  `${shortName(rule.place.file)}:${rule.place.line} ${verb[rule.decision]} ${ruleSubject(rule)}`

const shortName = (file: string): string => file.slice(file.lastIndexOf('/') + 1)

/** The same rule keeps its id wherever it stands in its file; use counts are kept under it. */
export function ruleId(rule: Rule): string {
  return rule.kind === 'gatehouse' ? rule.id : `${rule.decision} ${JSON.stringify(rule.pattern)}`
}
