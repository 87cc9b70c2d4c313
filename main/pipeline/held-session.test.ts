import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { HeldAnswer } from '../../protocol/sandbox.ts'
import { settingsOf } from '../../protocol/settings.ts'
import type { FakeRun } from '../testing/fake-sandbox.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { shellProposal, testSession } from '../testing/test-session.ts'

const heldTypes = ['action', 'verdict', 'request', 'decision', 'withdrawn', 'run', 'outcome']
const told = (t: Awaited<ReturnType<typeof testSession>>) =>
  t.types().filter((type) => heldTypes.includes(type) || type.startsWith('held'))

/** A run that makes one call, prints what came of it, and ends. */
const oneCall =
  (call: Parameters<FakeRun['hold']>[0] = {}) =>
  async (run: FakeRun): Promise<void> => {
    const { verdict } = await run.hold(call)
    run.print(verdict === 'deny' ? 'Permission denied\n' : 'written\n')
    run.exit(verdict === 'deny' ? 1 : 0)
  }

test.each([
  ['once', { verdict: 'once' }],
  ['path', { verdict: 'path' }],
  ['directory', { verdict: 'directory', path: '/outside/deep' }],
  ['session', { verdict: 'path' }],
] as const)('the answer "%s" lets the same process go on', async (offerId, answer) => {
  const t = await testSession()
  let got: HeldAnswer | null = null
  t.sandbox.script = async (run) => {
    got = await run.hold({ path: '/outside/deep/f', directory: '/outside/deep' })
    run.exit(0)
  }
  t.answer({ offerId })
  expect(await t.propose(shellProposal('make'))).toMatchObject({ status: 'ran', exitCode: 0 })
  expect(got).toEqual(answer)
  expect(t.sandbox.runs).toHaveLength(1)
  expect(told(t)).toEqual([
    'action',
    'verdict',
    'run',
    'action',
    'verdict',
    'request',
    'decision',
    'heldAnswer',
    'outcome',
  ])
  expect(t.shown[0]).toMatchObject({ kind: 'writeOutside', action: { kind: 'fileAccess' } })
  expect(t.log.at(-1)).toMatchObject({ calls: { held: 1, granted: 1, denied: 0, quiet: 0 } })
})

test('a denial reaches the agent with its note, and is no question again after the run', async () => {
  const t = await testSession()
  t.sandbox.script = oneCall({ path: '/outside/f' })
  t.sandbox.violations = () => [
    { kind: 'write', path: '/outside/f', wants: 'file', protected: false, evidence: 'denied' },
  ]
  t.answer({ offerId: 'deny', note: 'keep it here' })
  expect(await t.propose(shellProposal('cp r /outside/f'))).toMatchObject({
    status: 'ran',
    exitCode: 1,
    output: 'Permission denied\n[Gatehouse: writing /outside/f was denied by the person: keep it here]\n',
    violations: [],
  })
  expect(t.shown).toHaveLength(1)
  expect(t.sandbox.runs).toHaveLength(1)
  // The same path again in this turn is refused without a card.
  expect(await t.propose(shellProposal('cp r /outside/f'))).toMatchObject({ exitCode: 1 })
  expect(t.shown).toHaveLength(1)
})

test('deny and stop ends the turn and the command', async () => {
  const t = await testSession()
  t.sandbox.script = async (run) => void (await run.hold())
  t.answer({ offerId: 'denyStop' })
  expect(await t.propose(shellProposal('make'))).toEqual({ status: 'interrupted' })
  await t.session.idle()
  expect(t.sandbox.runs[0]?.stopped).toBe(true)
  expect(t.log.at(-1)).toMatchObject({ type: 'turnEnd', reason: 'stoppedByDenial' })
})

test('what is given for the session is asked once, and later commands start with it', async () => {
  const t = await testSession()
  t.sandbox.script = oneCall({ path: '/outside/f', directory: '/outside' })
  t.answer({ offerId: 'session' })
  await t.propose(shellProposal('make'))
  await t.propose(shellProposal('make'))
  expect(t.shown).toHaveLength(1)
  expect(t.sandbox.runs[1]?.spec.grantedPaths).toEqual(['/outside/f'])
  expect(t.log.filter((l) => l.type === 'heldByPolicy')).toMatchObject([
    { verdict: { kind: 'run', origin: { kind: 'sessionGrant' } }, answer: { verdict: 'path' } },
  ])
})

