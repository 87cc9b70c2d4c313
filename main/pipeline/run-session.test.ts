import { expect, test } from 'vitest'
import type { Violation } from '../../protocol/sandbox.ts'
import { settingsOf } from '../../protocol/settings.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { shellProposal, testSession } from '../testing/test-session.ts'

const stopped = (path: string): Violation => ({
  kind: 'write',
  path,
  wants: 'file',
  protected: false,
  evidence: `cp: ${path}`,
})
const actionTypes = ['action', 'verdict', 'request', 'decision', 'run', 'outcome']
const ofAction = (types: string[]) => types.filter((t) => actionTypes.includes(t))

test('a command inside the sandbox is recorded step by step and runs without a question', async () => {
  const t = await testSession()
  t.sandbox.script = (run) => {
    run.print('\x1b[31mhello\x1b[0m\r\n')
    run.exit(0)
  }
  expect(await t.propose(shellProposal('make'))).toMatchObject({
    status: 'ran',
    exitCode: 0,
    output: 'hello\n',
  })
  expect(ofAction(t.types())).toEqual(['action', 'verdict', 'run', 'outcome'])
  expect(t.sandbox.runs[0]?.argv).toEqual(['bash', '-c', 'make'])
})

test('a declined command is logged and never started', async () => {
  const t = await testSession({ settings: settingsOf('read-only') })
  t.answer({ offerId: 'deny', note: 'not now' })
  expect(await t.propose(shellProposal('make'))).toEqual({
    status: 'refused',
    by: 'user',
    note: 'not now',
    stop: false,
  })
  expect(ofAction(t.types())).toEqual(['action', 'verdict', 'request', 'decision'])
  expect(t.sandbox.runs).toEqual([])
})

test('what the sandbox stopped becomes a question, and exactly that is granted', async () => {
  const t = await testSession()
  t.sandbox.violations = ({ spec }) => (spec.grantedPaths.length === 0 ? [stopped('/out/r.txt')] : [])
  t.sandbox.script = (run) => run.exit(run.spec.grantedPaths.length === 0 ? 1 : 0)
  t.answer({ offerId: 'once' })
  expect(await t.propose(shellProposal('cp r.txt /out/r.txt'))).toMatchObject({ status: 'ran', exitCode: 0 })
  expect(t.sandbox.runs.map((r) => r.spec.grantedPaths)).toEqual([[], ['/out/r.txt']])
  expect(t.shown[0]).toMatchObject({
    kind: 'writeOutside',
    verdict: { origin: { kind: 'sandbox', violations: 1 } },
  })
  expect(t.types()).toContain('wroteOutside')
})

test('a denied re-run tells the agent why, and what the first run printed', async () => {
  const t = await testSession()
  t.sandbox.violations = () => [stopped('/out/r.txt')]
  t.sandbox.script = (run) => {
    run.print('read-only file system\n')
    run.exit(1)
  }
  t.answer({ offerId: 'deny', note: 'keep it here' })
  expect(await t.propose(shellProposal('cp r /out/r.txt'))).toEqual({
    status: 'refused',
    by: 'user',
    note: 'keep it here',
    stop: false,
    ranFirst: { exitCode: 1, output: 'read-only file system\n' },
  })
  // Asked again in the same turn, the answer stands without a new card.
  expect(await t.propose(shellProposal('cp r /out/r.txt'))).toMatchObject({ status: 'refused', by: 'policy' })
  expect(t.shown).toHaveLength(1)
})

test('the edited command runs and the original does not', async () => {
  const t = await testSession({ settings: settingsOf('read-only') })
  t.answer({ offerId: 'once', editedCommand: 'make test' })
  expect(await t.propose(shellProposal('make install'))).toMatchObject({ status: 'ran', edited: 'make test' })
  expect(t.sandbox.runs.map((r) => r.argv)).toEqual([['bash', '-c', 'make test']])
})

test('an answer for the session is not asked again, in the same boundary', async () => {
  const t = await testSession({ settings: settingsOf('read-only') })
  t.answer({ offerId: 'session' })
  await t.propose(shellProposal('make'))
  await t.propose(shellProposal('make'))
  expect(t.shown).toHaveLength(1)
  expect(t.sandbox.runs).toHaveLength(2)
  expect(t.sandbox.runs[1]?.spec.writableRoots).toEqual([])
})

