import { expect, test } from 'vitest'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { Rehearsal, RehearsalState } from '../../protocol/rehearsal.ts'
import { settingsOf } from '../../protocol/settings.ts'
import type { RehearsedEntry } from '../sandbox/rehearse/compare-copy.ts'
import { rawPath } from '../sandbox/rehearse/raw-path.ts'
import { shellProposal, testSession } from '../testing/test-session.ts'

const file = { kind: 'file', mode: 0o644, bytes: 4 } as const
const entry = (what: RehearsedEntry['what'], name: string): RehearsedEntry => ({
  path: rawPath(`/w/${name}`),
  what,
  before: what === 'added' ? null : file,
  after: what === 'deleted' ? null : file,
  source: what === 'deleted' ? null : rawPath(`/state/${name}`),
  target: null,
  stamp: '1',
})

/** A session with one waiting command, and its rehearsals. */
async function waiting() {
  const test = await testSession({ settings: settingsOf('read-only') })
  const { sandbox, session, inbox, shown } = test
  sandbox.rehearsals.entries = [entry('changed', 'a'), entry('deleted', 'b'), entry('added', 'c')]
  const result = test.propose(
    shellProposal('rm b', {
      escalation: { grant: { writePaths: [], network: true, unsandboxed: false }, reason: null },
    }),
  )
  await expect.poll(() => shown.length).toBe(1)
  const request = shown[0] as ApprovalRequest
  const states: RehearsalState[] = []
  const watching = session.rehearsals.watch(request, (state) => states.push(state))
  const until = async (state: RehearsalState['state']): Promise<RehearsalState> => {
    await expect.poll(() => states.at(-1)?.state).toBe(state)
    return states.at(-1) as RehearsalState
  }
  const rehearsed = async (): Promise<Rehearsal> => {
    expect(await session.rehearsals.start(request)).toEqual({ status: 'done' })
    const done = await until('done')
    return (done as Extract<RehearsalState, { state: 'done' }>).rehearsal
  }
  const decide = (offerId: 'once' | 'deny') =>
    inbox.decide({ id: request.id, revision: request.revision, offerId, lookMs: 1 }, 'user')
  return { ...test, request, states, watching, until, rehearsed, decide, result, fake: sandbox.rehearsals }
}

test('a rehearsal answers nothing: the request waits, and what was seen stands in the log', async () => {
  const { rehearsed, inbox, log, fake, sandbox } = await waiting()
  const rehearsal = await rehearsed()
  expect(rehearsal.counts).toEqual({ added: 1, changed: 1, deleted: 1 })
  expect(rehearsal.changes.map(({ what, path }) => `${what} ${path}`)).toEqual([
    'deleted /w/b',
    'changed /w/a',
    'added /w/c',
  ])
  expect(rehearsal.changes[1]).toMatchObject({ added: 1, removed: 1 })
  expect(inbox.requests[0]?.state).toEqual({ state: 'waiting' })
  expect(sandbox.runs).toEqual([])
  expect(fake.requests[0]?.spec.network).toBe('none')
  const line = log.find(({ type }) => type === 'rehearsal')
  expect(line).toMatchObject({ rehearsal: { digest: 'd'.repeat(64), counts: rehearsal.counts } })
})

test('of what it changed, the file that runs later is marked', async () => {
  const { rehearsed, fake, sandbox } = await waiting()
  const build = sandbox.buildSpec.bind(sandbox)
  sandbox.buildSpec = async (request) => ({ ...(await build(request)), writableRoots: ['/w'] })
  fake.entries = [entry('changed', 'a'), entry('added', '.envrc'), entry('deleted', '.npmrc')]
  const { changes } = await rehearsed()
  expect(changes.map(({ runsLater }) => runsLater)).toEqual([
    'a package manager or build tool acts on it',
    undefined,
    'a build service, a git hook or direnv acts on it',
  ])
})

test('a run for real is compared, and the log says where it differs', async () => {
  const { rehearsed, decide, log, fake, result } = await waiting()
  await rehearsed()
  fake.differences = ['/w/a: other content']
  await decide('once')
  await result
  expect(log.at(-1)).toMatchObject({
    type: 'rehearsalUsed',
    how: 'replayed',
    differences: ['/w/a: other content'],
  })
  expect(fake.asked).toEqual(['snapshot', 'discard'])
})

test('another end than rehearsed is a difference', async () => {
  const { rehearsed, decide, log, sandbox, result } = await waiting()
  await rehearsed()
  sandbox.script = (run) => run.exit(4)
  await decide('once')
  await result
  expect(log.findLast(({ type }) => type === 'rehearsalUsed')).toMatchObject({
    differences: ['It ended with 4, rehearsed with 0.'],
  })
})

