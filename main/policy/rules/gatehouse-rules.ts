import { nearestName } from '../settings/nearest-name.ts'
import { checkGatehouseRule, type GatehouseDraft } from './gatehouse-shape.ts'
import { isTable, isTextList, own } from './parse-requirement-rules.ts'
import { baseName } from './program-name.ts'
import type {
  BrokenFile,
  GatehouseRule,
  RuleDecision,
  RuleErrorKind,
  RulePlace,
  RuleProblem,
  TextRange,
  TokenPattern,
} from './rule.ts'
import { gatehouseTables } from './toml-tables.ts'

export type GatehouseRules = {
  readonly rules: readonly GatehouseRule[]
  /** Set when a rule that may restrict could not be read. The other rules count all the same. */
  readonly broken: BrokenFile | null
  readonly problems: readonly RuleProblem[]
}

const keys =
  'id decision command open_end write where runs ends_at created_at note reviewed match not_match'.split(' ')
const mostRules = 5000

/** Notes what is wrong with the rule at hand. */
type Note = (kind: RuleErrorKind, message: string, example?: readonly string[] | null) => void

/**
 * Reads `rules/gatehouse.toml`. Never throws.
 *
 * A rule with any problem does not count when it allows, so that a misspelled `ends_at` makes nothing eternal. When
 * it restricts, it counts as widely as it can be read: everywhere, for ever, with an open end.
 *
 * @param parsed what the TOML text says, parsed elsewhere; dates are `Date`s
 * @param text   the same text, for lines and ranges
 * @param file   its path, as it is to be shown
 */
export function parseGatehouseRules(parsed: unknown, text: string, file: string): GatehouseRules {
  const rules: GatehouseRule[] = []
  const problems: RuleProblem[] = []
  const suspects = new Set<string>()
  let unknown = false
  const start: RulePlace = { file, line: 1, column: 1 }
  const noteAt =
    (place: RulePlace): Note =>
    (kind, message, example = null) => {
      problems.push({ kind, message: `${file}:${place.line}:${place.column}: ${message}`, place, example })
    }
  const entries = entriesOf(parsed, noteAt(start))
  if (entries === null) return { rules, broken: { file, suspects: null }, problems }
  const ranges = gatehouseTables(text)
  const ids = new Set<string>()
  const lineOf = lineCounter(text)
  for (const [index, entry] of entries.entries()) {
    // Written another way than as tables of their own, rules can be read but not edited in place.
    const range = ranges.length === entries.length ? (ranges[index] ?? nowhere) : nowhere
    const place: RulePlace = { file, line: lineOf(range.from), column: 1 }
    const read = readRule(entry, ids, noteAt(place))
    if (read.kind === 'rule') rules.push({ kind: 'gatehouse', ...read.rule, place, range })
    else if (read.kind === 'suspects') {
      if (read.programs === null) unknown = true
      else for (const program of read.programs) suspects.add(program).add(baseName(program))
    }
  }
  const broken = unknown ? { file, suspects: null } : suspects.size > 0 ? { file, suspects } : null
  return { rules, broken, problems }
}

const nowhere: TextRange = { from: 0, to: 0 }

