import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NetworkSettings } from '../../../protocol/config.ts'
import type { SessionChoice } from './choose-settings.ts'
import type { Effective } from './effective-config.ts'
import { effectiveConfig } from './effective-config.ts'
import type { ConfigLayer, RawTable } from './layer.ts'
import { emptyTable } from './layer.ts'
import { isWithin } from './plain-path.ts'
import { samePolicy } from './policy-choice.ts'
import { accessAt } from './resolved-profile.ts'

type Table = Record<string, unknown>

const layer = (name: ConfigLayer['name'], table: Table): ConfigLayer => ({
  name,
  file: `/etc/${name}.toml`,
  base: '/etc',
  state: 'read',
  why: null,
  whyLine: null,
  table: Object.assign(Object.create(null), table) as RawTable,
  lineOf: () => 1,
})
const broken: ConfigLayer = { ...layer('managed', {}), state: 'broken', why: 'no TOML.', table: emptyTable }

type Setup = {
  readonly user: Table
  readonly folder: Table
  readonly flags: Table
  readonly managed: Table
  readonly trust: 'trusted' | 'untrusted' | null
  readonly session: SessionChoice
}
const answer = (
  setup: Partial<Setup>,
  requirements: readonly Table[],
  more: readonly ConfigLayer[] = [],
): Effective =>
  effectiveConfig({
    layers: [
      layer('user', setup.user ?? {}),
      layer('folder', setup.folder ?? {}),
      layer('flags', setup.flags ?? {}),
      layer('managed', setup.managed ?? {}),
    ],
    requirements: [...requirements.map((table) => layer('managed', table)), ...more],
    cwd: '/w',
    gitRoot: '/w',
    home: '/home/d',
    tmpdir: '/var/tmp/d',
    hostName: 'box',
    trust: setup.trust ?? null,
    profile: null,
    session: setup.session ?? {},
  })

const granular = {
  granular: {
    sandbox_approval: true,
    rules: true,
    mcp_elicitations: true,
    request_permissions: true,
    skill_approval: true,
  },
}
const mode = fc.constantFrom('read-only', 'workspace-write', 'danger-full-access', 'odd')
const policy = fc.constantFrom<unknown>('untrusted', 'on-request', 'never', granular, 'odd', 3)
const profileName = fc.constantFrom(':read-only', ':workspace', ':danger-full-access', 'p', 'q', 'none')
const access = fc.constantFrom<unknown>(
  'read',
  'write',
  'deny',
  { '.': 'write', x: 'deny' },
  { '*.k': 'deny' },
)
const filesystem = fc.dictionary(
  fc.constantFrom(':root', ':workspace_roots', '/w/x', '/s', '/s/a', '~/k', 'rel'),
  access,
  { maxKeys: 4 },
)
const domains = fc.dictionary(
  fc.constantFrom('a.test', 'b.test', '*.c.test', '*'),
  fc.constantFrom('allow', 'deny'),
  { maxKeys: 3 },
)
const network = fc.record(
  { enabled: fc.boolean(), domains, allow_local_binding: fc.boolean() },
  { requiredKeys: [] },
)
const profile = fc.record(
  { extends: fc.constantFrom(':workspace', ':read-only', 'q', 'p'), filesystem, network },
  { requiredKeys: [] },
)
const profiles = fc.record({ p: profile, q: profile }, { requiredKeys: [] })
const server = fc.constantFrom({ command: 'a' }, { command: 'b' }, { url: 'https://x.test' })

