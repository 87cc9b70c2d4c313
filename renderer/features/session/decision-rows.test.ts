import { expect, test } from 'vitest'
import { decisionRows } from './decision-rows.ts'
import { command } from './test-items.ts'

const review = {
  kind: 'review',
  origin: { kind: 'outsideWorkspace', path: '/etc/hosts' },
  justification: null,
} as const
const decision = { note: null, by: 'user', atMs: 5000, waitedMs: 4000, lookMs: 900 }

// prettier-ignore
test.each([
  ['allowed once', { decision: { ...decision, type: 'accept' } }, 'allowed once', 'allowed'],
  [
    'allowed for the session',
    { decision: { ...decision, type: 'acceptForSession' } },
    'allowed for this session',
    'allowed',
  ],
  ['denied', { decision: { ...decision, type: 'decline' } }, 'denied', 'denied'],
  ['denied and stopped', { decision: { ...decision, type: 'cancel' } }, 'denied and stopped', 'denied'],
  [
    'the app stopped',
    { unanswered: 'the app stopped', state: 'cutShort' },
    'not answered: the app stopped',
    'unanswered',
  ],
  ['cut short without a word', { state: 'cutShort' }, 'not answered: the app stopped', 'unanswered'],
  ['still open', { state: 'held' }, 'waits for you', 'open'],
] as const)('%s', (_title, over, answer, outcome) => {
  expect(decisionRows([command('x', { verdict: review, ...over })])[0]).toMatchObject({ answer, outcome })
})

test('a row says what the verdict was, because of what, who answered and how long it took', () => {
  const item = command('x', { verdict: review, decision: { ...decision, type: 'accept' } })
  expect(decisionRows([item])[0]).toMatchObject({
    verdict: 'ask first',
    origin: 'outside the workspace: /etc/hosts',
    by: 'you',
    answeredAtMs: 5000,
    waitedMs: 4000,
    lookMs: 900,
    turn: 1,
  })
})

test('what ran without a question is not a decision', () => {
  expect(decisionRows([command('ls')])).toEqual([])
})

test('forbidden without a question is a row with its reason', () => {
  const verdict = { ...review, kind: 'forbid', justification: 'never on this machine' } as const
  expect(decisionRows([command('x', { verdict, state: 'refused' })])[0]).toMatchObject({
    outcome: 'forbidden',
    answer: 'never on this machine',
    by: '',
  })
})
