import { expect, test } from 'vitest'
import type { Ability } from '../../../protocol/policy.ts'
import { type Settings, settingsOf } from '../../../protocol/settings.ts'
import { decode } from '../../testing/decoder.ts'
import { lookupOf } from '../../testing/lookup-of.ts'
import { lookup } from '../../testing/rules.ts'
import { type AbilityFacts, abilitiesOf } from './abilities.ts'

const of = (settings: Settings, more: Partial<AbilityFacts> = {}) => {
  const abilities = abilitiesOf({
    nowMs: 1_000,
    title: 'demo',
    folder: '/w',
    context: { settings, rules: lookup(''), decode },
    rows: [],
    past: [],
    hosts: [],
    room: { writePaths: [], network: false },
    sandbox: 'bubblewrap',
    secrets: [],
    ...more,
  })
  const row = (what: Ability['what']): Record<'runs' | 'asks' | 'cannot', string[]> => {
    const found = abilities.rows.find((r) => r.what === what)
    const texts = (cells: Ability['cannot'] | undefined): string[] => (cells ?? []).map(({ text }) => text)
    return { runs: texts(found?.withoutAsking), asks: texts(found?.asksFirst), cannot: texts(found?.cannot) }
  }
  return { abilities, row }
}

// prettier-ignore
test.each<[string, Settings, string[], string[], string[]]>([
  [
    'read only',
    settingsOf('read-only'),
    [],
    ['the workspace', '.git, .gatehouse, .codex, .agents', 'elsewhere'],
    [],
  ],
  ['auto', settingsOf('auto'), ['the workspace'], ['.git, .gatehouse, .codex, .agents', 'elsewhere'], []],
  [
    'never',
    { ...settingsOf('auto'), approvalPolicy: 'never' },
    ['the workspace'],
    [],
    ['.git, .gatehouse, .codex, .agents', 'elsewhere'],
  ],
  [
    'full access',
    settingsOf('full-access'),
    ['the workspace', '.git, .gatehouse, .codex, .agents', 'elsewhere'],
    [],
    [],
  ],
])('writing under %s', (_title, settings, runs, asks, cannot) => {
  expect(of(settings).row('write')).toEqual({ runs, asks, cannot })
})

test('running is told by the judge: known reads, others, deletes, what cannot be read, without the sandbox', () => {
  const auto = of(settingsOf('auto')).row('run')
  expect(auto.runs).toEqual(['commands known to only read', 'other commands, inside the sandbox'])
  expect(auto.asks).toEqual([
    'deletes without a copy',
    'what cannot be told by reading',
    'without the sandbox',
  ])
  const untrusted = of({ ...settingsOf('auto'), approvalPolicy: 'untrusted' }).row('run')
  expect(untrusted.runs).toEqual(['commands known to only read'])
  expect(of({ ...settingsOf('auto'), approvalPolicy: 'never' }).row('run').cannot).toContain(
    'without the sandbox',
  )
})

test('rules change what is said about running', () => {
  const rules = lookup('prefix_rule(pattern=["make"], decision="forbidden")')
  const context = { settings: settingsOf('auto'), rules, decode }
  expect(of(settingsOf('auto'), { context }).row('run').cannot).toContain(
    'other commands, inside the sandbox',
  )
})

test('room that was given for a while is named', () => {
  const { row, abilities } = of(settingsOf('auto'), { room: { writePaths: ['/out'], network: true } })
  expect(row('write').runs).toContain('/out, for this session')
  expect(row('network').runs).toEqual(['every host, for this session'])
  expect(abilities.widest).toContain('send what it reads anywhere')
})

test('a secret that is closed is told as closed, also below a closed folder', () => {
  const settings = { ...settingsOf('auto'), deniedReads: ['/w/.env', '/w/keys'] }
  const { row } = of(settings, { secrets: ['/w/.env', '/w/id_rsa', '/w/keys/a.pem'] })
  expect(row('secrets').cannot).toEqual(expect.arrayContaining(['/w/.env', '/w/keys/a.pem']))
  expect(row('secrets').runs).toEqual(['/w/id_rsa'])
})

test('the widest thing it can do without asking', () => {
  expect(of(settingsOf('auto')).abilities.widest).toBe(
    'It can edit any file in w and send nothing anywhere without asking.',
  )
  expect(of(settingsOf('read-only')).abilities.widest).toContain('read any file of your account')
  expect(of(settingsOf('full-access')).abilities.widest).toContain('there is no boundary')
})

test('write rules are asked too: a closed workspace is not offered', () => {
  const rules = lookupOf([
    {
      kind: 'gatehouse',
      id: 'a',
      decision: 'forbidden',
      subject: { kind: 'write', path: '/w' },
      where: null,
      runs: 'sandbox',
      endsAtMs: null,
      createdAtMs: 0,
      note: null,
      reviewed: true,
      match: [],
      notMatch: [],
      place: { file: 'gatehouse.toml', line: 1, column: 1 },
      range: { from: 0, to: 0 },
    },
  ])
  const { row } = of(settingsOf('auto'), { context: { settings: settingsOf('auto'), rules, decode } })
  expect(row('write').cannot).toContain('the workspace')
})
