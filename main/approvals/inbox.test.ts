import { expect, test } from 'vitest'
import type { ApprovalId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { approvalRequest } from '../testing/requests.ts'
import { Inbox } from './inbox.ts'

function setUp(options: { undoMs?: number; failLog?: () => boolean } = {}) {
  const clock = new FakeClock()
  const log: LogEntry[] = []
  const inbox = new Inbox({
    clock,
    checkRule: async () => null,
    saveRule: async () => {},
    undoMs: () => options.undoMs ?? 0,
  })
  const write = async (entry: LogEntry): Promise<void> => {
    if (options.failLog?.()) throw new Error('disk full')
    log.push(entry)
  }
  const types = (): string[] => log.map((e) => e.type)
  return { clock, log, inbox, write, types }
}
const answer = (offerId: 'once' | 'session' | 'deny' | 'denyStop' | 'smaller', more = {}) => ({
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
