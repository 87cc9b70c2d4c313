import type { PrefixRule, RuleDecision, RuleErrorKind, RulePlace, RuleProblem } from './rule.ts'

export type RequirementRules = {
  readonly rules: readonly PrefixRule[]
  /** Not empty: the requirements are broken. What restricts is in `rules` nevertheless. */
  readonly problems: readonly RuleProblem[]
}

const most = 5000
const decisions: Readonly<Record<string, RuleDecision>> = {
  prompt: 'prompt',
  // Codex asks a person here and nobody else; for us every prompt of a requirement does.
  'prompt-user': 'prompt',
  forbidden: 'forbidden',
}

type Note = (kind: RuleErrorKind, message: string) => void

/**
 * Reads `[rules]` of requirements.toml: `prefix_rules = [{pattern = [{token = "x"}, {any_of = ["a"]}], decision}]`.
 * They can only restrict. Never throws.
 *
 * @param table the parsed value of `rules`; undefined: there is none
 * @param file  its path, as it is to be shown; parsed TOML has no lines, so places are the start of the file
 */
export function parseRequirementRules(table: unknown, file: string): RequirementRules {
  const rules: PrefixRule[] = []
  const problems: RuleProblem[] = []
  const place: RulePlace = { file, line: 1, column: 1 }
  const noteAt =
    (where: string): Note =>
    (kind, message) => {
      if (problems.length < 100)
        problems.push({ kind, message: `${file}: ${where}: ${message}`, place, example: null })
    }
  const note = noteAt('rules')
  if (table === undefined) return { rules, problems }
  if (!isTable(table)) {
    note('invalid-rule', 'This is no table. Write [rules] with prefix_rules = [...].')
    return { rules, problems }
  }
  checkKeys(table, ['prefix_rules'], note)
  const list = own(table, 'prefix_rules')
  if (!Array.isArray(list) || list.length === 0 || list.length > most) {
    note('invalid-rule', `prefix_rules is a list of 1 to ${most} rules.`)
    return { rules, problems }
  }
  for (const [index, entry] of list.entries())
    rules.push(...readRule(entry, noteAt(`rules.prefix_rules[${index}]`), place))
  return { rules, problems }
}

function readRule(entry: unknown, note: Note, place: RulePlace): readonly PrefixRule[] {
  if (!isTable(entry)) {
    note('invalid-rule', 'This is no table with pattern and decision.')
    return []
  }
  checkKeys(entry, ['pattern', 'decision', 'justification'], note)
  const pattern = readPattern(own(entry, 'pattern'), note)
  const decision = readDecision(own(entry, 'decision'), note)
  const given = own(entry, 'justification')
  const justification = typeof given === 'string' && given.trim() !== '' ? given : null
  if (given !== undefined && justification === null)
    note('invalid-rule', 'The justification is text that is not blank. Say why, or leave it out.')
  const [programs, ...rest] = pattern ?? []
  if (decision === null || programs === undefined) return []
  return programs.map((program) => ({
    kind: 'prefix',
    pattern: [[program], ...rest],
    decision,
    justification,
    match: [],
    notMatch: [],
    place,
    range: { from: 0, to: 0 },
    anyCase: false,
  }))
}

function readDecision(value: unknown, note: Note): RuleDecision | null {
  if (typeof value === 'string' && Object.hasOwn(decisions, value)) return decisions[value] ?? null
  note(
    'invalid-decision',
    value === undefined
      ? 'The decision is missing. Use "prompt", "prompt-user" or "forbidden".'
      : value === 'allow'
        ? 'Requirements cannot allow, only restrict. Use "prompt", "prompt-user" or "forbidden".'
        : 'The decision is "prompt", "prompt-user" or "forbidden".',
  )
  return null
}

function readPattern(value: unknown, note: Note): readonly (readonly string[])[] | null {
  if (!Array.isArray(value) || value.length === 0) {
    note('invalid-pattern-element', 'The pattern is empty or no list. Name at least the program.')
    return null
  }
  const tokens = value.map((element) => readToken(element, note))
  return tokens.every((token) => token !== null) ? tokens : null
}

function readToken(element: unknown, note: Note): readonly string[] | null {
  if (isTable(element)) {
    checkKeys(element, ['token', 'any_of'], note)
    const token = own(element, 'token')
    const anyOf = own(element, 'any_of')
    if (typeof token === 'string' && anyOf === undefined) return [token]
    if (token === undefined && isTextList(anyOf) && anyOf.length > 0) return anyOf
  }
  note('invalid-pattern-element', 'An element is { token = "x" } or { any_of = ["x", "y"] }.')
  return null
}

function checkKeys(table: Readonly<Record<string, unknown>>, known: readonly string[], note: Note): void {
  for (const key of Object.keys(table))
    if (!known.includes(key))
      note('unknown-key', `The key ${JSON.stringify(key)} is not known. Known are ${known.join(', ')}.`)
}

/** A value of a parsed table; what it inherits does not count. */
export const own = (table: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(table, key) ? table[key] : undefined

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

export function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