test('equal calls of two commands are one question, answered together', async () => {
  const t = await testSession()
  t.sandbox.script = oneCall({ path: '/outside/f' })
  const both = [t.propose(shellProposal('one')), t.propose(shellProposal('two'))]
  await expect.poll(() => t.log.filter((l) => l.type === 'heldJoined').length).toBe(1)
  await expect.poll(() => t.inbox.waiting()).toBe(1)
  const [request] = t.inbox.requests
  await t.inbox.decide({ id: request?.id as never, revision: 1, offerId: 'path', lookMs: 1 }, 'user')
  for (const result of await Promise.all(both)) expect(result).toMatchObject({ exitCode: 0 })
  expect(t.shown).toHaveLength(1)
  expect(t.log.find((l) => l.type === 'heldAnswer')).toMatchObject({ calls: [{ id: 1 }, { id: 1 }] })
})

test('a call whose process is gone takes its question back', async () => {
  const t = await testSession()
  t.sandbox.script = (run) => void run.hold()
  const running = t.propose(shellProposal('make'))
  await expect.poll(() => t.inbox.waiting()).toBe(1)
  t.sandbox.runs[0]?.settle(1, 'gone')
  expect(t.inbox.waiting()).toBe(0)
  t.sandbox.runs[0]?.exit(0)
  await running
  expect(t.log.find((l) => l.type === 'withdrawn')).toMatchObject({ reason: 'processGone' })
  expect(t.log.find((l) => l.type === 'heldAnswer')).toMatchObject({ answer: null, calls: [] })
})

test.each([
  ['interrupt', async (t: Awaited<ReturnType<typeof testSession>>) => t.session.interrupt()],
  ['end', async (t: Awaited<ReturnType<typeof testSession>>) => t.session.end('user', null)],
])('%s refuses what waits', async (_title, act) => {
  const t = await testSession()
  let got: HeldAnswer | null = null
  t.sandbox.script = async (run) => {
    got = await run.hold()
  }
  const running = t.propose(shellProposal('make'))
  await expect.poll(() => t.inbox.waiting()).toBe(1)
  await act(t)
  await running
  await expect.poll(() => got).toEqual({ verdict: 'deny', remember: false })
})

test('narrowing refuses what waits and stops what was widened', async () => {
  const t = await testSession()
  const got: HeldAnswer[] = []
  t.sandbox.script = async (run) => {
    got.push(await run.hold({ path: '/outside/a' }))
    got.push(await run.hold({ path: '/outside/b' }))
  }
  const running = t.propose(shellProposal('make'))
  await expect.poll(() => t.inbox.waiting()).toBe(1)
  const [first] = t.inbox.requests
  await t.inbox.decide({ id: first?.id as never, revision: 1, offerId: 'path', lookMs: 1 }, 'user')
  await expect.poll(() => t.inbox.waiting()).toBe(1)
  await t.session.changeSettings(t.session.settingsFor('read-only', null), 'user', null)
  await running
  await expect.poll(() => got.at(-1)).toEqual({ verdict: 'deny', remember: false })
  expect(got[0]).toEqual({ verdict: 'path' })
  expect(t.sandbox.runs[0]?.stopped).toBe(true)
})

test('while paused an allowed call stays held; a denial does not wait', async () => {
  const t = await testSession()
  const got: HeldAnswer[] = []
  const paused = Promise.withResolvers<void>()
  t.sandbox.script = async (run) => {
    await paused.promise
    got.push(await run.hold())
    run.exit(0)
  }
  t.answer({ offerId: 'once' })
  const running = t.propose(shellProposal('make'))
  await expect.poll(() => t.sandbox.runs.length).toBe(1)
  await t.session.pause(true)
  paused.resolve()
  await expect.poll(() => t.types()).toContain('decision')
  expect(got).toEqual([])
  await t.session.pause(false)
  await running
  expect(got).toEqual([{ verdict: 'once' }])
})

const quietly = { ...settingsOf('auto'), preset: null }
const noSandboxQuestions = {
  sandboxApproval: false,
  rules: true,
  mcpElicitations: true,
  requestPermissions: true,
  skillApproval: true,
}
test.each([
  ['never', { ...quietly, approvalPolicy: 'never' as const }],
  ['granular', { ...quietly, approvalPolicy: 'granular' as const, granular: noSandboxQuestions }],
])('approval policy %s: nothing waits, and what is held anyway is refused', async (_policy, settings) => {
  const t = await testSession({ settings })
  t.sandbox.script = oneCall()
  expect(await t.propose(shellProposal('make'))).toMatchObject({ exitCode: 1 })
  expect(t.sandbox.runs[0]?.spec.hold).toBe('none')
  expect(t.shown).toEqual([])
})

test.each([['action'], ['verdict'], ['request'], ['decision'], ['heldAnswer']] as const)(
  'when the %s entry of a held call cannot be written, it is refused',
  async (type) => {
    let full = false
    const t = await testSession({ failLog: (entry) => full && entry.type === type })
    const got: HeldAnswer[] = []
    t.sandbox.script = async (run) => {
      full = true
      got.push(await run.hold())
      run.exit(1)
    }
    if (type !== 'decision') t.answer({ offerId: 'once' })
    else
      t.inbox.onChange((c) => {
        if (c.type === 'request' && c.request.state.state === 'waiting')
          t.inbox
            .decide({ id: c.request.id, revision: 1, offerId: 'once', lookMs: 1 }, 'user')
            .catch(() => {})
      })
    await t.propose(shellProposal('make'))
    expect(got.every((a) => a.verdict === 'deny')).toBe(true)
    expect(t.session.ended).toBe(true)
  },
)