const config: fc.Arbitrary<Table> = fc.record(
  {
    sandbox_mode: mode,
    approval_policy: policy,
    approvals_reviewer: fc.constantFrom('user', 'auto_review', 'odd'),
    default_permissions: profileName,
    permissions: profiles,
    sandbox_workspace_write: fc.record(
      {
        writable_roots: fc.subarray(['/s', '/s/a', '~/k', '/']),
        network_access: fc.boolean(),
        exclude_slash_tmp: fc.boolean(),
        exclude_tmpdir_env_var: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    web_search: fc.constantFrom('live', 'cached', 'disabled'),
    allow_login_shell: fc.boolean(),
    features: fc.record({ network_proxy: fc.oneof(fc.boolean(), network) }, { requiredKeys: [] }),
    mcp_servers: fc.dictionary(fc.constantFrom('m', 'n'), server),
  },
  { requiredKeys: [] },
)
const requirement: fc.Arbitrary<Table> = fc.record(
  {
    allowed_sandbox_modes: fc.subarray(['read-only', 'workspace-write', 'danger-full-access'], {
      minLength: 1,
    }),
    allowed_approval_policies: fc.shuffledSubarray<unknown>(['untrusted', 'on-request', 'never', granular], {
      minLength: 1,
    }),
    allowed_approvals_reviewers: fc.shuffledSubarray(['user', 'auto_review'], { minLength: 1 }),
    allowed_web_search_modes: fc.shuffledSubarray(['cached', 'live', 'disabled']),
    allowed_permission_profiles: fc.dictionary(profileName, fc.boolean()),
    default_permissions: profileName,
    permissions: fc.record(
      {
        p: profile,
        q: profile,
        filesystem: fc.record({ deny_read: fc.subarray(['/s/a', '~/k', '**/*.pem', 'rel']) }),
        network: network,
      },
      { requiredKeys: [] },
    ),
    experimental_network: fc.record(
      {
        enabled: fc.boolean(),
        domains: fc.dictionary(
          fc.constantFrom('a.test', 'b.test', 'd.test'),
          fc.constantFrom('allow', 'deny'),
        ),
        managed_allowed_domains_only: fc.boolean(),
        allow_local_binding: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    allow_login_shell: fc.boolean(),
    features: fc.dictionary(fc.constantFrom('network_proxy', 'memories'), fc.boolean()),
    mcp_servers: fc.dictionary(
      fc.constantFrom('m', 'n'),
      server.map((identity) => ({ identity })),
    ),
    odd_key: fc.boolean(),
  },
  { requiredKeys: [] },
)
const setup: fc.Arbitrary<Setup> = fc.record({
  // A name nobody defined is a mistake that a managed profile of that name mends: both names are defined here.
  user: fc
    .tuple(config, fc.record({ p: profile, q: profile }))
    .map(([one, permissions]) => ({ ...one, permissions })),
  folder: config,
  flags: config,
  managed: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: config }),
  trust: fc.constantFrom('trusted', 'untrusted', null),
  session: fc.record(
    {
      sandboxMode: fc.constantFrom('read-only', 'workspace-write', 'danger-full-access'),
      approvalPolicy: fc.constantFrom('untrusted', 'on-request', 'never'),
      permissionProfile: profileName,
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<SessionChoice>,
})

const paths = [
  '/',
  '/w',
  '/w/x',
  '/w/x/y',
  '/s',
  '/s/a',
  '/s/a/b',
  '/home/d/k',
  '/tmp',
  '/var/tmp/d',
  '/etc/rel',
  '/w/rel',
  '/usr',
]
const ranks = { deny: 0, read: 1, write: 2 }
const accesses = ['off', 'limited', 'open']
const searches = ['disabled', 'cached', 'live']

const rankAt = ({ settings }: Effective, path: string): number =>
  ranks[accessAt(new Map(settings.permissions.entries.map((one) => [one.path, one.access])), path)]

/** Which of the things that happen without anybody being asked `a` permits and `b` does not. */
function widerThan(a: Effective, b: Effective): string[] {
  const [x, y] = [a.settings, b.settings]
  const found = paths.filter((path) => rankAt(a, path) > rankAt(b, path)).map((path) => `access to ${path}`)
  for (const glob of y.permissions.deniedGlobs) {
    const kept = x.permissions.deniedGlobs.some(
      (one) => one.folder === glob.folder && one.pattern === glob.pattern,
    )
    if (!kept) found.push(`pattern ${glob.folder}/${glob.pattern}`)
  }
  const asksLess = y.approvalPolicy === 'untrusted' && x.approvalPolicy !== 'untrusted'
  if (asksLess && (x.permissions.mode !== 'read-only' || x.permissions.network.access !== 'off'))
    found.push('unasked')
  if (searches.indexOf(x.webSearch) > searches.indexOf(y.webSearch)) found.push('web search')
  if (x.allowLoginShell && !y.allowLoginShell) found.push('login shell')
  for (const [name, { enabled }] of x.mcpServers)
    if (enabled && !y.mcpServers.get(name)?.enabled) found.push(name)
  return [...found, ...widerNetwork(x.permissions.network, y.permissions.network)]
}

function widerNetwork(a: NetworkSettings, b: NetworkSettings): string[] {
  if (a.access === 'off') return []
  if (accesses.indexOf(a.access) > accesses.indexOf(b.access)) return ['network']
  if (b.access === 'open') return []
  const has = (all: NetworkSettings, pattern: string, decision: string): boolean =>
    all.domains.some((one) => one.pattern === pattern && one.decision === decision)
  return [
    ...a.domains.filter(
      (one) => one.decision === 'allow' && !has(b, one.pattern, 'allow') && !has(b, '*', 'allow'),
    ),
    ...b.domains.filter((one) => one.decision === 'deny' && !has(a, one.pattern, 'deny')),
  ]
    .map(({ pattern, decision }) => `${decision} ${pattern}`)
    .concat(a.allowLocalBinding && !b.allowLocalBinding ? ['local addresses'] : [])
}

const runs = { numRuns: 300 }

test('a requirement never widens, and one more never does either', () => {
  fc.assert(
    fc.property(setup, requirement, requirement, (given, one, other) => {
      const none = answer(given, [])
      const single = answer(given, [one])
      expect(widerThan(single, none), 'one requirement').toEqual([])
      expect(widerThan(answer(given, [one, other]), single), 'one more behind').toEqual([])
      expect(widerThan(answer(given, [other, one]), single), 'one more in front').toEqual([])
    }),
    runs,
  )
})

test('whatever is configured and chosen stays inside the requirement', () => {
  fc.assert(
    fc.property(setup, requirement, (given, required) => {
      const { settings, requirementsInForce: limits, ok } = answer(given, [required])
      if (limits.broken) {
        expect(settings.permissions).toMatchObject({
          mode: 'read-only',
          writableRoots: [],
          network: { access: 'off' },
        })
        expect([settings.approvalPolicy, ok]).toEqual([
          settings.approvalPolicy === 'on-request' ? 'on-request' : 'untrusted',
          false,
        ])
        return
      }
      const { mode: inForce, network: net } = settings.permissions
      if (limits.sandboxModes) expect(['read-only', ...limits.sandboxModes.value]).toContain(inForce)
      if (limits.deniedReads.length > 0) expect(inForce).not.toBe('danger-full-access')
      const policies = limits.approvalPolicies?.value
      if (policies && policies.length > 0) {
        expect(policies.some((one) => samePolicy(one, settings.approvalPolicy))).toBe(true)
      }
      const id = settings.activeProfile?.id ?? ':read-only'
      if (limits.permissionProfiles && id !== ':read-only')
        expect(limits.permissionProfiles.value.get(id)).toBe(true)
      if (limits.webSearchModes)
        expect(['disabled', ...limits.webSearchModes.value]).toContain(settings.webSearch)
      for (const [name, { enabled, settings: own }] of settings.mcpServers) {
        const identity = limits.mcpServers?.value.get(name)
        if (limits.mcpServers && enabled)
          expect(Object.values(identity ?? {})).toContain(own['command'] ?? own['url'])
      }
      for (const one of limits.network?.value.domains ?? []) {
        if (one.decision === 'deny' && net.access !== 'off') expect(net.domains).toContainEqual(one)
      }
    }),
    runs,
  )
})

test('a denied read is denied below, whatever a profile opens there', () => {
  fc.assert(
    fc.property(setup, (given) => {
      const { settings } = answer(given, [{ permissions: { filesystem: { deny_read: ['/s', '~/k'] } } }])
      for (const { path, access: given_ } of settings.permissions.entries) {
        if (isWithin(path, '/s') || isWithin(path, '/home/d/k')) expect(given_).toBe('deny')
      }
    }),
    runs,
  )
})

test('a requirement that cannot be read leaves nothing, whatever the others say', () => {
  fc.assert(
    fc.property(setup, requirement, (given, required) => {
      const { settings, ok } = answer(given, [required], [broken])
      expect(ok).toBe(false)
      expect(settings.permissions).toMatchObject({ mode: 'read-only', network: { access: 'off' } })
      expect(settings.approvalPolicy).not.toBe('never')
    }),
    { numRuns: 150 },
  )
})

test('a lowered value is told with what was chosen, what may be, what holds and who says so', () => {
  const { downgrades, effective } = answer(
    { user: { sandbox_mode: 'danger-full-access', web_search: 'live' } },
    [{ allowed_sandbox_modes: ['read-only', 'workspace-write'], allowed_web_search_modes: ['cached'] }],
  )
  expect(effective.sandbox).toEqual({ type: 'readOnly', networkAccess: false })
  expect(downgrades).toEqual([
    {
      key: 'sandbox_mode',
      chosen: 'danger-full-access',
      allowed: ['read-only', 'workspace-write'],
      inForce: 'read-only',
      nearest: 'workspace-write',
      setBy: '/etc/managed.toml:1',
      reason: null,
    },
    {
      key: 'web_search',
      chosen: 'live',
      allowed: ['cached', 'disabled'],
      inForce: 'cached',
      nearest: 'cached',
      setBy: '/etc/managed.toml:1',
      reason: null,
    },
  ])
})

// prettier-ignore
test.each<[string, Table]>([
  ['a list that is none', { allowed_sandbox_modes: 'read-only' }],
  ['an empty list', { allowed_sandbox_modes: [] }],
  ['a mode nobody knows', { allowed_sandbox_modes: ['read-only', 'odd'] }],
  ['an empty list of policies', { allowed_approval_policies: [] }],
  ['an unfinished granular policy', { allowed_approval_policies: [{ granular: { rules: true } }] }],
  ['a reviewer nobody knows', { allowed_approvals_reviewers: ['odd'] }],
  ['a profile list without a default', { allowed_permission_profiles: { ':workspace': true } }],
  [
    'a default that is not permitted',
    { allowed_permission_profiles: { ':workspace': true }, default_permissions: 'p' },
  ],
  ['a profile with a wrong value', { permissions: { p: { filesystem: { '/a': 3 } } } }],
  ['a profile with a taken name', { permissions: { ':p': {} } }],
  ['denied reads that are no list', { permissions: { filesystem: { deny_read: '/a' } } }],
  ['two ways to limit the network', { experimental_network: {}, network_proxy: {} }],
  ['two others', { experimental_network: {}, permissions: { network: {} } }],
  ['two ways to list hosts', { experimental_network: { domains: {}, denied_domains: [] } }],
  ['every host denied', { experimental_network: { denied_domains: ['**'] } }],
  ['a socket without a path', { network_proxy: { allow_unix_sockets: ['x'] } }],
  ['a port that is none', { network_proxy: { http_port: 70_000 } }],
  ['a rule that allows', { rules: { prefix_rules: [{ pattern: [{ token: 'ls' }], decision: 'allow' }] } }],
  ['a rule without tokens', { rules: { prefix_rules: [{ pattern: [], decision: 'prompt' }] } }],
  ['no rules', { rules: { prefix_rules: [] } }],
  ['a server without identity', { mcp_servers: { m: {} } }],
  ['a feature that is neither on nor off', { features: { x: 'on' } }],
  ['hosts of a machine list missing', { remote_sandbox_config: [{ allowed_sandbox_modes: ['read-only'] }] }],
])('%s closes everything', (_title, required) => {
  const { settings, notices, ok } = answer(
    { session: { sandboxMode: 'danger-full-access', approvalPolicy: 'never' } },
    [required],
  )
  expect(ok).toBe(false)
  expect(settings).toMatchObject({
    approvalPolicy: 'untrusted',
    permissions: { mode: 'read-only', network: { access: 'off' } },
  })
  expect(notices.find(({ code }) => code === 'requirementsBroken')).toMatchObject({
    level: 'problem',
    place: { file: '/etc/managed.toml' },
  })
})

test('a machine without a name gets the narrowest of lists that depend on names', () => {
  const required = {
    allowed_sandbox_modes: ['workspace-write'],
    remote_sandbox_config: [{ hostname_patterns: ['b?x'], allowed_sandbox_modes: ['read-only'] }],
  }
  const named = answer({ session: { sandboxMode: 'workspace-write' } }, [required])
  expect(named.settings.permissions.mode).toBe('read-only')
})

test('a required default does not bring in a mode that is not permitted', () => {
  const required = {
    allowed_sandbox_modes: ['read-only', 'danger-full-access'],
    allowed_permission_profiles: { ':workspace': true, ':read-only': true },
  }
  const { settings } = answer({ session: { sandboxMode: 'danger-full-access' } }, [
    { ...required, default_permissions: ':workspace' },
  ])
  expect([settings.permissions.mode, settings.activeProfile]).toEqual(['read-only', null])
})

test('with managed hosts only, hosts of a person count when the administrator lists them too', () => {
  const user = {
    sandbox_mode: 'workspace-write',
    sandbox_workspace_write: { network_access: true },
    features: {
      network_proxy: { enabled: true, domains: { 'a.test': 'allow', 'b.test': 'allow', 'c.test': 'deny' } },
    },
  }
  const managed = {
    domains: { 'a.test': 'allow', 'd.test': 'allow', 'e.test': 'deny' },
    managed_allowed_domains_only: true,
  }
  const { network: net } = answer({ user }, [{ experimental_network: managed }]).settings.permissions
  expect(net.domains.map(({ pattern, decision }) => `${decision} ${pattern}`)).toEqual([
    'allow a.test',
    'deny c.test',
    'deny e.test',
  ])
  expect(net.managedDomainsOnly).toBe(true)
})

test('a profile that files and a requirement define gives what both permit, also as a parent', () => {
  const user = {
    default_permissions: 'q',
    permissions: {
      p: { filesystem: { '/s': 'write', '/w': 'read' } },
      q: { extends: 'p', filesystem: { '/tmp': 'write' } },
    },
  }
  const both = answer({ user }, [{ permissions: { p: { filesystem: { ':root': 'read', '/s/a': 'deny' } } } }])
  expect(both.settings.permissions.entries).toEqual([
    { path: '/', access: 'deny' },
    { path: '/s', access: 'read' },
    { path: '/s/a', access: 'deny' },
    { path: '/tmp', access: 'write' },
    { path: '/w', access: 'read' },
  ])
})

test('of two pins the stricter one holds: off, but for the proxy in front of an open network', () => {
  const session = { sandboxMode: 'danger-full-access' } as const
  const pins = [
    { features: { network_proxy: true, memories: false } },
    { feature_requirements: { network_proxy: false, memories: true } },
  ]
  for (const order of [pins, pins.toReversed()]) {
    const { settings } = answer({ session, user: { features: { memories: true } } }, order)
    expect([settings.permissions.network.access, settings.features]).toEqual([
      'limited',
      { network_proxy: true, memories: false },
    ])
  }
})

const own = { user: { gatehouse: { boundary: 'container', hold_shim: true } } }
const chosen = (one: Effective) => [one.settings.boundary, one.settings.holdShim, one.ok]

test('the container is the boundary by a line of one’s own, never of a folder', () => {
  expect(chosen(answer(own, []))).toEqual(['container', true, true])
  expect(chosen(answer({}, []))).toEqual(['sandbox', false, true])
  const folder = { folder: { gatehouse: { boundary: 'container', hold_shim: true } } }
  expect(chosen(answer({ ...folder, trust: 'trusted' }, []))).toEqual(['sandbox', false, true])
})

test.each([
  ['another word', { boundary: 'none' }],
  ['no word', { boundary: true }],
  ['a table', { boundary: { container: true } }],
  ['a shim that is no flag', { hold_shim: 'yes' }],
  ['no table at all', 'container'],
])('%s is told, and narrows', (_title, gatehouse) => {
  expect(chosen(answer({ user: { gatehouse } }, []))).toEqual(['sandbox', false, false])
  // Above what a stronger layer says.
  expect(answer({ user: { gatehouse }, flags: {} }, []).settings.boundary).toBe('sandbox')
})

test('a key that is none has no effect and is told', () => {
  const { notices, settings } = answer({ user: { gatehouse: { boundry: 'container' } } }, [])
  expect(settings.boundary).toBe('sandbox')
  expect(notices.map(({ code }) => code)).toContain('unknownKey')
})

test.each([
  [
    'a list that does not name it',
    { allowed_sandbox_modes: ['read-only', 'workspace-write', 'danger-full-access'] },
  ],
  ['files that must not be read', { permissions: { filesystem: { deny_read: ['/w/.env'] } } }],
  ['a permission profile', { default_permissions: ':workspace' }],
])('a requirement forbids it: %s', (_title, requirement) => {
  const lowered = answer(own, [requirement])
  expect(lowered.settings.boundary).toBe('sandbox')
  expect(lowered.downgrades).toContainEqual(
    expect.objectContaining({ key: 'gatehouse.boundary', chosen: 'container', inForce: 'sandbox' }),
  )
})

test('a list that names it permits it, unless another one does not', () => {
  const names = { allowed_sandbox_modes: ['workspace-write', 'external-sandbox'] }
  expect(answer(own, [names]).settings.boundary).toBe('container')
  expect(answer(own, [names, { allowed_sandbox_modes: ['workspace-write'] }]).settings.boundary).toBe(
    'sandbox',
  )
})
