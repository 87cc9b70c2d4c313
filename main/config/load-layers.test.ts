import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { effectiveConfig } from '../policy/settings/effective-config.ts'
import type { LoadRequest } from './load-layers.ts'
import { loadLayers } from './load-layers.ts'

let root = ''
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-layers-')))
  await mkdir(join(root, 'repo', '.git'), { recursive: true })
  await mkdir(join(root, 'repo', 'sub', 'deep'), { recursive: true })
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function put(path: string, text: string): Promise<void> {
  const file = join(root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

async function load(change: Partial<LoadRequest> = {}) {
  const { input } = await loadLayers({
    places: { systemDir: join(root, 'etc'), gatehouseHome: join(root, 'home') },
    cwd: join(root, 'repo', 'sub'),
    home: join(root, 'home'),
    tmpdir: null,
    hostName: 'box',
    trust: 'trusted',
    flags: [],
    profile: null,
    session: {},
    ...change,
  })
  return effectiveConfig(input)
}

const originOf = (effective: Awaited<ReturnType<typeof load>>, key: string) =>
  effective.origins.find((one) => one.key === key)?.origin

test('each layer overrides those below it, and every value tells where it stands', async () => {
  const all = [
    'web_search',
    'allow_login_shell',
    'history.max_bytes',
    'gatehouse.boundary',
    'approval_policy',
    'sandbox_mode',
  ]
  const texts: [string, string][] = [
    [
      'etc/config.toml',
      'history.max_bytes = 1\nweb_search = "live"\nallow_login_shell = true\ngatehouse.boundary = "container"\n',
    ],
    [
      'home/config.toml',
      'profile = "x"\nweb_search = "cached"\n[profiles.x]\nallow_login_shell = false\ngatehouse.boundary = "sandbox"\n',
    ],
    ['home/x.config.toml', '\ngatehouse.boundary = "container"\napproval_policy = "untrusted"\n'],
    ['repo/.gatehouse/config.toml', 'sandbox_mode = "read-only"\napproval_policy = "never"\n'],
    ['repo/sub/.gatehouse/config.toml', '# nearer\nsandbox_mode = "workspace-write"\n'],
  ]
  for (const [path, text] of texts) await put(path, text)
  const effective = await load({ flags: ['approval_policy=on-request'] })
  expect(effective.ok).toBe(true)
  const at = (layer: string, file: string, line: number) => ({ layer, file: join(root, file), line })
  expect(all.map((key) => originOf(effective, key))).toEqual([
    at('user', 'home/config.toml', 2),
    at('profile', 'home/config.toml', 4),
    at('system', 'etc/config.toml', 1),
    at('profile', 'home/x.config.toml', 2),
    { layer: 'flags', file: null, line: null },
    at('folder', 'repo/sub/.gatehouse/config.toml', 2),
  ])
  expect(effective.effective).toMatchObject({
    approvalPolicy: 'on-request',
    sandbox: { type: 'workspaceWrite' },
    allowLoginShell: false,
    webSearch: 'cached',
  })
})

test('managed settings override flags and limit a session as well', async () => {
  await put('etc/managed_config.toml', 'sandbox_mode = "workspace-write"\napproval_policy = "on-request"\n')
  const effective = await load({
    flags: ['sandbox_mode=danger-full-access', 'approval_policy=never'],
    session: { sandboxMode: 'danger-full-access', approvalPolicy: 'untrusted' },
  })
  expect(effective.effective.sandbox.type).toBe('readOnly')
  expect(effective.effective.approvalPolicy).toBe('on-request')
  expect(originOf(effective, 'sandbox_mode')?.layer).toBe('managed')
})

test.each([
  ['nothing is known of it', null, ''],
  ['it is untrusted', 'untrusted', ''],
  ['the files say it is untrusted', 'trusted', 'untrusted'],
] as const)('the file of a folder is shown but has no effect when %s', async (_title, trust, inFile) => {
  await put('repo/.gatehouse/config.toml', 'approval_policy = "never"\n[broken\n')
  if (inFile) await put('home/config.toml', `[projects."${join(root, 'repo')}"]\ntrust_level = "${inFile}"\n`)
  const effective = await load({ trust })
  expect(effective.ok).toBe(true)
  expect(effective.effective.approvalPolicy).toBe(trust === null ? 'on-request' : 'untrusted')
  expect(effective.layers.find(({ file }) => file?.includes('/repo/.gatehouse'))).toMatchObject({
    state: 'notTrusted',
  })
})

test('trust in the repository counts for the folders in it, and nothing above', async () => {
  await put('home/config.toml', `[projects."${join(root, 'repo')}"]\ntrust_level = "trusted"\n`)
  const trust = async (folder: string) =>
    (await load({ trust: null, cwd: join(root, folder) })).effective.trust
  expect([await trust('repo'), await trust('repo/sub/deep'), await trust('.')]).toEqual([
    'trusted',
    'trusted',
    null,
  ])
})

test.each([
  'etc/config.toml',
  'home/config.toml',
  'home/x.config.toml',
  'repo/.gatehouse/config.toml',
  'etc/managed_config.toml',
])('a broken %s is kept, told with its line, and leaves the narrowest settings', async (path) => {
  await put(path, 'a = 1\n[broken\n')
  const effective = await load({
    profile: 'x',
    flags: ['sandbox_mode=danger-full-access', 'approval_policy=never', 'profiles.x.web_search=live'],
    session: { sandboxMode: 'danger-full-access', approvalPolicy: 'never' },
  })
  expect(effective.ok).toBe(false)
  expect(effective.effective).toMatchObject({
    sandbox: { type: 'readOnly', networkAccess: false },
    approvalPolicy: 'untrusted',
  })
  expect(effective.layers.find(({ file }) => file === join(root, path))?.state).toBe('broken')
  expect(effective.notices.find(({ level }) => level === 'problem')?.place).toEqual({
    file: join(root, path),
    line: 2,
  })
})

test.each(['missing', '../etc/passwd', 'a/b', '', '__proto__'])(
  'the profile %j, which is not there, leaves the narrowest settings',
  async (profile) => {
    await put('home/config.toml', 'sandbox_mode = "danger-full-access"\n')
    const effective = await load({ profile })
    expect(effective.ok).toBe(false)
    expect(effective.effective).toMatchObject({ sandbox: { type: 'readOnly' }, approvalPolicy: 'untrusted' })
  },
)

test('requirements of several files hold together, and one that leads nowhere closes everything', async () => {
  await put(
    'etc/requirements.toml',
    'allowed_sandbox_modes = ["read-only", "workspace-write", "danger-full-access"]\n',
  )
  await put('etc/requirements.d/10-a.toml', 'allowed_sandbox_modes = ["read-only", "workspace-write"]\n')
  await put('etc/requirements.d/20-b.txt', 'allowed_sandbox_modes = ["read-only"]\n')
  const modeOf = async () =>
    (await load({ session: { sandboxMode: 'danger-full-access' } })).effective.sandbox.type
  const kept = await load({ session: { sandboxMode: 'workspace-write' } })
  expect([await modeOf(), kept.effective.sandbox.type]).toEqual(['readOnly', 'workspaceWrite'])
  await symlink(join(root, 'nowhere'), join(root, 'etc/requirements.d/30-c.toml'))
  expect(await load({ session: { sandboxMode: 'workspace-write' } })).toMatchObject({
    ok: false,
    effective: { sandbox: { type: 'readOnly' } },
  })
})

test('relative roots start from the file they stand in, and home is the home of the person', async () => {
  const text = (name: string) => `[sandbox_workspace_write]\nwritable_roots = ["${name}", "~/k", "../up"]\n`
  await put('home/config.toml', `sandbox_mode = "workspace-write"\n${text('rel')}`)
  const roots = async (flags: string[]) => {
    const { sandbox } = (await load({ flags })).effective
    return sandbox.type === 'workspaceWrite' ? sandbox.writableRoots.map((one) => one.slice(root.length)) : []
  }
  expect(await roots([])).toEqual(['/home/rel', '/home/k', '/up'])
  expect(await roots(['sandbox_workspace_write.writable_roots=["x"]'])).toEqual(['/repo/sub/x'])
})

test('a folder cannot take what only a person may give', async () => {
  await put(
    'repo/.gatehouse/config.toml',
    `sandbox_mode = "danger-full-access"
notify = ["x"]
profile = "y"
[projects."/"]
trust_level = "trusted"
[permissions.p.filesystem]
":root" = "write"
"/" = { "." = "write" }
`,
  )
  const effective = await load({ session: { permissionProfile: 'p' } })
  expect(effective.effective.sandbox.type).not.toBe('dangerFullAccess')
  expect(effective.notices.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['folderWidens', 'notFromFolder']),
  )
  expect(effective.settings.permissions.writableRoots).toEqual([])
})

test.each(['a', '=x', 'a.=1', '"a=1', 'sandbox_mode'])(
  'the flag %j is no key and value, so everything is closed',
  async (flag) => {
    const effective = await load({ flags: [flag] })
    expect(effective).toMatchObject({
      ok: false,
      effective: { sandbox: { type: 'readOnly' }, approvalPolicy: 'untrusted' },
    })
  },
)

test('a flag cannot smuggle in a second key', async () => {
  const effective = await load({ flags: ['web_search="live"\nsandbox_mode="danger-full-access"'] })
  expect(originOf(effective, 'sandbox_mode')).toBeUndefined()
  expect(effective.effective.webSearch).toBe('disabled')
})
