import { expect, test } from 'vitest'
import type { ItemId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { Probe } from '../../protocol/sandbox.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { stoppedProbe } from '../testing/fake-sandbox.ts'
import { freshMs, SessionProof } from './verify-session.ts'

type Round = readonly Probe[] | null | Error | 'hangs'

const held: Round = [stoppedProbe]
const open: Round = [
  stoppedProbe,
  { ...stoppedProbe, kind: 'read', blocked: false, detail: 'It went through.' },
]
const notMade: Round = [
  stoppedProbe,
  { ...stoppedProbe, kind: 'read', blocked: false, made: false, detail: 'no answer' },
]

/** A proof over scripted rounds; the last one repeats. */
function proofOf(...rounds: Round[]) {
  const clock = new FakeClock()
  const log: LogEntry[] = []
  const t = {
    clock,
    log,
    made: 0,
    frozen: 0,
    thawed: 0,
    types: () => log.map(({ type }) => type),
    settle: async () => {
      for (let i = 0; i < 20; i++) await Promise.resolve()
    },
    proof: null as unknown as SessionProof,
  }
  t.proof = new SessionProof(
    {
      clock,
      backend: 'fake',
      newId: () => 'it_1' as ItemId,
      probe: async () => {
        const round = rounds[Math.min(t.made++, rounds.length - 1)] as Round
        if (round instanceof Error) throw round
        return round === 'hangs' ? new Promise(() => {}) : round
      },
      log: async (entry) => void log.push(entry),
      freeze: async () => {
        t.frozen += 1
        return { stopped: 2, withdrawn: 1 }
      },
      thaw: () => void (t.thawed += 1),
    },
    clock.nowMs(),
  )
  return t
}

test('a fresh proof lets commands start without another', async () => {
  const t = proofOf(open)
  expect(await t.proof.ready()).toBe(true)
  expect(t.made).toBe(0)
})

test('while the session lives the proof is made again by itself, and quietly', async () => {
  const t = proofOf(held)
  for (let i = 0; i < 3; i++) {
    t.clock.advance(freshMs)
    await t.settle()
  }
  expect(t.made).toBe(3)
  expect(t.log).toEqual(Array.from({ length: 3 }, () => ({ type: 'sandboxStillHolds', attempts: 1 })))
})

test('the first command after a quiet time waits for a proof, also when no timer rang', async () => {
  const t = proofOf(held)
  const sleeping = new SessionProof(
    {
      clock: { nowMs: () => t.clock.nowMs(), after: () => () => {} },
      backend: 'fake',
      newId: () => 'it_1' as ItemId,
      probe: async () => (t.made++, [stoppedProbe]),
      log: async () => {},
      freeze: async () => ({ stopped: 0, withdrawn: 0 }),
      thaw: () => {},
    },
    t.clock.nowMs() - freshMs,
  )
  expect(await sleeping.ready()).toBe(true)
  expect(t.made).toBe(1)
  expect(await sleeping.ready()).toBe(true)
  expect(t.made).toBe(1)
})

test('an attempt that went through freezes at once, and says what and how', async () => {
  const t = proofOf(open)
  await t.proof.check('timer')
  expect(t.frozen).toBe(1)
  expect(await t.proof.ready()).toBe(false)
  expect(t.log).toMatchObject([
    { type: 'sandboxFrozen', why: 'open', detail: 'It went through.', stopped: 2, withdrawn: 1 },
  ])
})

// prettier-ignore
test.each([
  ['was not made', notMade],
  ['throws', new Error('bwrap: no')],
  ['tried nothing', []],
] as const)('a round that %s is no proof; the second in a row freezes', async (_title, round) => {
  const t = proofOf(round as Round)
  await t.proof.check('timer')
  expect(t.types()).toEqual(['sandboxUnproven'])
  expect(t.proof.frozen).toBe(false)
  await t.proof.check('timer')
  expect(t.types()).toEqual(['sandboxUnproven', 'sandboxFrozen'])
  expect(t.log[1]).toMatchObject({ why: 'unproven' })
  expect(await t.proof.ready()).toBe(false)
})

test('a round that hangs is given up and counts as no proof', async () => {
  const t = proofOf('hangs')
  for (const type of ['sandboxUnproven', 'sandboxFrozen']) {
    const checking = t.proof.check('person')
    await t.settle()
    t.clock.advance(20_000)
    await checking
    expect(t.types().at(-1)).toBe(type)
  }
  expect(t.frozen).toBe(1)
})

test('nothing starts unproven: a command gets the second chance at once', async () => {
  const twice = proofOf(notMade)
  twice.clock.advance(freshMs - 1)
  await twice.proof.check('timer')
  expect(await twice.proof.ready()).toBe(false)
  expect(twice.types()).toEqual(['sandboxUnproven', 'sandboxFrozen'])

  const once = proofOf(notMade, held)
  await once.proof.check('timer')
  expect(await once.proof.ready()).toBe(true)
  // What was in doubt is proved with all it tried, not in passing.
  expect(once.types()).toEqual(['sandboxUnproven', 'sandboxVerified'])
})

test('only a person thaws, and only with a round that holds', async () => {
  const t = proofOf(open, held, notMade, held)
  await t.proof.check('timer')
  t.clock.advance(10 * freshMs)
  await t.settle()
  expect(t.made).toBe(1)
  await t.proof.check('changed')
  expect(t.proof.frozen).toBe(true)
  await t.proof.check('person')
  expect(t.proof.frozen).toBe(true)
  await t.proof.check('person')
  expect(t.proof.frozen).toBe(false)
  expect(t.thawed).toBe(1)
  expect(await t.proof.ready()).toBe(true)
  expect(t.types()).toEqual(['sandboxFrozen', 'sandboxFrozen', 'sandboxVerified'])
})

test('a frozen session without a boundary is not thawed by having nothing to prove', async () => {
  const t = proofOf(open, null)
  await t.proof.check('timer')
  await t.proof.check('person')
  expect(t.proof.frozen).toBe(true)
})

test('after a change nothing starts before what was changed is proved', async () => {
  const t = proofOf(held)
  const rounds: (() => void)[] = []
  const slow = new SessionProof(
    {
      clock: t.clock,
      backend: 'fake',
      newId: () => 'it_1' as ItemId,
      probe: () => new Promise((resolve) => rounds.push(() => resolve([stoppedProbe]))),
      log: async () => {},
      freeze: async () => ({ stopped: 0, withdrawn: 0 }),
      thaw: () => {},
    },
    t.clock.nowMs(),
  )
  const before = slow.check('timer')
  const changed = slow.check('changed')
  let started = false
  const ready = slow.ready().then((yes) => (started = yes))
  rounds[0]?.()
  await before
  await t.settle()
  // The first round began before the change, so it says nothing about it.
  expect({ rounds: rounds.length, started }).toEqual({ rounds: 2, started: false })
  rounds[1]?.()
  await changed
  await ready
  expect(started).toBe(true)
})

test('a log that cannot be written proves nothing', async () => {
  const t = proofOf(held)
  const proof = new SessionProof(
    {
      clock: t.clock,
      backend: 'fake',
      newId: () => 'it_1' as ItemId,
      probe: async () => [stoppedProbe],
      log: () => Promise.reject(new Error('disk full')),
      freeze: async () => ({ stopped: 0, withdrawn: 0 }),
      thaw: () => {},
    },
    t.clock.nowMs() - freshMs,
  )
  await expect(proof.ready()).rejects.toThrow('disk full')
})

test('an ended session is not tried any more', async () => {
  const t = proofOf(held)
  t.proof.end()
  t.clock.advance(10 * freshMs)
  await t.proof.check('person')
  expect(t.made).toBe(0)
})
