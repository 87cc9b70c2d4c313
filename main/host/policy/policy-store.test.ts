import { afterEach, expect, test } from 'vitest'
import { noFacts } from '../../policy/action-facts.ts'
import { judgeAction } from '../../policy/judge-action.ts'
import { command } from '../../testing/builders.ts'
import { openPolicy, type TestPolicy } from '../../testing/open-policy.ts'
import { downgradeWords, loweredDials, type PolicyChange, settingsFrom } from './policy-store.ts'

let open: TestPolicy | null = null
afterEach(() => {
  open?.close()
  open = null
})
const start = async (files: Readonly<Record<string, string>> = {}): Promise<TestPolicy> => {
  open = await openPolicy(files)
  return open
}

const verdictOf = async ({ policy, work }: TestPolicy, ...argv: string[]): Promise<string> => {
  const effective = await policy.effective(work, {})
  const settings = {
    ...settingsFrom(effective, { preset: null, leaseEndsAtMs: null, deniedReads: [] }),
    sandboxMode: 'workspace-write' as const,
    approvalPolicy: 'on-request' as const,
  }
  const rules = await policy.lookup(work, work)
  return judgeAction(command(argv, { cwd: work }), noFacts, { settings, rules, decode: policy.decode })
    .verdict.kind
}

const forbids = (program: string): string => `prefix_rule(pattern=["${program}"], decision="forbidden")\n`
const requires = (program: string): string =>
  `[rules]\nprefix_rules = [{ pattern = [{ token = "${program}" }], decision = "forbidden" }]\n`

test('an edit of a rules file holds for the next question', async () => {
  const p = await start({ 'home/rules/a.rules': forbids('zap') })
  expect(await verdictOf(p, 'zap')).toBe('forbid')
  // The same size, so only times and contents tell.
  p.files.write('home/rules/a.rules', forbids('zip'))
  expect([await verdictOf(p, 'zap'), await verdictOf(p, 'zip')]).toEqual(['run', 'forbid'])
  p.files.write('home/rules/b.rules', forbids('zap'))
  expect(await verdictOf(p, 'zap')).toBe('forbid')
})

test('an edit of config.toml holds for the next question', async () => {
  const p = await start({ 'home/config.toml': 'approval_policy = "untrusted"\n' })
  const policyNow = async () => (await p.policy.effective(p.work, {}, true)).settings.approvalPolicy
  expect(await policyNow()).toBe('untrusted')
  p.files.write('home/config.toml', 'approval_policy = "never"\n')
  expect(await policyNow()).toBe('never')
})

test('an edit of requirements holds for the next question, also in a folder of more of them', async () => {
  const p = await start({
    'home/config.toml': 'sandbox_mode = "danger-full-access"\n',
    'more/requirements.toml': 'allowed_sandbox_modes = ["read-only", "workspace-write"]\n',
  })
  const mode = async () => (await p.policy.effective(p.work, {}, true)).settings.permissions.mode
  expect(await mode()).not.toBe('danger-full-access')
  p.files.write('more/requirements.toml', 'allowed_sandbox_modes = ["read-only"]\n')
  expect(await mode()).toBe('read-only')
  // The system's own and this one both count.
  p.files.write('more/requirements.toml', '')
  p.files.write('etc/requirements.toml', 'allowed_sandbox_modes = ["read-only"]\n')
  expect(await mode()).toBe('read-only')
  p.files.write('etc/requirements.toml', '')
  expect(await mode()).toBe('danger-full-access')
})

test('rules of requirements are asked, are marked, and an edit of them holds at once', async () => {
  const p = await start({
    'home/rules/a.rules': 'prefix_rule(pattern=["zap"])\n',
    'more/requirements.toml': requires('zap'),
  })
  expect(await verdictOf(p, 'zap')).toBe('forbid')
  const { managed } = await p.policy.lookup(p.work, p.work)
  expect([...managed].some((file) => file.endsWith('more/requirements.toml'))).toBe(true)
  // As many rules as before.
  p.files.write('more/requirements.toml', requires('zip'))
  expect([await verdictOf(p, 'zap'), await verdictOf(p, 'zip')]).toEqual(['run', 'forbid'])
})

test.each<[string, string, string]>([
  ['a rules file', 'home/rules/a.rules', `prefix_rule(pattern=["x"], match=["y"])\n${forbids('zap')}`],
  ['a rules file without an end', 'home/rules/a.rules', `${forbids('zap')}prefix_rule(`],
  ['a rules file that is no text', 'home/rules/a.rules', `${forbids('zap')}\0`],
  ['gatehouse.toml', 'home/rules/gatehouse.toml', '[[gatehouse.rules]\n'],
  ['requirements', 'more/requirements.toml', `${requires('zap')}[rules`],
  ['requirements that say nothing of rules', 'more/requirements.toml', '[rules]\nprefix_rules = 1\n'],
])('a broken edit of %s widens nothing', async (_title, file, text) => {
  const p = await start({ 'home/rules/a.rules': forbids('zap'), 'more/requirements.toml': requires('zap') })
  p.files.write(file, text)
  expect(['review', 'forbid']).toContain(await verdictOf(p, 'zap'))
  const { settings } = await p.policy.effective(p.work, { sandboxMode: 'danger-full-access' })
  if (file.startsWith('more') && text.includes('[rules\n'))
    expect(settings.permissions.mode).toBe('read-only')
})