test('deny and stop ends the turn', async () => {
  const t = await testSession({ settings: settingsOf('read-only') })
  t.answer({ offerId: 'denyStop' })
  expect(await t.propose(shellProposal('make'))).toMatchObject({ status: 'refused', stop: true })
  await t.session.idle()
  expect(t.log.at(-1)).toMatchObject({ type: 'turnEnd', reason: 'stoppedByDenial' })
})

test('an interrupt stops what runs, withdraws what waits, and the session goes on', async () => {
  const t = await testSession()
  t.sandbox.script = () => {}
  const running = t.propose(shellProposal('sleep 100'))
  await expect.poll(() => t.sandbox.runs.length).toBe(1)
  await t.session.interrupt()
  expect(await running).toEqual({ status: 'interrupted' })
  expect(t.sandbox.runs[0]?.stopped).toBe(true)
  await t.session.idle()
  expect(t.log.at(-1)).toMatchObject({ type: 'turnEnd', reason: 'interrupted' })
  expect(t.session.prompt('again')).toBe('sent')
})

test('narrowing holds at once: runs with more room end, questions are withdrawn, grants are gone', async () => {
  const t = await testSession()
  t.sandbox.script = () => {}
  const running = t.propose(shellProposal('npm run watch'))
  const asking = t.propose(
    shellProposal('x', {
      escalation: { grant: { writePaths: [], network: true, unsandboxed: false }, reason: null },
    }),
  )
  await expect.poll(() => t.inbox.waiting()).toBe(1)
  await expect.poll(() => t.sandbox.runs.length).toBe(1)
  const to = t.session.settingsFor('read-only', null)
  expect(await t.session.changeSettings(to, 'user', null)).toEqual({ stopped: 1, withdrawn: 1 })
  expect(t.sandbox.runs[0]?.stopped).toBe(true)
  expect(await asking).toMatchObject({ status: 'refused', by: 'policy' })
  await running
  t.sandbox.script = (run) => run.exit(0)
  await t.propose(shellProposal('ls'))
  expect(t.sandbox.runs.at(-1)?.spec.writableRoots).toEqual([])
})

test.each(['looked at', 'started'])(
  'what is being %s while the session is narrowed does not go on',
  async (when) => {
    const t = await testSession()
    await t.session.changeSettings(t.session.settingsFor('full-access', null), 'user', 'because')
    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const wait = async (): Promise<void> => {
      reached.resolve()
      await gate.promise
    }
    t.sandbox.script = () => {}
    const prepare = t.sandbox.prepareGrant.bind(t.sandbox)
    const start = t.sandbox.start.bind(t.sandbox)
    if (when === 'looked at') t.sandbox.prepareGrant = async (...about) => (await wait(), prepare(...about))
    else t.sandbox.start = async (options) => (await wait(), start(options))
    const result = t.propose(shellProposal('sleep 100'))
    await reached.promise
    await t.session.changeSettings(t.session.settingsFor('auto', null), 'user', null)
    gate.resolve()
    if (when === 'started') await expect.poll(() => t.sandbox.runs[0]?.stopped).toBe(true)
    else {
      expect(await result).toMatchObject({ status: 'failed' })
      expect(t.sandbox.runs).toEqual([])
    }
  },
)

test('a lease ends by itself and narrows', async () => {
  const clock = new FakeClock()
  const t = await testSession({ clock })
  const lease = t.session.settingsFor('full-access', clock.nowMs() + 60_000)
  await t.session.changeSettings(lease, 'user', 'because')
  t.sandbox.script = () => {}
  void t.propose(shellProposal('sleep 100'))
  await expect.poll(() => t.sandbox.runs.length).toBe(1)
  clock.advance(60_000)
  await expect.poll(() => t.session.settings.preset).toBe('auto')
  await expect.poll(() => t.sandbox.runs[0]?.stopped).toBe(true)
  expect(t.log.filter((l) => l.type === 'settingsChanged').map((l) => l.by)).toEqual(['user', 'leaseEnded'])
})