/** Lines for offsets that only grow. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1
  let at = 0
  return (offset) => {
    for (; at < offset; at += 1) if (text.charCodeAt(at) === 10) line += 1
    return line
  }
}

function entriesOf(parsed: unknown, note: Note): readonly unknown[] | null {
  if (!isTable(parsed)) {
    note('invalid-rule', 'This is no TOML table.')
    return null
  }
  for (const key of Object.keys(parsed)) if (key !== 'gatehouse') noteKey(note, key, ['gatehouse'])
  const table = own(parsed, 'gatehouse')
  if (table === undefined) return Object.keys(parsed).length === 0 ? [] : null
  if (!isTable(table)) {
    note('invalid-rule', '`gatehouse` is no table. Write [[gatehouse.rules]].')
    return null
  }
  const others = Object.keys(table).filter((key) => key !== 'rules')
  for (const key of others) noteKey(note, key, ['rules'])
  const list = own(table, 'rules')
  if (list === undefined) return others.length === 0 ? [] : null
  if (Array.isArray(list) && list.length <= mostRules) return list
  note('invalid-rule', `\`gatehouse.rules\` is a list of at most ${mostRules} rules.`)
  return null
}

function noteKey(note: Note, key: string, known: readonly string[]): void {
  const nearest = nearestName(key, known)
  const hint = nearest === null ? `Known are ${known.join(', ')}.` : `Did you mean ${nearest}?`
  note('unknown-key', `The key ${JSON.stringify(key)} is not known. ${hint}`)
}

type RuleReading =
  | { readonly kind: 'rule'; readonly rule: GatehouseDraft }
  /** Left out: an allow rule with a problem. */
  | { readonly kind: 'dropped' }
  /** It may restrict these programs; null: any. */
  | { readonly kind: 'suspects'; readonly programs: readonly string[] | null }

function readRule(entry: unknown, ids: Set<string>, outer: Note): RuleReading {
  let sound = true
  const note: Note = (kind, message, example) => {
    sound = false
    outer(kind, message, example)
  }
  if (!isTable(entry)) {
    note('invalid-rule', 'A rule is a table.')
    return { kind: 'suspects', programs: null }
  }
  for (const key of Object.keys(entry)) if (!keys.includes(key)) noteKey(note, key, keys)
  const decision = readDecision(own(entry, 'decision'), note)
  const subject = readSubject(entry, decision !== 'allow', note)
  const id = textOf(entry, 'id', note) ?? ''
  if (ids.has(id)) note('invalid-rule', `The id ${JSON.stringify(id)} stands twice.`)
  ids.add(id)
  const rule = {
    id,
    decision: decision ?? 'prompt',
    subject: subject ?? { kind: 'command' as const, tokens: [], openEnd: false },
    where: textOf(entry, 'where', note),
    runs: readRuns(own(entry, 'runs'), note),
    endsAtMs: readTime(entry, 'ends_at', note),
    createdAtMs: readTime(entry, 'created_at', note) ?? 0,
    note: textOf(entry, 'note', note),
    reviewed: flagOf(entry, 'reviewed', note),
    match: examplesOf(entry, 'match', note),
    notMatch: examplesOf(entry, 'not_match', note),
  }
  if (subject !== null)
    for (const problem of checkGatehouseRule(rule)) note(problem.kind, problem.message, problem.example)
  if (sound) return { kind: 'rule', rule }
  if (decision === 'allow') return { kind: 'dropped' }
  return widest(rule, decision, entry)
}

/** A restricting rule with a problem: in force as widely as it was read, or by the names in it. */
function widest(
  rule: GatehouseDraft,
  decision: RuleDecision | null,
  entry: Readonly<Record<string, unknown>>,
): RuleReading {
  const { subject } = rule
  const free = { where: null, endsAtMs: null, match: [], notMatch: [] }
  if (decision !== null && subject.kind === 'write' && subject.path.startsWith('/'))
    return { kind: 'rule', rule: { ...rule, ...free } }
  if (decision !== null && subject.kind === 'command' && subject.tokens[0]?.kind === 'fixed')
    return { kind: 'rule', rule: { ...rule, ...free, subject: { ...subject, openEnd: true } } }
  const command = own(entry, 'command')
  const texts = (Array.isArray(command) ? command : [command]).filter((item) => typeof item === 'string')
  const program = texts[0]?.trim().split(/\s/, 1)[0]
  return { kind: 'suspects', programs: program === undefined || program === '' ? null : [program] }
}

function readDecision(value: unknown, note: Note): RuleDecision | null {
  if (value === 'allow' || value === 'prompt' || value === 'forbidden') return value
  note('invalid-decision', 'The decision is "allow", "prompt" or "forbidden".')
  return null
}

