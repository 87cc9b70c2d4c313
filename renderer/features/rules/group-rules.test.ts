import { expect, test } from 'vitest'
import type { RuleRow } from '../../../protocol/rules.ts'
import { countHealth, groupRules, healthOf, ruleAt } from './group-rules.ts'
import { shortAgo } from './rule-words.ts'

const day = 86_400_000
const now = 1000 * day
const row = (id: string, more: Partial<RuleRow> = {}): RuleRow => ({
  id,
  group: 'you',
  decision: 'allow',
  what: id,
  sentence: `Allow ${id}.`,
  where: null,
  runs: null,
  endsAtMs: null,
  createdAtMs: now - day,
  used: 0,
  lastUsedAtMs: null,
  source: { file: '/r', line: 1 },
  note: null,
  reviewed: true,
  coveredBy: null,
  lockedBy: null,
  draft: null,
  ...more,
})

test('groups stand in the order of who decides, and empty ones are left out', () => {
  const rows = [row('a', { group: 'leases' }), row('b', { group: 'managed' }), row('c')]
  expect(groupRules(rows, '', null, now).map(({ group }) => group)).toEqual(['managed', 'you', 'leases'])
})

test('every word of the filter must occur, in any field and any case', () => {
  const rows = [
    row('git push', { where: '/src/billing-api', note: 'Own branches' }),
    row('git pull', { where: '/src/infra' }),
  ]
  const shown = (filter: string) =>
    groupRules(rows, filter, null, now).flatMap((each) => each.rows.map(({ id }) => id))
  expect(shown('GIT billing')).toEqual(['git push'])
  expect(shown('branches')).toEqual(['git push'])
  expect(shown('git')).toHaveLength(2)
  expect(shown('ask')).toEqual([])
  expect(shown('nothing like it')).toEqual([])
})

test.each<[string, Partial<RuleRow>, readonly string[]]>([
  ['young and never used', { createdAtMs: now - day }, []],
  ['old and never used', { createdAtMs: now - 31 * day }, ['unused']],
  ['old, used yesterday', { createdAtMs: now - 90 * day, lastUsedAtMs: now - day }, []],
  ['old, last used long ago', { createdAtMs: now - 90 * day, lastUsedAtMs: now - 40 * day }, ['unused']],
  ['of unknown age and never used', { createdAtMs: null }, ['unused']],
  ['a lease, which ends anyway', { createdAtMs: null, endsAtMs: now + day }, []],
  ['covered and unreviewed', { coveredBy: 'x', reviewed: false }, ['covered', 'unreviewed']],
  ['managed', { createdAtMs: null, coveredBy: 'x', lockedBy: 'acme' }, []],
])('a rule that is %s needs a look for %j', (_, more, kinds) => {
  expect(healthOf(row('a', more), now)).toEqual(kinds)
})

test('each health filter shows as many rows as it counts', () => {
  const rows = [row('a', { createdAtMs: null }), row('b', { coveredBy: 'a', createdAtMs: null }), row('c')]
  const counts = countHealth(rows, now)
  expect(counts).toEqual({ unused: 2, covered: 1, unreviewed: 0 })
  for (const kind of ['unused', 'covered', 'unreviewed'] as const) {
    expect(groupRules(rows, '', kind, now).flatMap((each) => each.rows)).toHaveLength(counts[kind])
  }
})

test('a line belongs to the last rule that begins at or before it, in its own file only', () => {
  const at = (line: number) => ({ source: { file: '/r', line } })
  const rows = [row('a', at(3)), row('b', at(9)), row('other', { source: { file: '/s', line: 1 } })]
  expect(ruleAt(rows, '/r', 9)?.id).toBe('b')
  expect(ruleAt(rows, '/r', 8)?.id).toBe('a')
  expect(ruleAt(rows, '/r', 2)).toBeNull()
  expect(ruleAt(rows, '/t', 9)).toBeNull()
})

test.each([
  [null, 'never'],
  [now, 'now'],
  [now - 5 * 60_000, '5 min'],
  [now - 3 * 3_600_000, '3 h'],
  [now - 9 * day, '9 d'],
  [now + day, 'now'],
])('last used at %s is said as %s', (atMs, words) => {
  expect(shortAgo(atMs, now)).toBe(words)
})