test('an edit is written by a process in the sandbox, not by the host', async () => {
  const t = await testSession()
  t.sandbox.files.set('/w/a.txt', 'old\n')
  expect(
    await t.propose({ kind: 'edit', edits: [{ path: 'a.txt', content: 'new\n' }], says: null }),
  ).toMatchObject({ status: 'ran' })
  expect(t.sandbox.piped.at(-1)).toMatchObject({ stdin: 'new\n', spec: { boundary: 'bounded' } })
  const action = t.log.find((l) => l.type === 'action')
  expect(
    action?.type === 'action' && action.action.kind === 'fileChange' && action.action.edits[0]?.diff,
  ).toContain('-old\n+new')
})

test('an edit that was allowed in read-only is written with the workspace open, commands stay closed', async () => {
  const t = await testSession({ settings: settingsOf('read-only') })
  t.answer({ offerId: 'once' }, { offerId: 'once' })
  const edit = { kind: 'edit' as const, edits: [{ path: 'a.txt', content: 'new\n' }], says: null }
  expect(await t.propose(edit)).toMatchObject({ status: 'ran' })
  expect(t.sandbox.piped.at(-1)).toMatchObject({
    stdin: 'new\n',
    spec: { boundary: 'bounded', network: 'none', writableRoots: ['/w'] },
  })
  t.sandbox.script = (run) => run.exit(0)
  await t.propose(shellProposal('make'))
  expect(t.sandbox.runs[0]?.spec.writableRoots).toEqual([])
})

test.each([
  ['settings folders of agents', '.codex/config.toml'],
  ['git hooks', '.git/hooks/pre-commit'],
  ['a path that climbs out', '../../etc/hosts'],
  ['an absolute path outside', '/etc/hosts'],
])('an edit of %s is asked', async (_title, path) => {
  const t = await testSession()
  t.answer({ offerId: 'deny' })
  expect(await t.propose({ kind: 'edit', edits: [{ path, content: 'x' }], says: null })).toMatchObject({
    status: 'refused',
  })
  expect(t.shown).toHaveLength(1)
})

test.each([
  ['NUL in a command', shellProposal('a\0b')],
  ['no command', shellProposal('', { argv: [], script: null })],
  ['a huge command', shellProposal('x'.repeat(200_000))],
  ['NUL in a path', { kind: 'edit' as const, edits: [{ path: 'a\0', content: '' }], says: null }],
  ['an empty edit', { kind: 'edit' as const, edits: [], says: null }],
  ['a process that is not there', { kind: 'input' as const, processId: 'nope', text: 'x', yieldMs: 0 }],
])('%s gives the agent one sentence and starts nothing', async (_title, proposal) => {
  const t = await testSession()
  const result = await t.propose(proposal)
  expect(result.status).toBe('failed')
  expect(t.sandbox.runs).toEqual([])
})

test.each(['action', 'verdict', 'run'] as const)(
  'when the %s entry cannot be written, nothing starts and the session stops',
  async (type) => {
    let full = false
    const t = await testSession({ failLog: (entry) => full && entry.type === type })
    full = true
    const result = await t.propose(shellProposal('make'))
    expect(['failed', 'interrupted']).toContain(result.status)
    expect(t.sandbox.runs).toEqual([])
    expect(t.session.ended).toBe(true)
    expect(t.session.feed.summary).toMatchObject({ state: 'failed' })
  },
)

test('a long command is answered as running, can be typed into, and ends later', async () => {
  const t = await testSession()
  t.sandbox.script = (run) => run.print('ready\n')
  const first = await t.propose(shellProposal('python3', { yieldMs: 5 }))
  expect(first).toMatchObject({ status: 'running', output: 'ready\n' })
  const processId = first.status === 'running' ? first.processId : ''
  const second = await t.propose({ kind: 'input', processId, text: '1+1\n', yieldMs: 5 })
  expect(second.status).toBe('running')
  expect(t.sandbox.runs[0]?.typed).toEqual(['1+1\n'])
  t.sandbox.runs[0]?.exit(0)
  expect(await t.propose({ kind: 'input', processId, text: '', yieldMs: 50 })).toMatchObject({
    status: 'ran',
    exitCode: 0,
  })
})

test('while paused nothing starts', async () => {
  const t = await testSession()
  await t.session.pause(true)
  const proposed = t.propose(shellProposal('make'))
  await new Promise((r) => setTimeout(r, 20))
  expect(t.sandbox.runs).toEqual([])
  await t.session.pause(false)
  expect(await proposed).toMatchObject({ status: 'ran' })
})
