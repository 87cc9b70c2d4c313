import { expect, test } from 'vitest'
import type { HostAccessAction } from '../../protocol/action.ts'
import type { ApprovalId, SessionId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { approvalRequest } from '../testing/requests.ts'
import { Inbox, type InboxChange } from './inbox.ts'

const to = (host: string): HostAccessAction => ({
  kind: 'hostAccess',
  runActionId: 'ac_run' as never,
  host,
  port: 443,
  protocol: 'https',
  via: 'connect',
  request: null,
  process: null,
  cwd: '/w',
  escalation: {
    source: 'held',
    ladder: [{ writePaths: [], network: false, unsandboxed: false, hosts: [{ pattern: host, port: 443 }] }],
    reason: null,
    violations: [],
  },
})

function setUp(undoMs = 0) {
  const clock = new FakeClock()
  const inbox = new Inbox({
    clock,
    undoMs: () => undoMs,
    checkRule: async () => null,
    saveRule: async () => {},
  })
  const told: InboxChange[] = []
  inbox.onChange((change) => void told.push(change))
  const logs = new Map<string, LogEntry[]>()
  const ask = async (session: string, host = 'a.example', failing: LogEntry['type'] | null = null) => {
    const log: LogEntry[] = []
    logs.set(session, log)
    const request = approvalRequest(
      { id: `ap_${session}` as ApprovalId, sessionId: session as SessionId },
      { action: to(host), context: { session, agent: 'Demo', folder: 'w', turn: 1, preset: 'Auto' } },
    )
    const answer = inbox.ask(request, async (entry) => {
      if (entry.type === failing) throw new Error('disk full')
      log.push(entry)
    })
    await new Promise((done) => setImmediate(done))
    return { answer }
  }
  const types = (session: string) => logs.get(session)?.map((l) => l.type)
  const decide = (id: string, offerId: 'once' | 'deny' | 'denyStop', revision: number) =>
    inbox.decide({ id: id as ApprovalId, revision, offerId, lookMs: 5 }, 'user')
  return { clock, inbox, told, logs, ask, types, decide }
}

test('three sessions that wait for one host are one row, and each records the answer', async () => {
  const t = setUp()
  const answers = [await t.ask('one'), await t.ask('two'), await t.ask('three')]
  expect(t.inbox.requests).toMatchObject([
    { id: 'ap_one', revision: 3, alsoFor: [{ title: 'two' }, { title: 'three' }] },
  ])
  expect([t.inbox.waiting(), t.inbox.waiting('two' as SessionId)]).toEqual([1, 1])
  // What was shown before the others came is no answer for them.
  expect(await t.decide('ap_one', 'once', 1)).toMatchObject({ status: 'changedSinceShown' })
  // Nobody sees a follower, so nobody answers it by itself.
  expect(await t.decide('ap_two', 'once', 1)).toMatchObject({ status: 'noLongerNeeded' })
  expect(await t.decide('ap_one', 'once', 3)).toMatchObject({ status: 'recorded' })
  for (const { answer } of answers)
    expect(await answer).toMatchObject({ kind: 'decided', decision: { type: 'accept' } })
  for (const session of ['one', 'two', 'three']) expect(t.types(session)).toEqual(['request', 'decision'])
  expect(t.logs.get('two')?.[1]).toMatchObject({
    approvalId: 'ap_two',
    by: 'user',
    decision: { offerId: 'once' },
  })
  expect(t.told.every((c) => c.type === 'request' && c.request.id === 'ap_one')).toBe(true)
  t.clock.advance(60_000)
  expect(t.inbox.requests).toEqual([])
  expect(t.told.filter((c) => c.type === 'gone')).toEqual([{ type: 'gone', id: 'ap_one' }])
})

test('a denial is for all, and stopping only for the session it was said to', async () => {
  const t = setUp()
  const [one, two] = [await t.ask('one'), await t.ask('two')]
  await t.decide('ap_one', 'denyStop', 2)
  expect(await one?.answer).toMatchObject({ decision: { type: 'cancel' } })
  expect(await two?.answer).toMatchObject({ decision: { type: 'decline', offerId: 'deny' } })
})

test('other hosts and other kinds of questions follow nothing', async () => {
  const t = setUp()
  await t.ask('one')
  await t.ask('two', 'b.example')
  void t.inbox.ask(approvalRequest({ id: 'ap_x' as ApprovalId }), async () => {})
  void t.inbox.ask(
    approvalRequest({ id: 'ap_y' as ApprovalId, sessionId: 'two' as SessionId }),
    async () => {},
  )
  await new Promise((done) => setImmediate(done))
  expect(t.inbox.requests).toHaveLength(4)
})

test('when the shown question is withdrawn, the oldest that waits takes its place', async () => {
  const t = setUp()
  const one = await t.ask('one')
  const two = await t.ask('two')
  const three = await t.ask('three')
  expect(t.inbox.withdraw((r) => r.sessionId === 'one', 'processGone')).toBe(1)
  expect(await one.answer).toMatchObject({ kind: 'withdrawn' })
  const shown = t.inbox.requests.find((r) => r.state.state === 'waiting')
  expect(shown).toMatchObject({ id: 'ap_two', alsoFor: [{ title: 'three' }] })
  expect(t.told.at(-1)).toMatchObject({ request: { id: 'ap_two' } })
  await t.decide('ap_two', 'once', shown?.revision ?? 0)
  for (const { answer } of [two, three]) expect(await answer).toMatchObject({ decision: { type: 'accept' } })
})

test('a follower that is withdrawn is no longer named, and gets no answer', async () => {
  const t = setUp()
  const one = await t.ask('one')
  const two = await t.ask('two')
  t.inbox.withdraw((r) => r.sessionId === 'two', 'turnEnded')
  expect(await two.answer).toMatchObject({ kind: 'withdrawn', reason: 'turnEnded' })
  expect(t.inbox.requests).toMatchObject([{ id: 'ap_one', revision: 3 }])
  expect(t.inbox.requests[0]).not.toHaveProperty('alsoFor')
  await t.decide('ap_one', 'once', 3)
  expect(await one.answer).toMatchObject({ kind: 'decided' })
  expect(t.types('two')).toEqual(['request', 'withdrawn'])
})

test('everybody withdrawn at once leaves nothing to answer', async () => {
  const t = setUp()
  const all = [await t.ask('one'), await t.ask('two')]
  expect(t.inbox.withdraw(() => true, 'appStopped')).toBe(2)
  for (const { answer } of all) expect(await answer).toMatchObject({ kind: 'withdrawn' })
  expect(t.inbox.requests.every((r) => r.state.state === 'withdrawn')).toBe(true)
})

test('while an answer can be taken back nobody has it, and who comes then asks anew', async () => {
  const t = setUp(1500)
  const one = await t.ask('one')
  await t.ask('two')
  await t.decide('ap_one', 'once', 2)
  await t.ask('three')
  expect(t.types('two')).toEqual(['request'])
  expect(t.inbox.requests.map((r) => r.id)).toEqual(['ap_one', 'ap_three'])
  expect(await t.inbox.undo('ap_one' as ApprovalId)).toBe('restored')
  await t.decide('ap_one', 'deny', 2)
  expect(await one.answer).toMatchObject({ decision: { type: 'decline' } })
  await expect.poll(() => t.types('two')).toEqual(['request', 'decision'])
})

test('a session whose log cannot be written gets nothing', async () => {
  const t = setUp()
  const one = await t.ask('one')
  const two = await t.ask('two', 'a.example', 'decision')
  await t.decide('ap_one', 'once', 2)
  expect(await one.answer).toMatchObject({ kind: 'decided' })
  expect(await two.answer).toMatchObject({ kind: 'withdrawn' })
})
