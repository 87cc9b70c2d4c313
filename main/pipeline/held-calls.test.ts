import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Decision } from '../../protocol/approvals.ts'
import type { ActionId, ApprovalId, TurnId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { HeldAnswer, HeldCall } from '../../protocol/sandbox.ts'
import { type Answer, Inbox } from '../approvals/inbox.ts'
import { SessionGrants } from '../approvals/session-grants.ts'
import { systemClock } from '../platform/clock.ts'
import { aHeldCall, FakeSandbox } from '../testing/fake-sandbox.ts'
import { approvalRequest } from '../testing/requests.ts'
import { heldAction } from './held-action.ts'
import { HeldCalls, type HeldPorts } from './held-calls.ts'
import type { RunHold } from './run-hold.ts'

type Call = { readonly path: string; readonly answers: HeldAnswer[]; settled: boolean }

/** Two runs of one turn over a real inbox, with a log that can fail. */
async function bench() {
  const spec = await new FakeSandbox().buildSpec({
    mode: 'workspace-write',
    folder: '/w',
    grant: { writePaths: [], network: false, unsandboxed: false },
    extraWritableRoots: [],
  })
  const log: LogEntry[] = []
  const grants = new SessionGrants()
  const inbox = new Inbox({
    clock: systemClock,
    undoMs: () => 0,
    checkRule: async () => null,
    saveRule: async () => {},
  })
  const state = { n: 0, epoch: 0, stopped: false, full: false, gate: Promise.resolve() }
  const write = async (entry: LogEntry): Promise<void> => {
    await (entry.type === 'heldAnswer' ? state.gate : Promise.resolve())
    if (state.full) throw new Error('disk full')
    log.push(entry)
  }
  const review = {
    kind: 'review',
    origin: { kind: 'outsideWorkspace', path: '' },
    justification: null,
  } as const
  const ports: HeldPorts = {
    newId: (prefix) => `${prefix}_${(state.n += 1)}`,
    log: write,
    action: async (call, run) =>
      heldAction(call, run, {
        folder: '/w',
        roots: ['/w'],
        home: '/h',
        gatehouseHome: '/g',
        gitDirs: ['/w/.git'],
        spec,
      }),
    async judge(action) {
      const denied = grants.deniedThisTurn(action)
      const given = grants.answerTo(action)
      const none = { writePaths: [], network: false, unsandboxed: false }
      if (denied) return { verdict: { ...review, kind: 'forbid' as const }, grant: none }
      if (given) return { verdict: { ...review, kind: 'run' as const }, grant: given.grant }
      return { verdict: review, grant: none }
    },
    quiet: async () => null,
    request: async ({ actionId, action, verdict }) =>
      approvalRequest({ id: ports.newId('ap') as ApprovalId }, { actionId, action, verdict }),
    review: (request, isVoid): Promise<Answer> => inbox.ask(request, write, isVoid),
    withdraw: (id, reason) => void inbox.withdraw((r) => r.id === id, reason),
    remember(request, decision: Decision) {
      if (decision.type === 'accept' || decision.type === 'acceptForSession')
        grants.remember(request, decision.type, decision.grant)
      if (decision.type === 'decline') grants.deny(request, null)
    },
    ready: async () => !state.stopped,
    void: () => (state.stopped ? 'interrupted' : null),
    epoch: () => state.epoch,
    stopTurn: () => {},
  }
  const calls = new HeldCalls(ports)
  const begin = (n: number): RunHold =>
    calls.begin(
      {
        actionId: `ac_run${n}` as ActionId,
        turnId: 'tn_1' as TurnId,
        cwd: '/w',
        command: 'make',
        spec,
        signal: new AbortController().signal,
      },
      () => {},
    )
  return { calls, holds: [begin(1), begin(2)] as const, inbox, log, state, grants }
}

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('hold' as const), run: fc.nat(1), path: fc.nat(3) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('decide' as const),
        at: fc.nat(5),
        offerId: fc.constantFrom('once', 'path', 'directory', 'session', 'deny'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('settle' as const),
        at: fc.nat(9),
        by: fc.constantFrom('gone', 'grant', 'deny'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('narrow', 'interrupt', 'end', 'diskFull') }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ticks: fc.nat(12) }) },
  ),
  { maxLength: 60 },
)

