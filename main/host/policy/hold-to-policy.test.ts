import { afterEach, expect, test } from 'vitest'
import { type Settings, settingsOf } from '../../../protocol/settings.ts'
import type { LiveSession } from '../../pipeline/run-session.ts'
import { openPolicy, type TestPolicy } from '../../testing/open-policy.ts'
import type { HostContext } from '../host-context.ts'
import { holdToPolicy } from './hold-to-policy.ts'
import { permitted } from './permitted.ts'

let open: TestPolicy | null = null
afterEach(() => {
  open?.close()
  open = null
})
const start = async (requirements: string): Promise<TestPolicy> => {
  open = await openPolicy({ 'more/requirements.toml': requirements })
  return open
}

const limits = 'allowed_sandbox_modes = ["read-only"]\nallowed_approval_policies = ["on-request"]\n'

test('what is wanted and permitted stays as it is', async () => {
  const p = await start('')
  for (const wanted of [
    settingsOf('read-only'),
    settingsOf('auto'),
    settingsOf('full-access', 5_000),
    { ...settingsOf('auto'), deniedReads: ['/w/.env'] },
  ]) {
    const { to, lowered } = await permitted(p.work, wanted, p)
    expect(to).toEqual(wanted)
    expect(lowered).toEqual([])
  }
})

test('granular keeps its switches, and those that are missing are off', async () => {
  const p = await start('')
  const granular = {
    sandboxApproval: true,
    rules: true,
    mcpElicitations: false,
    requestPermissions: true,
    skillApproval: false,
  }
  const wanted: Settings = { ...settingsOf('auto'), preset: null, approvalPolicy: 'granular', granular }
  expect((await permitted(p.work, wanted, p)).to).toEqual(wanted)
  const without: Settings = { ...settingsOf('auto'), preset: null, approvalPolicy: 'granular' }
  expect(Object.values((await permitted(p.work, without, p)).to.granular ?? {})).toEqual(Array(5).fill(false))
})

test('full access does not get around a limit on the network', async () => {
  const p = await start('[experimental_network]\nenabled = true\nallowed_domains = ["a.example"]\n')
  const { to, lowered } = await permitted(p.work, settingsOf('full-access', 5_000), p)
  expect(to).toMatchObject({ sandboxMode: 'read-only', preset: null, leaseEndsAtMs: null })
  expect(lowered.map(({ chosen, inForce }) => [chosen, inForce])).toEqual([
    ['danger-full-access', 'read-only'],
  ])
})

test('what is not permitted is lowered, with what was chosen, and is no preset and no lease any more', async () => {
  const p = await start(limits)
  const { to, lowered } = await permitted(p.work, settingsOf('full-access', 5_000), p)
  expect(to).toMatchObject({
    sandboxMode: 'read-only',
    approvalPolicy: 'on-request',
    preset: null,
    leaseEndsAtMs: null,
    extraWritableRoots: [],
  })
  expect(lowered.map(({ key, chosen }) => [key, chosen])).toEqual(
    expect.arrayContaining([
      ['sandbox_mode', 'danger-full-access'],
      ['approval_policy', 'never'],
    ]),
  )
})

/** A session as far as policy sees it. */
function session(folder: string, settings: Settings, ended = false) {
  const said: unknown[] = []
  const live = {
    ended,
    feed: { summary: { folder } },
    settings,
    note: (entry: unknown) => {
      said.push(entry)
      return Promise.resolve()
    },
    recheckHosts: () => Promise.resolve(),
    changeSettings: (to: Settings, why: string, words: string | null) => {
      said.push({ to, why, words })
      return Promise.resolve()
    },
  }
  return { live: live as unknown as LiveSession, said }
}
const contextOf = ({ policy }: TestPolicy): HostContext =>
  ({ policy, ids: { next: (prefix: string) => `${prefix}_1` } }) as unknown as HostContext
const change = { changes: [{ file: '/etc/requirements.toml', what: 'edited' }], digest: 'd', problems: [] }

test('a running session is narrowed at once, after the change was noted', async () => {
  const p = await start(limits)
  const { live, said } = session(p.work, settingsOf('auto'))
  await holdToPolicy(live, contextOf(p), change)
  expect(said).toEqual([
    expect.objectContaining({ type: 'policyChanged', digest: 'd', changes: change.changes }),
    {
      to: expect.objectContaining({ sandboxMode: 'read-only' }) as Settings,
      why: 'policyChanged',
      words: expect.stringContaining('you chose workspace-write; allowed is read-only') as string,
    },
  ])
})

test('a session that the change does not touch only notes it, and one that ended nothing', async () => {
  const p = await start(limits)
  const kept = session(p.work, settingsOf('read-only'))
  await holdToPolicy(kept.live, contextOf(p), {
    ...change,
    problems: [
      { level: 'problem', code: 'x', message: 'Mend it.', place: { file: 'a.rules', line: 3 } },
      { level: 'problem', code: 'x', message: 'Alone.', place: null },
    ],
  })
  expect(kept.said).toEqual([expect.objectContaining({ problems: ['a.rules:3: Mend it.', 'Alone.'] })])
  const over = session(p.work, settingsOf('auto'), true)
  await holdToPolicy(over.live, contextOf(p), change)
  expect(over.said).toEqual([])
})
