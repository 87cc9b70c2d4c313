import { expect, test } from 'vitest'
import type { PresetChoice } from '../../../protocol/policy.ts'
import { type Granular, settingsOf } from '../../../protocol/settings.ts'
import { changesOf, directionOf, granularWords, orderedChoices, replayWords } from './preset-words.ts'

test.each([
  ['read-only', 'auto', 'wider'],
  ['auto', 'auto', 'same'],
  ['auto', 'read-only', 'narrower'],
  ['full-access', 'auto', 'narrower'],
  ['auto', 'full-access', 'wider'],
] as const)('from %s to %s is %s', (from, to, expected) => {
  expect(directionOf(settingsOf(from), to)).toBe(expected)
})

const off: Granular = {
  sandboxApproval: false,
  rules: false,
  mcpElicitations: false,
  requestPermissions: false,
  skillApproval: false,
}
test.each([
  [off, 'nothing; refuses whatever would be asked'],
  [
    { ...off, rules: true, sandboxApproval: true },
    'about leaving the boundary, rules that say ask; refuses questions of tools, room in advance, skills',
  ],
  [
    {
      rules: true,
      sandboxApproval: true,
      mcpElicitations: true,
      requestPermissions: true,
      skillApproval: true,
    },
    'about leaving the boundary, rules that say ask, questions of tools, room in advance, skills',
  ],
])('a switch per kind of question is read out: %j', (granular, words) => {
  expect(granularWords(granular)).toBe(words)
})

test('the change of a session with a switch per kind names the kinds', () => {
  const now = {
    ...settingsOf('auto'),
    approvalPolicy: 'granular' as const,
    granular: { ...off, rules: true },
  }
  expect(changesOf(now, 'auto')[1]).toEqual({
    about: 'Asks',
    from: 'about rules that say ask; refuses leaving the boundary, questions of tools, room in advance, skills',
    to: 'to leave the boundary',
  })
})

const replay = (asks: number): PresetChoice['replay'] => ({
  days: 7,
  asks,
  wouldAsk: asks,
  wouldRun: 0,
  wouldForbid: 0,
  deniedThatWouldRun: [],
})
const choice = (preset: PresetChoice['preset']): PresetChoice => ({
  preset,
  current: false,
  lock: null,
  gains: [],
  losses: [],
  replay: replay(0),
})

test('presets stand from least to most room, however the host orders them, known or not', () => {
  const ordered = orderedChoices([choice('full-access'), choice('read-only')])
  expect(ordered.map((each) => [each.preset, each.choice !== null])).toEqual([
    ['read-only', true],
    ['auto', false],
    ['full-access', true],
  ])
})

test.each([
  [0, 'Not known yet: nothing was asked in the last 7 days.', 0],
  [1, '1 question only; how it usually goes is not known yet. Of these', 3],
  [4, '4 questions only; how it usually goes is not known yet. Of these', 3],
  [1062, '1,062 questions. Of these', 3],
])('%i questions of last week', (asks, sentence, counts) => {
  const words = replayWords(replay(asks))
  expect(words.sentence).toBe(sentence)
  expect(words.counts).toHaveLength(counts)
})