test('in any order of calls, answers, withdrawals and stops, each call is answered once or gone', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const b = await bench()
      const made: Call[] = []
      const wrong: string[] = []
      const ids: { run: 0 | 1; id: number; call: Call }[] = []
      for (const step of plan) {
        if (step.do === 'hold') {
          const run = step.run as 0 | 1
          const call: Call = { path: `/out/d${step.path % 2}/f${step.path}`, answers: [], settled: false }
          made.push(call)
          const { epoch } = b.state
          ids.push({ run, id: made.length, call })
          const directory = call.path.slice(0, call.path.lastIndexOf('/'))
          b.calls.hold(
            b.holds[run],
            { ...aHeldCall, id: made.length, path: call.path, directory },
            (answer) => {
              call.answers.push(answer)
              if (answer.verdict === 'deny') return
              // What is granted stands in the log already.
              const said = b.log.some(
                (e) =>
                  (e.type === 'heldAnswer' || e.type === 'heldByPolicy') &&
                  JSON.stringify(e.answer) === JSON.stringify(answer),
              )
              if (!said) wrong.push(`${answer.verdict} is not in the log`)
              if (b.state.stopped) wrong.push(`${answer.verdict} after the turn was stopped`)
              if (b.state.epoch !== epoch) wrong.push(`${answer.verdict} after narrowing`)
            },
          )
        } else if (step.do === 'decide') {
          const request = b.inbox.requests[step.at]
          if (request)
            await b.inbox
              .decide({ id: request.id, revision: 1, offerId: step.offerId as never, lookMs: 0 }, 'user')
              .catch(() => {})
        } else if (step.do === 'settle') {
          const one = ids[step.at]
          if (one && one.call.answers.length === 0) {
            one.call.settled = true
            b.holds[one.run].settled(one.id, step.by as 'gone')
          }
        } else if (step.do === 'narrow') {
          b.state.epoch += 1
          b.grants.clear()
          b.inbox.withdraw(() => true, 'settingsChanged')
        } else if (step.do === 'interrupt') {
          b.state.stopped = true
          b.inbox.withdraw(() => true, 'interrupted')
        } else if (step.do === 'end') b.holds[0].end()
        else if (step.do === 'diskFull') b.state.full = true
        else if (step.do === 'wait') for (let n = 0; n < step.ticks; n += 1) await Promise.resolve()
      }
      b.inbox.withdraw(() => true, 'interrupted')
      await new Promise((r) => setTimeout(r, 0))
      for (const hold of b.holds) hold.end()
      await new Promise((r) => setTimeout(r, 0))
      expect(wrong).toEqual([])
      for (const call of made) expect(call.answers.length).toBe(call.settled ? 0 : 1)
      for (const hold of b.holds) {
        const c = hold.counts ?? { held: 0, granted: 0, denied: 0, quiet: 0 }
        expect(c.granted + c.denied + c.quiet).toBeLessThanOrEqual(c.held)
        expect(hold.waits).toBe(false)
      }
      expect(b.inbox.requests.filter((r) => r.state.state === 'waiting')).toEqual([])
    }),
    { numRuns: 400 },
  )
})

test('a launcher that uses an id twice gets a refusal for the second', async () => {
  const b = await bench()
  const got: [string, HeldAnswer][] = []
  b.calls.hold(b.holds[0], aHeldCall, (a) => got.push(['first', a]))
  b.calls.hold(b.holds[0], { ...aHeldCall, path: '/etc/shadow' }, (a) => got.push(['second', a]))
  expect(got).toEqual([['second', { verdict: 'deny', remember: false }]])
})

test('more questions than a person can hold are refused, and the log says why', async () => {
  const b = await bench()
  const denied: string[] = []
  for (let id = 1; id <= 80; id += 1)
    b.calls.hold(b.holds[0], { ...aHeldCall, id, path: `/out/${id}/f`, directory: `/out/${id}` }, (a) =>
      denied.push(a.verdict),
    )
  await expect.poll(() => denied.length).toBe(16)
  expect(denied.every((v) => v === 'deny')).toBe(true)
  expect(b.inbox.waiting()).toBe(64)
  expect(b.log.find((e) => e.type === 'heldByPolicy')).toMatchObject({
    verdict: { kind: 'forbid', justification: expect.stringContaining('64') },
  })
})

