import { expect, test } from 'vitest'
import { effectiveConfig } from './effective-config.ts'
import type { ConfigLayer } from './layer.ts'

type Table = Readonly<Record<string, unknown>>
const layer = (name: ConfigLayer['name'], table: Table, more: Partial<ConfigLayer> = {}): ConfigLayer => ({
  name,
  file: `/${name}.toml`,
  base: '/',
  state: 'read',
  why: null,
  whyLine: null,
  table,
  lineOf: () => 1,
  ...more,
})
const proxy = (allow_local_binding: unknown): Table => ({
  features: { network_proxy: { allow_local_binding } },
})
const profile = (allow_local_binding: unknown, more: Table = {}): Table => ({
  permissions: { a: { extends: ':workspace', network: { allow_local_binding }, ...more } },
})
const flags = (table: Table) => layer('flags', table)

const answer = (
  layers: readonly ConfigLayer[],
  more: { session?: Table; requirements?: readonly ConfigLayer[]; trust?: 'trusted' } = {},
) =>
  effectiveConfig({
    layers,
    requirements: more.requirements ?? [],
    cwd: '/ws',
    gitRoot: null,
    home: '/home/a',
    tmpdir: null,
    hostName: null,
    trust: more.trust ?? null,
    profile: null,
    session: more.session ?? { sandboxMode: 'workspace-write' },
  }).localSockets

const inProfile = { session: { permissionProfile: 'a' } }

test.each([
  ['nothing said', [], {}, false],
  ['the feature says so, the network being off', [flags(proxy(true))], {}, true],
  ['also in Read only', [flags(proxy(true))], { session: { sandboxMode: 'read-only' } }, true],
  ['a word that is no truth value', [flags(proxy('true'))], {}, false],
  ['one file says no', [layer('user', proxy(false)), flags(proxy(true))], {}, false],
  ['the profile in force', [layer('user', profile(true))], inProfile, true],
  ['a profile that is not in force', [layer('user', profile(true))], {}, false],
  [
    'a profile that only a file would choose',
    [layer('user', { ...profile(true), default_permissions: 'a' })],
    {},
    false,
  ],
  [
    'the profile says no, the feature yes',
    [layer('user', profile(false)), flags(proxy(true))],
    inProfile,
    false,
  ],
  [
    'what the profile extends',
    [
      layer('user', {
        permissions: {
          a: { extends: 'b' },
          b: { extends: ':workspace', network: { allow_local_binding: true } },
        },
      }),
    ],
    inProfile,
    true,
  ],
  ['a network that is open', [flags({ sandbox_workspace_write: { network_access: true } })], {}, true],
  ['a folder nobody vouched for', [layer('folder', proxy(true))], {}, false],
  ['a folder that is trusted', [layer('folder', proxy(true))], { trust: 'trusted' }, true],
  [
    'a file beside it that cannot be read',
    [flags(proxy(true)), layer('user', {}, { state: 'broken', why: 'It is no TOML.', whyLine: 1 })],
    {},
    false,
  ],
] as const)('%s', (_title, layers, more, expected) => {
  expect(answer(layers, more)).toBe(expected)
})

const requirement = (table: Table) => ({ requirements: [layer('system', table)] })

test.each([
  ['the feature', [flags(proxy(true))], {}],
  ['a profile', [layer('user', profile(true))], inProfile],
  ['an open network', [flags({ sandbox_workspace_write: { network_access: true } })], {}],
] as const)('a requirement refuses it for %s', (_title, layers, more) => {
  const no = requirement({ experimental_network: { enabled: true, allow_local_binding: false } })
  expect(answer(layers, { ...more, ...no })).toBe(false)
})

test('a managed profile of the same name refuses it', () => {
  const no = requirement({
    permissions: { a: { extends: ':workspace', network: { allow_local_binding: false } } },
  })
  expect(answer([layer('user', profile(true))], { ...inProfile, ...no })).toBe(false)
})