function readSubject(
  entry: Readonly<Record<string, unknown>>,
  restricts: boolean,
  note: Note,
): GatehouseRule['subject'] | null {
  const command = own(entry, 'command')
  const write = own(entry, 'write')
  const openEnd = flagOf(entry, 'open_end', note)
  if (command === undefined && typeof write === 'string') {
    if (own(entry, 'open_end') !== undefined) note('invalid-rule', '`open_end` is for commands.')
    return { kind: 'write', path: write }
  }
  if (write !== undefined || !Array.isArray(command) || command.length === 0) {
    note('invalid-rule', 'A rule has either `command`, a list of words, or `write`, an absolute path.')
    return null
  }
  const tokens = command.map((token) => readToken(token, restricts, note))
  return tokens.every((token) => token !== null) ? { kind: 'command', tokens, openEnd } : null
}

function readToken(value: unknown, restricts: boolean, note: Note): TokenPattern | null {
  if (typeof value === 'string') return { kind: 'fixed', text: value }
  if (isTable(value)) {
    const oneOf = own(value, 'one_of')
    const known = oneOf === undefined ? ['any', 'except'] : ['one_of']
    let plain = true
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue
      plain = false
      noteKey(note, key, known)
    }
    if (isTextList(oneOf) && oneOf.length > 0) return { kind: 'oneOf', texts: oneOf }
    const except = own(value, 'except') ?? []
    if (oneOf === undefined && own(value, 'any') === true && isTextList(except))
      return { kind: 'any', except: plain ? except : [] }
  }
  note(
    'invalid-pattern-element',
    'A word is "text", { one_of = ["a", "b"] } or { any = true, except = ["a*"] }.',
  )
  // A word that cannot be read hides nothing from a restricting rule.
  return restricts ? { kind: 'any', except: [] } : null
}

function readRuns(value: unknown, note: Note): GatehouseRule['runs'] {
  if (value === undefined || value === 'sandbox') return 'sandbox'
  if (value === 'as-asked') return 'asAsked'
  note('invalid-rule', '`runs` is "sandbox" or "as-asked".')
  return 'sandbox'
}

function textOf(entry: Readonly<Record<string, unknown>>, key: string, note: Note): string | null {
  const value = own(entry, key)
  if (value === undefined || typeof value === 'string') return value ?? null
  note('invalid-rule', `\`${key}\` is text in quotes.`)
  return null
}

function flagOf(entry: Readonly<Record<string, unknown>>, key: string, note: Note): boolean {
  const value = own(entry, key)
  if (value === undefined || typeof value === 'boolean') return value ?? false
  note('invalid-rule', `\`${key}\` is true or false.`)
  return false
}

function examplesOf(
  entry: Readonly<Record<string, unknown>>,
  key: string,
  note: Note,
): readonly (readonly string[])[] {
  const value = own(entry, key)
  if (value === undefined) return []
  if (Array.isArray(value) && value.every((item) => isTextList(item) && item.length > 0))
    return value as readonly (readonly string[])[]
  note('invalid-example', `\`${key}\` is a list of commands, each a list of words.`)
  return []
}

/** Milliseconds of a TOML time with an offset; one without could mean any time zone. */
function readTime(entry: Readonly<Record<string, unknown>>, key: string, note: Note): number | null {
  const value = own(entry, key)
  if (value === undefined) return null
  if (value instanceof Date && !isLocalTime(value) && Number.isFinite(value.getTime())) return value.getTime()
  note('invalid-rule', `\`${key}\` is a time with its offset, like 2026-01-31T18:00:00Z, without quotes.`)
  return null
}

/** The TOML reader's dates say whether they came with an offset. */
function isLocalTime(value: Date): boolean {
  const ask: unknown = 'isLocal' in value ? value.isLocal : null
  return typeof ask === 'function' && ask.call(value) === true
}
