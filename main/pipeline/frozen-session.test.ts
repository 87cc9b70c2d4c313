import { expect, test } from 'vitest'
import { settingsOf } from '../../protocol/settings.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { stoppedProbe } from '../testing/fake-sandbox.ts'
import { shellProposal, testSession } from '../testing/test-session.ts'
import { freshMs } from './verify-session.ts'

const open = { ...stoppedProbe, blocked: false, detail: 'It went through.' }

test('a failed probe stops what runs, withdraws what waits, and nothing starts', async () => {
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
  t.sandbox.probes = () => [open]
  await t.session.check()

  expect(t.sandbox.runs[0]?.stopped).toBe(true)
  expect(await running).toEqual({ status: 'interrupted' })
  expect(await asking).toEqual({ status: 'interrupted' })
  expect(t.inbox.waiting()).toBe(0)
  expect(t.log.find(({ type }) => type === 'sandboxFrozen')).toMatchObject({
    why: 'open',
    target: open.target,
    stopped: 1,
    withdrawn: 1,
  })
  await t.session.idle()
  expect(t.log.findLast(({ type }) => type === 'turnEnd')).toMatchObject({ reason: 'frozen' })
  expect(t.session.feed.summary.sandbox).toMatchObject({ state: 'frozen', detail: 'It went through.' })

  t.session.prompt('go on')
  await t.session.idle()
  expect(t.sandbox.runs).toHaveLength(1)
  expect(t.types().filter((type) => type === 'turnStart')).toHaveLength(1)
})

test('what was about to start when the session froze does not', async () => {
  const clock = new FakeClock(Date.now())
  const t = await testSession({ clock })
  clock.advance(freshMs)
  await expect.poll(() => t.types()).toContain('sandboxStillHolds')
  const build = t.sandbox.buildSpec.bind(t.sandbox)
  // The command passed its last check and builds its boundary; the probe goes through meanwhile.
  t.sandbox.buildSpec = async (request) => {
    t.sandbox.buildSpec = build
    t.sandbox.probes = () => [open]
    await t.session.check()
    return build(request)
  }
  expect(await t.propose(shellProposal('make'))).toEqual({ status: 'interrupted' })
  expect(t.sandbox.runs).toEqual([])
})

test('the first command after a quiet time is held back by a probe that goes through', async () => {
  const clock = new FakeClock(Date.now())
  const t = await testSession({ clock })
  t.sandbox.probes = () => [open]
  clock.advance(freshMs)
  expect(await t.propose(shellProposal('make'))).toEqual({ status: 'interrupted' })
  expect(t.sandbox.runs).toEqual([])
})

test('a check of the person that holds lets the session go on, with what waited', async () => {
  const t = await testSession()
  t.sandbox.probes = () => [open]
  await t.session.check()
  await t.session.idle()
  t.session.prompt('later')
  t.sandbox.probes = () => [stoppedProbe]
  await t.session.check()
  expect(t.session.feed.summary.sandbox).toMatchObject({ state: 'verified' })
  await expect.poll(() => t.types().filter((type) => type === 'turnStart')).toHaveLength(2)
  expect(await t.propose(shellProposal('make'))).toMatchObject({ status: 'ran' })
})

test('a change of settings and a grant for the session are proved anew', async () => {
  const t = await testSession({ settings: settingsOf('read-only') })
  await t.session.changeSettings(t.session.settingsFor('auto', null), 'user', null)
  expect(t.sandbox.rounds).toBe(1)
  expect(t.types().at(-1)).toBe('sandboxVerified')

  t.answer({ offerId: 'session' })
  await t.propose(
    shellProposal('make install', {
      escalation: { grant: { writePaths: ['/out'], network: false, unsandboxed: false }, reason: null },
    }),
  )
  expect(t.sandbox.rounds).toBe(2)
})

test('full access hides no freeze', async () => {
  const t = await testSession()
  t.sandbox.probes = () => [open]
  await t.session.check()
  await t.session.changeSettings(t.session.settingsFor('full-access', Date.now() + 60_000), 'user', null)
  expect(t.session.feed.summary.sandbox).toMatchObject({ state: 'frozen' })
  expect(t.session.frozen).toBe(true)
  await t.session.end('user', null)
})
