import { expect, test } from 'vitest'
import type { ApprovalId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { NetworkFlow } from '../../protocol/network.ts'
import { leaseMs } from '../approvals/host-offers.ts'
import { Inbox } from '../approvals/inbox.ts'
import type { Gate, HostAnswer, HostQuestion } from '../network/gate.ts'
import { createQuestions, type Questions } from '../network/questions.ts'
import { settingsOf as proxySettings } from '../network/testing/lab.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import type { FakeRun } from '../testing/fake-sandbox.ts'
import { shellProposal, testSession } from '../testing/test-session.ts'

/** A session whose connections are made by the test; the proxy's joining of questions is the real one. */
async function session(
  id: string,
  inbox: Inbox,
  clock?: Clock,
  slowLog: (entry: LogEntry) => Promise<void> | undefined = () => undefined,
) {
  let gate: Gate | null = null
  let questions: Questions | null = null
  const tokens: string[] = []
  const t = await testSession({
    id,
    inbox,
    ...(clock ? { clock } : {}),
    slowLog,
    network: {
      settings: async () => proxySettings({}),
      createProxy: async (given) => {
        gate = given
        questions = createQuestions((question, signal) => given.ask(question, signal))
        return {
          path: '\0gatehouse-test',
          addRun: ({ run }) => {
            tokens.push(run)
            return { token: 'token', remove: () => {} }
          },
          recheck: () => {},
          close: async () => {},
        }
      },
    },
  })
  let flows = 0
  /** One connection, from held to its end. */
  const connect = async (
    host: string,
    signal = new AbortController().signal,
    run = tokens[0] ?? '',
    via: 'connect' | 'socks5' = 'connect',
  ) => {
    const flow: NetworkFlow = {
      id: `flow-${++flows}`,
      host,
      port: 443,
      via,
      request: null,
      process: { pid: 7, exe: '/usr/bin/curl', argv: ['curl'], cwd: '/w', chain: [] },
      state: 'held',
      address: null,
      why: '',
      bytesUp: 0,
      bytesDown: 0,
      startedAt: 1,
      endedAt: null,
    }
    gate?.onFlow(flow, run)
    const question: HostQuestion = {
      host,
      port: 443,
      protocol: via === 'connect' ? 'https' : 'socks5_tcp',
      reason: 'not_allowed',
      rule: null,
      message: `No rule allows ${host}.`,
      via,
      run,
      flow: flow.id,
    }
    const answer = await questions?.ask(question, signal)
    const allowed = typeof answer === 'object' && answer.allow
    gate?.onFlow(
      {
        ...flow,
        state: allowed ? 'open' : answer === 'withdrawn' ? 'withdrawn' : 'refused',
        endedAt: allowed ? null : 2,
      },
      run,
    )
    return answer
  }
  /** A command that runs until its connections are answered. */
  const run = async (): Promise<FakeRun> => {
    t.sandbox.script = () => {}
    void t.propose(shellProposal('make'))
    await expect.poll(() => t.sandbox.runs.length).toBe(1)
    return t.sandbox.runs[0] as FakeRun
  }
  return { ...t, connect, run }
}

const anInbox = (): Inbox =>
  new Inbox({
    clock: systemClock,
    undoMs: () => 0,
    checkRule: async () => null,
    saveRule: async () => {},
  })
const allowed = (answer: HostAnswer | string | undefined): boolean =>
  typeof answer === 'object' && answer.allow

test('50 connections of three sessions to one host are one row, three decisions and 50 answers', async () => {
  const inbox = anInbox()
  const all = [await session('a', inbox), await session('b', inbox), await session('c', inbox)]
  for (const one of all) await one.run()
  const asks = Array.from({ length: 50 }, (_, i) => all[i % 3]?.connect('a.example'))
  await expect.poll(() => inbox.requests[0]?.alsoFor?.length).toBe(2)
  await expect
    .poll(() => all.flatMap(({ log }) => log.filter((l) => l.type === 'hostJoined')).length)
    .toBe(47)
  expect(inbox.requests).toHaveLength(1)
  const [shown] = inbox.requests
  await inbox.decide(
    { id: shown?.id as ApprovalId, revision: shown?.revision ?? 0, offerId: 'once', lookMs: 1 },
    'user',
  )
  expect((await Promise.all(asks)).every(allowed)).toBe(true)
  for (const { types, log } of all) {
    expect(types().filter((type) => type === 'decision')).toHaveLength(1)
    const written = log.findIndex((l) => l.type === 'hostAnswer')
    expect(log.findIndex((l) => l.type === 'flow')).toBeGreaterThan(written)
    expect(types().filter((type) => type === 'flow')).toHaveLength(log === all[2]?.log ? 16 : 17)
  }
  const named = all.flatMap(({ log }) => log.flatMap((l) => (l.type === 'hostAnswer' ? l.flows : [])))
  expect(named).toHaveLength(50)
})

test('who joins while the answer is written is in the log before it goes on', async () => {
  const inbox = anInbox()
  const t = await session('a', inbox)
  await t.run()
  const first = t.connect('a.example')
  await expect.poll(() => inbox.waiting()).toBe(1)
  const [shown] = inbox.requests
  const late: Promise<unknown>[] = []
  inbox.onChange((change) => {
    if (change.type === 'request' && change.request.state.state === 'decided')
      late.push(t.connect('a.example'))
  })
  await inbox.decide({ id: shown?.id as ApprovalId, revision: 1, offerId: 'once', lookMs: 1 }, 'user')
  expect(allowed(await first)).toBe(true)
  expect(await Promise.all(late)).toMatchObject([{ allow: true }])
  expect(t.types().filter((type) => type === 'request')).toHaveLength(1)
  const joined = t.log.findIndex((l) => l.type === 'hostJoined')
  expect(joined).toBeGreaterThan(0)
  expect(t.log.findIndex((l) => l.type === 'flow')).toBeGreaterThan(joined)
})

test.each(['hostAnswer', 'hostJoined'] as const)('nobody goes on before %s is on the disk', async (type) => {
  const disk = Promise.withResolvers<void>()
  let writing = false
  const inbox = anInbox()
  const t = await session('a', inbox, undefined, (entry) => {
    if (entry.type !== type) return undefined
    writing = true
    return disk.promise
  })
  await t.run()
  const on: number[] = []
  const asks = [0, 1].map((i) => t.connect('a.example').finally(() => on.push(i)))
  await expect.poll(() => inbox.waiting()).toBe(1)
  const [shown] = inbox.requests
  await inbox.decide({ id: shown?.id as ApprovalId, revision: 1, offerId: 'once', lookMs: 1 }, 'user')
  await expect.poll(() => writing && t.types().includes('decision')).toBe(true)
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
  expect(on).toEqual([])
  disk.resolve()
  expect((await Promise.all(asks)).every(allowed)).toBe(true)
})

test('a question is withdrawn when the last that waits has gone, and not before', async () => {
  const inbox = anInbox()
  const t = await session('a', inbox)
  await t.run()
  const [one, two] = [new AbortController(), new AbortController()]
  const both = [t.connect('a.example', one.signal), t.connect('a.example', two.signal)]
  await expect.poll(() => inbox.waiting()).toBe(1)
  one.abort()
  expect(await both[0]).toBe('withdrawn')
  expect(inbox.waiting()).toBe(1)
  two.abort()
  expect(await both[1]).toBe('withdrawn')
  expect(inbox.waiting()).toBe(0)
  await expect.poll(() => t.log.find((l) => l.type === 'withdrawn')).toMatchObject({ reason: 'processGone' })
})

test('an answer for ten minutes ends by itself', async () => {
  const inbox = anInbox()
  const clock = new FakeClock()
  const t = await session('a', inbox, clock)
  await t.run()
  const asked = t.connect('a.example')
  await expect.poll(() => inbox.waiting()).toBe(1)
  const [shown] = inbox.requests
  await inbox.decide({ id: shown?.id as ApprovalId, revision: 1, offerId: 'lease', lookMs: 1 }, 'user')
  expect(await asked).toMatchObject({ allow: true })
  clock.advance(leaseMs - 1)
  expect(await t.connect('a.example')).toMatchObject({ allow: true })
  clock.advance(1)
  void t.connect('a.example')
  await expect.poll(() => inbox.waiting()).toBe(1)
})

test('what is given for the session answers the other question about the same place', async () => {
  const inbox = anInbox()
  const t = await session('a', inbox)
  await t.run()
  const both = [t.connect('a.example'), t.connect('a.example', undefined, undefined, 'socks5')]
  await expect.poll(() => inbox.waiting()).toBe(2)
  const [shown] = inbox.requests
  await inbox.decide({ id: shown?.id as ApprovalId, revision: 1, offerId: 'session', lookMs: 1 }, 'user')
  for (const answer of await Promise.all(both)) expect(answer).toMatchObject({ allow: true })
  expect(t.log.find((l) => l.type === 'withdrawn')).toMatchObject({ reason: 'answeredOtherwise' })
  expect(t.types().filter((type) => type === 'decision')).toHaveLength(1)
})

test('more questions than a person can answer are refused', async () => {
  const inbox = anInbox()
  const t = await session('a', inbox)
  await t.run()
  const asks = Array.from({ length: 65 }, (_, i) => t.connect(`h${i}.example`))
  await expect.poll(() => inbox.waiting()).toBe(64)
  expect(await Promise.race(asks)).toMatchObject({
    allow: false,
    message: expect.stringContaining('64') as string,
  })
})

test('a connection of a command that has ended is refused', async () => {
  const inbox = anInbox()
  const t = await session('a', inbox)
  const run = await t.run()
  run.exit(0)
  await expect.poll(() => t.types()).toContain('outcome')
  expect(await t.connect('a.example')).toMatchObject({ allow: false })
  expect(inbox.requests).toEqual([])
})

test('the time that a connection waits is not the command’s', async () => {
  const inbox = anInbox()
  const clock = new FakeClock()
  const t = await session('a', inbox, clock)
  t.sandbox.script = () => {}
  const ran = t.propose(shellProposal('make', { timeoutMs: 1000 }))
  await expect.poll(() => t.sandbox.runs.length).toBe(1)
  const asked = t.connect('a.example')
  await expect.poll(() => inbox.waiting()).toBe(1)
  clock.advance(60_000)
  expect(t.sandbox.runs[0]?.stopped).toBe(false)
  const [shown] = inbox.requests
  await inbox.decide({ id: shown?.id as ApprovalId, revision: 1, offerId: 'deny', lookMs: 1 }, 'user')
  expect(await asked).toMatchObject({ allow: false })
  clock.advance(1000)
  expect(await ran).toMatchObject({ status: 'ran', timedOut: true })
})
