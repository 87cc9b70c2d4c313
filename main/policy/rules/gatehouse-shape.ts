import { isBroadPrefix } from './broad-prefix.ts'
import { matchesCommand } from './match-rules.ts'
import { absolutePath } from './program-name.ts'
import type { GatehouseRule, RuleErrorKind, TokenPattern } from './rule.ts'

export type ShapeProblem = {
  readonly kind: RuleErrorKind
  readonly message: string
  readonly example: readonly string[] | null
}

/** All of a Gatehouse rule but where it stands: what a card drafts. */
export type GatehouseDraft = Omit<GatehouseRule, 'kind' | 'place' | 'range'>

const shape = (message: string): ShapeProblem => ({ kind: 'invalid-rule', message, example: null })
const element = (message: string): ShapeProblem => ({
  kind: 'invalid-pattern-element',
  message,
  example: null,
})

/** Programs a rule's beginning can spell, at most. */
const mostHeads = 200

/**
 * What is wrong with a Gatehouse rule, examples included; empty when it can be saved. A screen may ask this at every
 * key that is pressed.
 */
export function checkGatehouseRule(rule: GatehouseDraft): readonly ShapeProblem[] {
  const found: ShapeProblem[] = []
  if (!/^[\w.-]{1,100}$/.test(rule.id))
    found.push(shape('The id is made of letters, digits, dots, dashes and underlines.'))
  if (rule.where !== null && absolutePath(rule.where, null) !== rule.where)
    found.push(shape('`where` is an absolute folder, without `..` and without a slash at its end.'))
  for (const time of [rule.endsAtMs ?? 0, rule.createdAtMs])
    if (!Number.isSafeInteger(time) || time < 0 || time > 253_402_300_799_999)
      found.push(shape('A time is a moment between 1970 and 9999.'))
  if (rule.note?.trim() === '') found.push(shape('The note is blank. Say why, or leave it out.'))
  if (!isPlainText(rule)) found.push(shape('A text holds half of a Unicode pair, which no file can.'))
  return found.concat(
    rule.subject.kind === 'write' ? checkWrite(rule, rule.subject.path) : checkCommand(rule, rule.subject),
  )
}

function checkWrite(rule: GatehouseDraft, path: string): readonly ShapeProblem[] {
  if (absolutePath(path, null) !== path)
    return [shape('`write` is an absolute path, without `..` and without a slash at its end.')]
  if (path === '/' && rule.decision === 'allow')
    return [shape('Writing the whole disk cannot be allowed by a rule.')]
  return rule.match.length + rule.notMatch.length > 0
    ? [shape('Examples are commands; this rule has none.')]
    : []
}

function checkCommand(
  rule: GatehouseDraft,
  subject: GatehouseDraft['subject'] & { readonly kind: 'command' },
): readonly ShapeProblem[] {
  const { tokens } = subject
  const first = tokens[0]
  if (first?.kind !== 'fixed' || first.text === '')
    return [element('The first word is the program and must be fixed.')]
  if (tokens.length > 200) return [element('A command of a rule has at most 200 words.')]
  for (const token of tokens) {
    if (token.kind === 'oneOf' && token.texts.length === 0)
      return [element('A list of alternatives is empty.')]
    if (token.kind === 'any' && token.except.some((glob) => glob === '' || glob.length > 500))
      return [element('An exclusion is empty or longer than 500 characters.')]
  }
  const free = tokens.findIndex((token) => token.kind === 'any')
  if (free !== -1 && tokens.slice(free).some((token) => token.kind !== 'any'))
    return [element('A free word cannot stand in front of a fixed one: options would slip in there.')]
  if (rule.decision === 'allow' && (subject.openEnd || free !== -1)) {
    const broad = headsOf(free === -1 ? tokens : tokens.slice(0, free)).find(isBroadPrefix)
    if (broad)
      return [
        element(
          `Allowing all that begins with ${JSON.stringify(broad.join(' '))} allows too much. Fix more words.`,
        ),
      ]
  }
  return checkGatehouseExamples(rule)
}

function checkGatehouseExamples(rule: GatehouseDraft): readonly ShapeProblem[] {
  const { subject, decision } = rule
  if (subject.kind !== 'command') return []
  const matches = (example: readonly string[]): boolean => matchesCommand(subject, decision, example)
  const wrong = rule.notMatch.find(matches)
  const missed = rule.match.find((example) => !matches(example))
  const shown = (example: readonly string[]): string => JSON.stringify(example).slice(0, 200)
  return [
    ...(wrong
      ? [
          {
            kind: 'example-did-match' as const,
            message: `The rule matches ${shown(wrong)}, which it names under not_match.`,
            example: wrong,
          },
        ]
      : []),
    ...(missed
      ? [
          {
            kind: 'example-did-not-match' as const,
            message: `The rule does not match ${shown(missed)}, which it names under match.`,
            example: missed,
          },
        ]
      : []),
  ]
}

/** Every beginning the fixed words can spell; the first of them only when there are very many. */
function headsOf(tokens: readonly TokenPattern[]): readonly (readonly string[])[] {
  let heads: readonly (readonly string[])[] = [[]]
  for (const token of tokens) {
    const texts = token.kind === 'oneOf' ? token.texts : token.kind === 'fixed' ? [token.text] : []
    const longer = heads.flatMap((head) => texts.map((text) => [...head, text]))
    // Too many to look at: the shorter beginnings, which are the broader ones, decide.
    if (longer.length > mostHeads) return heads
    heads = longer
  }
  return heads
}

function isPlainText(rule: GatehouseDraft): boolean {
  // Strings are escaped half by half, so a lone one shows in the printed form.
  return JSON.stringify([rule.subject, rule.where, rule.note, rule.match, rule.notMatch]).isWellFormed()
}
