import { expect, test } from 'vitest'
import type { Json } from '../../../protocol/config.ts'
import type { ConfigView } from '../../../protocol/policy.ts'
import type { Downgrade } from '../../../protocol/requirements.ts'
import {
  fiveFacts,
  isLocked,
  orderedNotices,
  ownChoice,
  unsaidProblems,
  valueText,
} from './permission-words.ts'

test.each([
  ['on-request', 'on-request'],
  ['', '""'],
  [false, 'false'],
  [0, '0'],
  [null, 'not set'],
  [[], 'none'],
  [{}, 'none'],
  [['AWS_*', 'AZURE_*'], 'AWS_*, AZURE_*'],
  [{ a: ['b', 'c'] }, '{ a = [b, c] }'],
  [
    { granular: { rules: true, sandbox_approval: false } },
    '{ granular = { rules = true, sandbox_approval = false } }',
  ],
])('%j is written %s', (value, text) => {
  expect(valueText(value as Json)).toBe(text)
})

test('a value of any depth is written, without its depths', () => {
  let deep: Json = 'end'
  for (let i = 0; i < 20_000; i++) deep = [deep]
  expect(valueText(deep)).toBe('[[[[[[[[…]]]]]]]]')
})

const downgrade: Downgrade = {
  key: 'approval_policy',
  chosen: 'never',
  allowed: ['untrusted', 'on-request'],
  inForce: 'on-request',
  nearest: 'on-request',
  setBy: '/etc/gatehouse/requirements.toml:4',
  reason: 'somebody answers here',
}

test('a lock tells five things, and where the limit stands', () => {
  expect(fiveFacts(downgrade)).toEqual({
    chosen: 'never',
    allowed: 'untrusted, on-request',
    inForce: 'on-request',
    setBy: { file: '/etc/gatehouse/requirements.toml', line: 4 },
    kept: 'Your choice is kept and returns when it is permitted.',
    why: 'somebody answers here',
  })
})

test('a limit that has a name and no place is told by its name', () => {
  expect(fiveFacts({ ...downgrade, setBy: 'acme-baseline v7', reason: '' })).toMatchObject({
    setBy: { name: 'acme-baseline v7' },
    why: null,
  })
})

const view = (over: Partial<ConfigView>): ConfigView => ({
  values: [],
  layers: [],
  notices: [],
  downgrades: [],
  ...over,
})
const value = (layer: 'user' | 'folder' | 'builtin' | 'managed') => ({
  key: 'approval_policy',
  value: 'on-request',
  origin: { layer, file: '/f', line: 3 },
})

test.each([
  ['nothing is known of it', view({}), null, null],
  ['the own file decides', view({ values: [value('user')] }), 'on-request', null],
  ['it is built in', view({ values: [value('builtin')] }), null, null],
  ['the folder decides', view({ values: [value('folder')] }), null, 'folder'],
  ['it was lowered', view({ values: [value('managed')], downgrades: [downgrade] }), 'never', null],
])('the own choice when %s', (_title, given, own, overriddenBy) => {
  const choice = ownChoice(given, 'approval_policy')
  expect(choice.own).toBe(own)
  expect(choice.overriddenBy?.layer ?? null).toBe(overriddenBy)
})

test('a managed value is locked, and so is one that was lowered', () => {
  expect(isLocked(value('managed'), [])).toBe(true)
  expect(isLocked(value('user'), [downgrade])).toBe(true)
  expect(isLocked(value('user'), [{ ...downgrade, key: 'web_search' }])).toBe(false)
})

const notice = (level: 'info' | 'warning' | 'problem', message: string, line = 9) => ({
  level,
  code: 'x',
  message,
  place: { file: '/c.toml', line },
})

test('problems stand first, and the same notice of two calls stands once', () => {
  const same = notice('problem', 'unknown key')
  expect(
    orderedNotices([notice('info', 'a'), same], [same, notice('warning', 'b')]).map(({ message }) => message),
  ).toEqual(['unknown key', 'b', 'a'])
})

test('an older problem is told only where no notice speaks of its line', () => {
  expect(
    unsaidProblems(['/c.toml, line 9: unknown key', '/c.toml, line 90: other'], [notice('problem', 'x')]),
  ).toEqual(['/c.toml, line 90: other'])
})
