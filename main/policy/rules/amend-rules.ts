import { networkHost } from './network-host.ts'
import { parseRules } from './parse-rules.ts'
import { type NetworkDraft, type PrefixDraft, printNetworkRule, printPrefixRule } from './print-rule.ts'
import type { RuleSet, TextRange } from './rule.ts'

/** A changed file, or why it stays as it is. The reason is a sentence for the person. */
export type Amendment =
  | { readonly kind: 'amended'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: string }

const refused = (reason: string): Amendment => ({ kind: 'refused', reason })

/** Adds a rule at the end of a `*.rules` file; the same text when the very line is there already. */
export function appendPrefixRule(text: string, rule: PrefixDraft): Amendment {
  const statement = printPrefixRule(rule, lineEndOf(text))
  const wanted = rule.pattern[0]?.map((program) =>
    prefixKey({ ...rule, pattern: [[program], ...rule.pattern.slice(1)] }),
  )
  return append(text, statement, wanted ?? [])
}

/** Adds a network rule at the end of a `*.rules` file; the same text when the very line is there already. */
export function appendNetworkRule(text: string, rule: NetworkDraft): Amendment {
  const read = networkHost(rule.host)
  if ('problem' in read) return refused(read.problem)
  return append(text, printNetworkRule(rule), [networkKey({ ...rule, host: read.host })])
}

/** Puts `statement` where a rule stands. The rest of the file stays, byte for byte, and means what it meant. */
export function replaceStatement(text: string, range: TextRange, statement: string): Amendment {
  const fresh: TextRange = { from: range.from, to: range.from + statement.length }
  return replace(text, range, statement, fresh)
}

/** Takes a rule out, with its lines when nothing else stands on them. Comments stay. */
export function removeStatement(text: string, range: TextRange): Amendment {
  const lines = wholeLines(text, range)
  return replace(text, range, '', null, lines)
}

function replace(
  text: string,
  range: TextRange,
  statement: string,
  fresh: TextRange | null,
  cut: TextRange = range,
): Amendment {
  const before = read(text)
  if (before.problems[0]) return refused(`The file has a problem. ${before.problems[0].message}`)
  const stands = [...before.prefix, ...before.hostExecutables, ...before.network].some((rule) =>
    sameRange(rule.range, range),
  )
  if (!stands) return refused('The file has changed: the rule is no longer where it was. Read it again.')
  const amended = text.slice(0, cut.from) + statement + text.slice(cut.to)
  const after = read(amended)
  if (after.problems[0]) return refused(`The file would no longer be read. ${after.problems[0].message}`)
  if (fresh && keys(after, fresh).length === keys(after, null).length)
    return refused('The new statement is no rule.')
  return same(keys(before, range), keys(after, fresh))
    ? { kind: 'amended', text: amended }
    : refused('The change would also change other rules of this file. Edit the file itself.')
}

function append(text: string, statement: string, wanted: readonly string[]): Amendment {
  const before = read(text)
  if (before.problems[0]) return refused(`The file has a problem. ${before.problems[0].message}`)
  const end = lineEndOf(text)
  if (text.split(/\r?\n/).includes(statement)) return { kind: 'amended', text }
  const gap = text === '' || text.endsWith('\n') ? '' : end
  const amended = `${text}${gap}${statement}${end}`
  const after = read(amended)
  if (after.problems[0]) return refused(`The rule cannot be written. ${after.problems[0].message}`)
  const expected = [...keys(before, null), ...wanted].toSorted()
  return same(expected, keys(after, null).toSorted())
    ? { kind: 'amended', text: amended }
    : refused('Written at the end of this file the rule would mean something else. Edit the file itself.')
}

const read = (text: string): RuleSet => parseRules([{ file: 'rules', text }])

const sameRange = (a: TextRange, b: TextRange): boolean => a.from === b.from && a.to === b.to
const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((key, at) => key === b[at])

/** What rules of a file say, in order, without those that stand at `except`. */
function keys(set: RuleSet, except: TextRange | null): readonly string[] {
  const kept = <Rule extends { readonly range: TextRange }>(rules: readonly Rule[]): readonly Rule[] =>
    rules.filter((rule) => except === null || !sameRange(rule.range, except))
  return [
    ...kept(set.prefix).map(prefixKey),
    ...kept(set.hostExecutables).map((host) => JSON.stringify(['host', host.name, host.paths])),
    ...kept(set.network).map(networkKey),
  ]
}

function prefixKey(rule: PrefixDraft): string {
  const { pattern, decision, justification, match, notMatch, anyCase } = rule
  return JSON.stringify(['prefix', pattern, decision, justification, match, notMatch, anyCase ?? false])
}

function networkKey(rule: NetworkDraft): string {
  return JSON.stringify(['network', rule.host, rule.protocol, rule.decision, rule.justification])
}

/** The line end a file uses; what is written ends its lines the same way. */
export function lineEndOf(text: string): string {
  const first = text.indexOf('\n')
  return first > 0 && text.charAt(first - 1) === '\r' ? '\r\n' : '\n'
}

/** The range with its line end and indentation when nothing else stands on its lines. */
function wholeLines(text: string, range: TextRange): TextRange {
  const from = text.lastIndexOf('\n', range.from - 1) + 1
  const found = text.indexOf('\n', range.to)
  const to = found === -1 ? text.length : found + 1
  const alone =
    text.slice(range.from === 0 ? 0 : from, range.from).trim() === '' &&
    text.slice(range.to, to).trim() === ''
  return alone ? { from: range.from === 0 ? 0 : from, to } : range
}