test('an answer for the session settles what else waits and is covered by it', async () => {
  const b = await bench()
  const got: string[] = []
  const call = { ...aHeldCall, path: '/out/d/f', directory: '/out/d' }
  b.calls.hold(b.holds[0], call, (a) => got.push(`f ${a.verdict}`))
  b.calls.hold(b.holds[1], { ...call, path2: '/out/d/g', call: 'rename' }, (a) => got.push(`fg ${a.verdict}`))
  await expect.poll(() => b.inbox.waiting()).toBe(2)
  const both = b.inbox.requests.find((r) => r.action.kind === 'fileAccess' && r.action.held.path2 !== null)
  await b.inbox.decide({ id: both?.id as ApprovalId, revision: 1, offerId: 'session', lookMs: 0 }, 'user')
  await expect.poll(() => got.toSorted()).toEqual(['f path', 'fg path'])
  expect(b.inbox.waiting()).toBe(0)
})

const record = (name: string): HeldCall => ({
  ...aHeldCall,
  path: `/w/.git/${name}`,
  directory: '/w/.git',
})

test.each([
  ['once', ['once', 'once', 'once'], 1],
  ['deny', ['deny', 'deny', 'deny'], 1],
  ['gitMetadata', ['once', 'once', 'once'], 0],
] as const)('one question is enough for all git records of a command: %s', async (offerId, told, later) => {
  const b = await bench()
  const got: string[] = []
  const answer = (a: HeldAnswer): void => void got.push(a.verdict)
  b.calls.hold(b.holds[0], record('index.lock'), answer)
  // Another process of the same command already waits with a record of its own.
  b.calls.hold(b.holds[0], { ...record('objects/ab'), id: 2 }, answer)
  await expect.poll(() => b.inbox.waiting()).toBe(1)
  await b.inbox.decide({ id: b.inbox.requests[0]?.id as ApprovalId, revision: 1, offerId, lookMs: 0 }, 'user')
  await expect.poll(() => got.length).toBe(2)
  b.calls.hold(b.holds[0], { ...record('refs/heads/main.lock'), id: 3 }, answer)
  await expect.poll(() => got).toEqual(told)
  // What decides what runs later stays a question, and so does another command.
  b.calls.hold(b.holds[0], { ...record('hooks/pre-commit'), id: 4 }, answer)
  b.calls.hold(b.holds[1], record('logs/HEAD'), answer)
  await expect.poll(() => b.inbox.waiting()).toBe(1 + later)
  expect(got).toHaveLength(later === 1 ? 3 : 4)
})

test('a call like one whose process is gone is a question of its own', async () => {
  const b = await bench()
  const got: string[] = []
  b.calls.hold(b.holds[0], aHeldCall, () => {})
  await expect.poll(() => b.inbox.waiting()).toBe(1)
  b.holds[0].settled(1, 'gone')
  b.calls.hold(b.holds[1], aHeldCall, (a) => got.push(a.verdict))
  await expect.poll(() => b.inbox.waiting()).toBe(1)
  const open = b.inbox.requests.find((r) => r.state.state === 'waiting')
  await b.inbox.decide({ id: open?.id as ApprovalId, revision: 1, offerId: 'once', lookMs: 0 }, 'user')
  await expect.poll(() => got).toEqual(['once'])
})

test.each(['narrowed', 'stopped'])(
  'an answer is void when the session is %s while it is written',
  async (how) => {
    const b = await bench()
    const got: HeldAnswer[] = []
    const gate = Promise.withResolvers<void>()
    b.state.gate = gate.promise
    b.calls.hold(b.holds[0], aHeldCall, (a) => got.push(a))
    await expect.poll(() => b.inbox.waiting()).toBe(1)
    const id = b.inbox.requests[0]?.id as ApprovalId
    await b.inbox.decide({ id, revision: 1, offerId: 'path', lookMs: 0 }, 'user')
    await new Promise((r) => setTimeout(r, 0))
    if (how === 'narrowed') b.state.epoch += 1
    else b.state.stopped = true
    gate.resolve()
    await expect.poll(() => got).toEqual([{ verdict: 'deny', remember: false }])
  },
)
