import { expect, test } from 'vitest'
import type { Abilities } from '../../../protocol/policy.ts'
import { abilitiesText } from './abilities-words.ts'

const abilities: Abilities = {
  atMs: new Date(2026, 10, 24, 10, 47, 12).getTime(),
  title: 'billing-api',
  rows: [
    {
      what: 'write',
      withoutAsking: [{ text: 'the workspace', source: null }],
      asksFirst: [],
      cannot: [{ text: '.git', source: { file: '/etc/gatehouse/requirements.toml', line: 4 } }],
      decidedBy: [],
    },
  ],
  widest: 'It can edit any file in billing-api and send nothing anywhere.',
  lastDay: ['1 grant was not used.', '2 leases end before 12:00.'],
  sandbox: 'bwrap, verified 3 s ago.',
}

test('the text names every column of a row, and the line that decides a cell', () => {
  expect(abilitiesText(abilities).split('\n')).toEqual([
    expect.stringMatching(/^What can billing-api do right now\? As of 2026-11-2\d, 10:47:12$/),
    '',
    'Write files',
    '  Without asking: the workspace',
    '  Asks first: nothing',
    '  Cannot: .git (/etc/gatehouse/requirements.toml:4)',
    '  Decided by: what is built in',
    '',
    'Widest thing it can do alone: It can edit any file in billing-api and send nothing anywhere.',
    'Last 24 hours: 1 grant was not used. 2 leases end before 12:00.',
    'Sandbox: bwrap, verified 3 s ago.',
  ])
})

test('nothing about the last day leaves no line', () => {
  expect(abilitiesText({ ...abilities, lastDay: [] })).not.toContain('Last 24 hours')
})
