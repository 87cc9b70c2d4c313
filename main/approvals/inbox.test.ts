import { expect, test } from 'vitest'
import type { ApprovalId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { RuleDraft } from '../../protocol/rule-draft.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { approvalRequest } from '../testing/requests.ts'
import { Inbox } from './inbox.ts'

type Options = { undoMs?: number; failLog?: () => boolean; refuseRule?: string; failSave?: boolean }

function setUp(options: Options = {}) {
  const saved: RuleDraft[] = []
  const clock = new FakeClock()
  const log: LogEntry[] = []
  const inbox = new Inbox({
    clock,
    checkRule: async () => options.refuseRule ?? null,
    saveRule: async (_request, rule) => {
      if (options.failSave) throw new Error('disk full')
      saved.push(rule)
    },
    undoMs: () => options.undoMs ?? 0,
  })
  const write = async (entry: LogEntry): Promise<void> => {
    if (options.failLog?.()) throw new Error('disk full')
    log.push(entry)
  }
  const types = (): string[] => log.map((e) => e.type)
  return { clock, log, inbox, write, types, saved }
}
const answer = (offerId: 'once' | 'session' | 'deny' | 'denyStop' | 'smaller' | 'rule', more = {}) => ({
  id: 'ap_1' as ApprovalId,
  revision: 1,
  offerId,
  lookMs: 800,
  ...more,
})
const settled = async <T>(promise: Promise<T>): Promise<T | 'open'> =>
  Promise.race([promise, new Promise<'open'>((r) => setTimeout(() => r('open'), 5))])

test('a decision is on the disk before anybody is told', async () => {
  const { inbox, write, types } = setUp()
  const asked = inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  expect(types()).toEqual(['request'])
  expect(await inbox.decide(answer('once'), 'user')).toMatchObject({ status: 'recorded' })
  expect(types()).toEqual(['request', 'decision'])
  expect(await asked).toMatchObject({
    kind: 'decided',
    by: 'user',
    decision: { type: 'accept', offerId: 'once' },
  })
})

test('an allow is released after the undo time, and not before', async () => {
  const { inbox, write, clock } = setUp({ undoMs: 1500 })
  const asked = inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  await inbox.decide(answer('once'), 'user')
  clock.advance(1499)
  expect(await settled(asked)).toBe('open')
  clock.advance(1)
  expect(await asked).toMatchObject({ kind: 'decided' })
})

test('undo brings the question back, and both stand in the log', async () => {
  const { inbox, write, clock, types } = setUp({ undoMs: 1500 })
  const asked = inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  await inbox.decide(answer('once'), 'user')
  expect(await inbox.undo('ap_1' as ApprovalId)).toBe('restored')
  clock.advance(5000)
  expect(await settled(asked)).toBe('open')
  expect(inbox.waiting()).toBe(1)
  await inbox.decide(answer('deny', { note: '  use a PR ' }), 'user')
  expect(await asked).toMatchObject({ decision: { type: 'decline', note: 'use a PR' } })
  expect(types()).toEqual(['request', 'decision', 'decisionUndone', 'decision'])
  expect(await inbox.undo('ap_1' as ApprovalId)).toBe('tooLate')
})

const rule: RuleDraft = {
  decision: 'allow',
  subject: { kind: 'command', tokens: [{ kind: 'fixed', text: 'make' }], openEnd: false },
  where: null,
  runs: 'sandbox',
  endsAtMs: null,
  note: null,
  match: [],
  notMatch: [],
}

test('a rule is saved when its answer can no longer be taken back', async () => {
  const { inbox, write, clock, saved } = setUp({ undoMs: 8000 })
  const asked = inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  expect(await inbox.decide(answer('rule', { rule }), 'user')).toMatchObject({ status: 'recorded' })
  expect(saved).toEqual([])
  clock.advance(8000)
  expect(await asked).toMatchObject({ decision: { type: 'acceptWithAmendment', rule } })
  expect(saved).toEqual([rule])
})

test('taken back in time, nothing is saved', async () => {
  const { inbox, write, clock, saved } = setUp({ undoMs: 8000 })
  void inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  await inbox.decide(answer('rule', { rule }), 'user')
  expect(await inbox.undo('ap_1' as ApprovalId)).toBe('restored')
  clock.advance(20_000)
  expect(saved).toEqual([])
})

test('a rule comes with its own answer and with no other', async () => {
  const { inbox, write, types, saved } = setUp()
  void inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  expect(await inbox.decide(answer('rule'), 'user')).toEqual({ status: 'notOffered' })
  expect(await inbox.decide(answer('once', { rule }), 'user')).toEqual({ status: 'notOffered' })
  expect([types(), saved]).toEqual([['request'], []])
})

test('a rule that is no answer answers nothing', async () => {
  const { inbox, write, types } = setUp({ refuseRule: 'It ended already.' })
  const asked = inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  expect(await inbox.decide(answer('rule', { rule }), 'user')).toEqual({
    status: 'ruleRefused',
    why: 'It ended already.',
  })
  expect([types(), await settled(asked)]).toEqual([['request'], 'open'])
})

test('when the rule cannot be saved, this one answer still stands', async () => {
  const { inbox, write } = setUp({ failSave: true })
  const asked = inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  await inbox.decide(answer('rule', { rule }), 'user')
  expect(await asked).toMatchObject({ kind: 'decided', decision: { type: 'acceptWithAmendment' } })
})

test('a denial is told at once', async () => {
  const { inbox, write } = setUp({ undoMs: 1500 })
  const asked = inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  await inbox.decide(answer('deny'), 'user')
  expect(await asked).toMatchObject({ decision: { type: 'decline' } })
})

test('the first answer wins, also while it is being written', async () => {
  const { inbox, write, types } = setUp({ undoMs: 1500 })
  void inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  const [first, second] = await Promise.all([
    inbox.decide(answer('once'), 'user'),
    inbox.decide(answer('deny'), 'user'),
  ])
  expect(first.status).toBe('recorded')
  expect(second).toEqual({ status: 'alreadyDecided', by: 'user' })
  expect(types().filter((t) => t === 'decision')).toHaveLength(1)
})

// prettier-ignore
test.each([
  [
    'an answer to an older card',
    answer('once', { revision: 7 }),
    { status: 'changedSinceShown', revision: 1 },
  ],
  ['an answer that was not offered', answer('smaller'), { status: 'notOffered' }],
  ['an edit with a lasting answer', answer('session', { editedCommand: 'true' }), { status: 'notOffered' }],
  ['an edit with a denial', answer('deny', { editedCommand: 'true' }), { status: 'notOffered' }],
  ['an answer to no question', { ...answer('once'), id: 'ap_9' as ApprovalId }, { status: 'noLongerNeeded' }],
])('%s changes nothing', async (_title, params, expected) => {
  const { inbox, write, types } = setUp()
  const asked = inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  expect(await inbox.decide(params, 'user')).toEqual(expected)
  expect(types()).toEqual(['request'])
  expect(await settled(asked)).toBe('open')
})

test('a critical request wants its word typed, exactly', async () => {
  const { inbox, write } = setUp()
  void inbox.ask(approvalRequest({ tier: 'critical', echo: 'pre-commit' }), write)
  await Promise.resolve()
  expect(await inbox.decide(answer('once'), 'user')).toEqual({ status: 'echoWrong' })
  expect(await inbox.decide(answer('once', { echo: 'Pre-commit' }), 'user')).toEqual({ status: 'echoWrong' })
  expect(await inbox.decide(answer('once', { echo: 'pre-commit' }), 'user')).toMatchObject({
    status: 'recorded',
  })
})

test('denying needs no word', async () => {
  const { inbox, write } = setUp()
  void inbox.ask(approvalRequest({ tier: 'critical', echo: 'pre-commit' }), write)
  await Promise.resolve()
  expect(await inbox.decide(answer('deny'), 'user')).toMatchObject({ status: 'recorded' })
})

test('an allow that cannot be recorded does not happen; a denial does', async () => {
  let full = false
  const { inbox, write } = setUp({ failLog: () => full })
  const asked = inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  full = true
  await expect(inbox.decide(answer('once'), 'user')).rejects.toThrow(/could not be written/)
  expect(await settled(asked)).toBe('open')
  expect(inbox.waiting()).toBe(1)
  expect(await inbox.decide(answer('deny'), 'user')).toMatchObject({ status: 'recorded' })
  expect(await asked).toMatchObject({ decision: { type: 'decline' } })
})

test('a question that cannot be recorded is never shown', async () => {
  const { inbox, write } = setUp({ failLog: () => true })
  await expect(inbox.ask(approvalRequest(), write)).rejects.toThrow('disk full')
  expect(inbox.requests).toEqual([])
})

test('narrowing withdraws also what was answered but not yet released', async () => {
  const { inbox, write, clock, types } = setUp({ undoMs: 1500 })
  const asked = inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  await inbox.decide(answer('once'), 'user')
  expect(inbox.withdraw(() => true, 'settingsChanged')).toBe(1)
  clock.advance(5000)
  expect(await asked).toEqual({ kind: 'withdrawn', reason: 'settingsChanged' })
  expect(types()).toEqual(['request', 'decision', 'withdrawn'])
  expect(await inbox.decide(answer('once'), 'user')).toEqual({ status: 'noLongerNeeded' })
})

test('parked requests wait, are not counted, and can be answered', async () => {
  const { inbox, write } = setUp()
  const asked = inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  expect(await inbox.park('ap_1' as ApprovalId, true)).toBe('recorded')
  expect(inbox.waiting()).toBe(0)
  await inbox.decide(answer('once'), 'user')
  expect(await asked).toMatchObject({ kind: 'decided' })
})

test('ended requests leave the list after a minute', async () => {
  const { inbox, write, clock } = setUp()
  void inbox.ask(approvalRequest(), write)
  await Promise.resolve()
  await inbox.decide(answer('deny'), 'user')
  clock.advance(59_999)
  expect(inbox.requests).toHaveLength(1)
  clock.advance(1)
  expect(inbox.requests).toEqual([])
})