test('writes on the quiet-deny list are refused without a question, once a path in the log, and counted', async () => {
  const t = await testSession()
  t.sandbox.script = async (run) => {
    for (const at of [1, 2, 3])
      await run.hold({ path: `/srv/x/__pycache__/m${at > 2 ? 1 : at}.pyc`, directory: '/srv/x/__pycache__' })
    run.exit(0)
  }
  await t.propose(shellProposal('python3 m.py'))
  expect(t.shown).toEqual([])
  expect(t.log.filter((l) => l.type === 'heldByPolicy')).toHaveLength(2)
  expect(t.log.at(-1)).toMatchObject({ type: 'outcome', calls: { held: 3, quiet: 3, denied: 0 } })
  const item = t.session.feed.projection.items.find((i) => i.type === 'action')
  expect(item).toMatchObject({ quiet: [{ path: '/srv/x/__pycache__/m1.pyc' }, {}] })
})

test('files of Gatehouse itself stay closed whatever the mode', async () => {
  const t = await testSession()
  t.sandbox.script = oneCall({
    path: '/home/dana/.gatehouse/config.toml',
    directory: '/home/dana/.gatehouse',
  })
  expect(await t.propose(shellProposal('x'))).toMatchObject({ exitCode: 1 })
  expect(t.shown).toEqual([])
})

test('where calls cannot be held it is said once, and what was stopped is asked after the run', async () => {
  const t = await testSession()
  t.sandbox.abilities = { ...t.sandbox.abilities, holds: false, why: 'The kernel is too old.' }
  t.sandbox.violations = ({ spec }) =>
    spec.grantedPaths.length > 0
      ? []
      : [{ kind: 'write', path: '/outside/f', wants: 'file', protected: false, evidence: '' }]
  t.answer({ offerId: 'once' })
  await t.propose(shellProposal('cp r /outside/f'))
  await t.propose(shellProposal('true'))
  expect(t.sandbox.runs.map((r) => r.spec.grantedPaths)).toEqual([[], ['/outside/f'], []])
  expect(t.log.filter((l) => l.type === 'holding')).toMatchObject([
    { holds: false, why: 'The kernel is too old.' },
  ])
  expect(t.session.feed.summary.holdProblem).toBe('The kernel is too old.')
})

test('a limit that was hit stands in the session and in the outcome', async () => {
  const t = await testSession()
  t.sandbox.script = (run) => {
    run.limit('memory', 'It used more than 1 GB of memory.')
    run.exit(137)
  }
  await t.propose(shellProposal('make'))
  expect(t.log.find((l) => l.type === 'outcome')).toMatchObject({
    problem: 'It used more than 1 GB of memory.',
  })
  await expect.poll(() => t.types()).toContain('notice')
})

test('an agent that looks in now and then is answered after the person, and a while later', async () => {
  const t = await testSession()
  t.sandbox.script = async (run) => {
    await run.hold()
    run.print('written')
    await new Promise((resolve) => setTimeout(resolve, 5))
    run.exit(0)
  }
  const running = t.propose(shellProposal('make', { yieldMs: 300 }))
  await expect.poll(() => t.inbox.waiting()).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 400))
  const id = t.inbox.requests[0]?.id as never
  await t.inbox.decide({ id, revision: 1, offerId: 'once', lookMs: 1 }, 'user')
  expect(await running).toMatchObject({ status: 'ran', exitCode: 0, output: 'written' })
})

test('what a denied pattern matches is closed in a run that goes on, and not after it', async () => {
  const folder = tempFolder()
  try {
    const deniedGlobs = [{ folder: folder.path, pattern: '*.env', maxDepth: null }]
    const t = await testSession({ settings: { ...settingsOf('auto'), deniedGlobs } })
    let going: FakeRun | null = null
    t.sandbox.script = (run) => void (going = run)
    const ended = t.propose(shellProposal('make'))
    await expect.poll(() => going).not.toBeNull()
    // Until the folder is watched, a file that appears is found by the first look.
    writeFileSync(`${folder.path}/new.env`, '')
    await expect.poll(() => t.sandbox.runs[0]?.asked).toEqual([`mask ${folder.path}/new.env`])
    t.sandbox.runs[0]?.exit(0)
    expect(await ended).toMatchObject({ status: 'ran' })
  } finally {
    folder.remove()
  }
})