test('applied, the command does not run, and the agent is told what the rehearsal printed', async () => {
  const { rehearsed, decide, log, fake, session, request, result, sandbox } = await waiting()
  fake.output = 'rehearsed words\n'
  const { id } = await rehearsed()
  expect(session.rehearsals.wantApply(request.id, 'rh_of_another')).toContain(
    'not the rehearsal that was shown',
  )
  expect(session.rehearsals.wantApply(request.id, id)).toBeNull()
  await decide('once')
  expect(await result).toMatchObject({ status: 'ran', exitCode: 0, output: 'rehearsed words\n' })
  expect(sandbox.runs).toEqual([])
  expect(fake.asked).toEqual(['apply', 'discard'])
  expect(log.find(({ type }) => type === 'run')).toMatchObject({
    argv: ['(apply what was rehearsed)', 'bash', '-c', 'rm b'],
  })
  expect(log.at(-1)).toMatchObject({ type: 'rehearsalUsed', how: 'applied', differences: [] })
})

test('what could not be applied is told to agent and log, and nothing runs instead', async () => {
  const { rehearsed, decide, fake, session, request, result, sandbox, log } = await waiting()
  const { id } = await rehearsed()
  fake.applyProblem = '/w/a changed since the rehearsal.'
  session.rehearsals.wantApply(request.id, id)
  await decide('once')
  expect(await result).toEqual({ status: 'failed', why: '/w/a changed since the rehearsal.' })
  expect(sandbox.runs).toEqual([])
  expect(log.at(-1)).toMatchObject({ how: 'applied', differences: ['/w/a changed since the rehearsal.'] })
})

test.each([
  ['it asked for the network', { stoppedConnections: 2 }, /asked for the network/],
  ['its connections were not counted', { stoppedConnections: null }, /could not be seen/],
  ['it was ended', { ended: 'timeUp' as const }, /its own end/],
  ['it wrote too much', { bytes: 1e9 }, /too much/],
])('is not to be applied when %s', async (_what, more, why) => {
  const { rehearsed, fake, session, request } = await waiting()
  fake.more = more
  const { id, applyProblem } = await rehearsed()
  expect(applyProblem).toMatch(why)
  expect(session.rehearsals.wantApply(request.id, id)).toMatch(why)
})

test('an answer that was taken back does not apply later', async () => {
  const { rehearsed, decide, fake, session, request, result, sandbox } = await waiting()
  const { id } = await rehearsed()
  session.rehearsals.wantApply(request.id, id)
  session.rehearsals.follow(request)
  await decide('once')
  await result
  expect(fake.asked).not.toContain('apply')
  expect(sandbox.runs).toHaveLength(1)
})

test('denied or discarded, the copy is thrown away', async () => {
  const one = await waiting()
  await one.rehearsed()
  await one.decide('deny')
  await one.result
  expect(one.fake.asked).toEqual(['discard'])
  const two = await waiting()
  await two.rehearsed()
  expect(await two.session.rehearsals.discard(two.request.id)).toEqual({ status: 'done' })
  expect(two.fake.asked).toEqual(['discard'])
  expect(two.inbox.requests[0]?.state).toEqual({ state: 'waiting' })
  expect(two.log.at(-1)).toMatchObject({ type: 'rehearsalUsed', how: 'discarded' })
})

test('a copy that comes after its request is gone is thrown away too', async () => {
  const { session, request, fake, decide, result, log } = await waiting()
  const { promise, resolve } = Promise.withResolvers<void>()
  fake.wait = promise
  await session.rehearsals.start(request)
  await expect.poll(() => fake.requests.length).toBe(1)
  await decide('deny')
  await result
  resolve()
  await expect.poll(() => fake.asked).toEqual(['discard'])
  expect(log.some(({ type }) => type === 'rehearsalUsed')).toBe(false)
})

test('stopped, it shows what it did until then', async () => {
  const { session, request, fake, until } = await waiting()
  fake.wait = new Promise(() => {})
  await session.rehearsals.start(request)
  await expect.poll(() => fake.requests.length).toBe(1)
  expect(await session.rehearsals.start(request)).toMatchObject({ status: 'refused' })
  expect(session.rehearsals.stop(request.id)).toEqual({ status: 'done' })
  expect(await until('done')).toMatchObject({ rehearsal: { ended: 'stopped' } })
})

test('where copies cannot be made, that is said and nothing starts', async () => {
  const { session, request, fake } = await waiting()
  fake.impossible = 'This system cannot make throwaway copies.'
  const states: RehearsalState[] = []
  session.rehearsals.watch(request, (state) => states.push(state))
  await expect.poll(() => states).toEqual([{ state: 'unavailable', why: fake.impossible }])
  expect(await session.rehearsals.start(request)).toEqual({ status: 'refused', why: fake.impossible })
  expect(fake.requests).toEqual([])
})