test('a broken requirements file leaves the narrowest settings', async () => {
  const p = await start({
    'home/config.toml': 'sandbox_mode = "danger-full-access"\napproval_policy = "never"\n',
  })
  p.files.write('more/requirements.toml', 'a = [\n')
  const { settings } = await p.policy.effective(p.work, { sandboxMode: 'danger-full-access' })
  expect(settings.permissions.mode).toBe('read-only')
})

test('listeners are told of an edit within two seconds, with the file and what is wrong in it', async () => {
  const p = await start({ 'home/rules/a.rules': forbids('zap') })
  const heard = new Promise<PolicyChange>((resolve) => p.policy.onChange(resolve))
  const begun = Date.now()
  p.files.write('home/rules/a.rules', 'prefix_rule(\n')
  const { changes, problems, digest, revision } = await heard
  expect(Date.now() - begun).toBeLessThan(2000)
  expect(changes).toEqual([
    { file: expect.stringMatching(/home\/rules\/a\.rules$/) as string, what: 'edited' },
  ])
  expect(problems.some(({ place }) => place?.file.endsWith('a.rules'))).toBe(true)
  expect([revision, digest]).toEqual([1, expect.stringMatching(/^[0-9a-f]{64}$/)])
})

test.each([
  ['config.toml', 'home/config.toml', 'web_search = "disabled"\n'],
  ['a new rules file', 'home/rules/b.rules', forbids('zip')],
  ['more requirements', 'more/requirements.toml', 'allowed_sandbox_modes = ["read-only"]\n'],
])('listeners are told when %s appears', async (_title, file, text) => {
  const p = await start({ 'home/rules/a.rules': '' })
  const heard = new Promise<PolicyChange>((resolve) => p.policy.onChange(resolve))
  p.files.write(file, text)
  const { changes } = await heard
  expect(changes).toEqual([{ file: expect.stringMatching(new RegExp(`${file}$`)) as string, what: 'added' }])
})

test('the digest changes with what is in force, and only then', async () => {
  const p = await start({ 'home/rules/a.rules': forbids('zap') })
  const digests: string[] = []
  p.policy.onChange(({ digest }) => digests.push(digest))
  p.files.write('home/rules/a.rules', forbids('zip'))
  await p.policy.check()
  p.files.write('home/rules/a.rules', forbids('zap'))
  await p.policy.check()
  p.files.write('home/rules/a.rules', forbids('zip'))
  await p.policy.check()
  expect(digests).toHaveLength(3)
  expect([digests[0] === digests[2], digests[0] === digests[1]]).toEqual([true, false])
})

test('what files say about hosts is joined, deny wins', async () => {
  const p = await start({
    'home/config.toml': `default_permissions = "dev"
[permissions.dev]
extends = ":workspace"
[permissions.dev.network]
enabled = true
domains = { "a.example" = "allow", "b.example" = "allow", "c.example" = "deny" }
[features.network_proxy]
enabled = true
domains = { "c.example" = "allow" }
`,
    'home/rules/a.rules': 'network_rule(host="b.example", protocol="https", decision="deny")\n',
  })
  const { rules } = await p.policy.network(p.work)
  const said = rules.rules.map((r) => `${r.decision} ${r.pattern.source}`).toSorted()
  expect(said).toEqual([
    'allow a.example',
    'allow b.example',
    'allow c.example',
    'deny b.example',
    'deny c.example',
  ])
})

test('after it is closed, nobody is told', async () => {
  const p = await start({ 'home/rules/a.rules': '' })
  const told: PolicyChange[] = []
  p.policy.onChange((change) => told.push(change))()
  p.files.write('home/rules/a.rules', forbids('zap'))
  await p.policy.check()
  expect(told).toEqual([])
})

test('a profile that writes everywhere with a closed network is not full access, and says why', async () => {
  const p = await start({
    'home/config.toml': 'default_permissions = "p"\n[permissions.p.filesystem]\n":root" = "write"\n',
  })
  const effective = await p.policy.effective(p.work, {}, true)
  const settings = settingsFrom(effective, { preset: null, leaseEndsAtMs: null, deniedReads: [] })
  expect(settings).toMatchObject({ sandboxMode: 'read-only', extraWritableRoots: [] })
  expect(settings.access?.entries.filter(({ access }) => access === 'write')).toEqual([])
  const [lowered] = loweredDials(effective)
  expect(lowered).toMatchObject({ chosen: 'danger-full-access', inForce: 'read-only' })
  expect(lowered && downgradeWords(lowered)).toContain('"p": everything may be written')
})

test('full access chosen by its own name stays what it is', async () => {
  const p = await start({ 'home/config.toml': 'sandbox_mode = "danger-full-access"\n' })
  const effective = await p.policy.effective(p.work, {}, true)
  const settings = settingsFrom(effective, { preset: null, leaseEndsAtMs: 5000, deniedReads: [] })
  expect(settings).toMatchObject({ sandboxMode: 'danger-full-access', leaseEndsAtMs: 5000 })
  expect(loweredDials(effective)).toEqual([])
})
