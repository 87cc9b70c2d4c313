import type { RuleRow } from '../../../protocol/rules.ts'
import { ruleDecisionWords } from './rule-words.ts'

/** What asks for a look at a rule; each is also a filter. */
export const healthKinds = ['unused', 'covered', 'unreviewed'] as const
export type Health = (typeof healthKinds)[number]

export const unusedDays = 30

const groups = ['managed', 'workspace', 'you', 'leases'] as const satisfies readonly RuleRow['group'][]

export type RuleGroup = {
  readonly group: RuleRow['group']
  readonly rows: readonly RuleRow[]
}

/**
 * What is worth a look. Rules of an administrator are not for the person to tidy; a rule that is younger than the
 * span cannot have been unused for all of it.
 */
export function healthOf(row: RuleRow, nowMs: number): readonly Health[] {
  if (row.lockedBy !== null) return []
  const since = nowMs - unusedDays * 86_400_000
  const last = row.lastUsedAtMs ?? row.createdAtMs
  return [
    ...(row.endsAtMs === null && (last === null || last < since) ? (['unused'] as const) : []),
    ...(row.coveredBy === null ? [] : (['covered'] as const)),
    ...(row.reviewed ? [] : (['unreviewed'] as const)),
  ]
}

export function countHealth(rows: readonly RuleRow[], nowMs: number): Readonly<Record<Health, number>> {
  const all = rows.flatMap((row) => healthOf(row, nowMs))
  const count = (kind: Health): number => all.filter((each) => each === kind).length
  return { unused: count('unused'), covered: count('covered'), unreviewed: count('unreviewed') }
}

/** Every word of the filter must occur somewhere in what the row says. */
function contains(row: RuleRow, filter: string): boolean {
  const text = [
    row.what,
    row.sentence,
    row.where ?? 'everywhere',
    row.note ?? '',
    row.source.file,
    row.lockedBy ?? '',
    ruleDecisionWords[row.decision],
  ]
    .join('\n')
    .toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** Groups by who decides, strictest authority first. Empty groups are left out; the order within is the host's. */
export function groupRules(
  rows: readonly RuleRow[],
  filter: string,
  health: Health | null,
  nowMs: number,
): readonly RuleGroup[] {
  const shown = rows.filter(
    (row) => contains(row, filter.trim()) && (health === null || healthOf(row, nowMs).includes(health)),
  )
  return groups.flatMap((group) => {
    const own = shown.filter((row) => row.group === group)
    return own.length === 0 ? [] : [{ group, rows: own }]
  })
}

/** The rule a line belongs to: the last one that begins at or before it. null: none in that file. */
export function ruleAt(rows: readonly RuleRow[], file: string, line: number): RuleRow | null {
  const before = rows.filter(({ source }) => source.file === file && source.line <= line)
  return before.toSorted((a, b) => b.source.line - a.source.line)[0] ?? null
}
