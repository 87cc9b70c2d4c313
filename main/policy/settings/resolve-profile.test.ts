import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../../../protocol/config.ts'
import { resolveProfile } from './resolve-profile.ts'
import type { Access, ResolvedProfile } from './resolved-profile.ts'
import { accessAt, intersectProfiles, withDeniedReads, withoutWriting } from './resolved-profile.ts'

const place = { workspaceRoots: ['/w'], home: '/home/d', tmpdir: '/var/tmp/d' }
type Files = Record<string, Json>

const resolve = (tables: Record<string, Json>, name = 'p') =>
  resolveProfile(
    name,
    new Map(Object.entries(tables).map(([one, table]) => [one, { table, broken: false }])),
    place,
  )
const files = (filesystem: Files, more: Record<string, Json> = {}) => resolve({ p: { filesystem, ...more } })
const at = (profile: ResolvedProfile, path: string): Access =>
  accessAt(new Map(profile.entries.map((one) => [one.path, one.access])), path)

// prettier-ignore
test.each<[string, string, Partial<ResolvedProfile>]>([
  [':read-only', 'read-only', { readRoots: 'all', writableRoots: [] }],
  [':workspace', 'workspace-write', { readRoots: 'all', writableRoots: ['/tmp', '/var/tmp/d', '/w'] }],
  [':danger-full-access', 'danger-full-access', { readRoots: 'all', writableRoots: 'all' }],
])('%s is %s', (name, mode, expected) => {
  const { profile, problems } = resolve({}, name)
  expect(problems).toEqual([])
  expect(profile).toMatchObject({ mode, ...expected })
})

// prettier-ignore
test.each<[string, Files, string, Access]>([
  [
    'a path below a denied one that is named again',
    { ':root': 'read', '/srv': 'deny', '/srv/a': 'write' },
    '/srv/a/b',
    'write',
  ],
  ['what lies beside it', { ':root': 'read', '/srv': 'deny', '/srv/a': 'write' }, '/srv/b', 'deny'],
  ['a neighbour with the same beginning', { ':root': 'read', '/srv/a': 'write' }, '/srv/ab', 'read'],
  ['what nobody named', { '/srv': 'read' }, '/etc', 'deny'],
  ['the old name of the workspace', { ':project_roots': { '.': 'write' } }, '/w/x', 'write'],
  ['a path in the workspace', { ':workspace_roots': { '.': 'write', 'a/b': 'read' } }, '/w/a/b/c', 'read'],
  ['a folder written with stars behind it', { '/srv/**': 'read' }, '/srv/x', 'read'],
  ['home', { '~/x': 'write' }, '/home/d/x', 'write'],
  ['the temporary folder', { ':tmpdir': 'write' }, '/var/tmp/d', 'write'],
  ['programs under :minimal', { ':minimal': 'read' }, '/usr/bin/x', 'read'],
  ['the rest of the disk under :minimal', { ':minimal': 'read' }, '/home/d', 'deny'],
  ['an access nobody knows', { ':root': 'read', '/srv': 'all' }, '/srv', 'deny'],
  ['the old word for deny', { ':root': 'read', '/srv': 'none' }, '/srv', 'deny'],
])('%s', (_title, filesystem, path, access) => {
  const { profile, problems } = files(filesystem)
  expect(problems).toEqual([])
  expect(at(profile, path)).toBe(access)
})

test('denied patterns keep their folder, and one that covers a folder denies the folder', () => {
  const { profile } = files({
    ':workspace_roots': { '.': 'write', '**/*.env': 'none', 'sec/**': 'none' },
    '/srv/*/key': 'deny',
    glob_scan_max_depth: 3,
  })
  expect(profile.deniedGlobs).toEqual([
    { folder: '/w', pattern: '**/*.env', maxDepth: 3 },
    { folder: '/srv', pattern: '*/key', maxDepth: 3 },
  ])
  expect(profile.deniedReads).toEqual(['/w/sec'])
})

// prettier-ignore
test.each<[string, Record<string, Json>, RegExp]>([
  ['a profile that extends itself', { p: { extends: 'p' } }, /extends itself/],
  ['a longer circle', { p: { extends: 'q' }, q: { extends: 'p' } }, /extends itself/],
  [
    'a parent nobody defined',
    { p: { extends: 'q', filesystem: { '/x': 'write' } } },
    /"q", which is not defined/,
  ],
  [
    'a parent with a taken name',
    { p: { extends: ':else', filesystem: { '/x': 'write' } } },
    /":else", which is not defined/,
  ],
  ['full access as a parent', { p: { extends: ':danger-full-access' } }, /cannot be extended/],
  ['a relative path', { p: { filesystem: { 'x/y': 'write' } } }, /must be absolute/],
  [
    'a path that climbs',
    { p: { filesystem: { ':workspace_roots': { '../x': 'write' } } } },
    /".." is not possible/,
  ],
  ['an absolute path below another', { p: { filesystem: { '/a': { '/b': 'write' } } } }, /must be relative/],
  ['a pattern that would be written', { p: { filesystem: { '/a/*.txt': 'write' } } }, /can only be denied/],
  [
    'a workspace root that is the disk',
    { p: { extends: ':workspace', workspace_roots: { '/': true } } },
    /no usable folder/,
  ],
  [
    'more paths than anybody writes',
    { p: { filesystem: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`/a${i}`, 'write'])) } },
    /more than 1000/,
  ],
])('%s is a problem and leaves nothing writable', (_title, tables, words) => {
  const { profile, problems } = resolve(tables)
  expect(problems.join('\n')).toMatch(words)
  expect(profile).toMatchObject({ mode: 'read-only', writableRoots: [], network: { access: 'off' } })
})

test('a name nobody defined reads and nothing else', () => {
  const { profile, problems } = resolve({}, 'q')
  expect(problems).toEqual(['The permission profile "q" is not defined.'])
  expect(profile).toMatchObject({ mode: 'read-only', readRoots: 'all', writableRoots: [] })
})

test('a wrong denial still denies what it can mean', () => {
  const { profile } = files({ ':root': 'read', ':workspace_roots': { '../x': 'deny' }, secrets: 'deny' })
  expect([at(profile, '/x'), at(profile, '/w/secrets')]).toEqual(['deny', 'deny'])
})

test('a child overrides what its parent says about the same path, whatever the spelling', () => {
  const { profile } = resolve({
    p: { extends: 'q', filesystem: { ':workspace_roots': 'read' } },
    q: { extends: ':workspace', filesystem: { ':project_roots': { '.': 'write', a: 'deny' } } },
  })
  expect([at(profile, '/w'), at(profile, '/w/a'), at(profile, '/tmp')]).toEqual(['read', 'deny', 'write'])
})

test('writing a protected name lifts its protection, but never for what Gatehouse reads itself', () => {
  const { profile, warnings } = files({
    ':workspace_roots': { '.': 'write', '.git': 'write', '.gatehouse': 'write' },
  })
  expect(profile.liftedProtection).toEqual(['/w/.git'])
  expect(at(profile, '/w/.gatehouse/config.toml')).toBe('read')
  expect(warnings.join()).toContain('stays read-only')
})

// prettier-ignore
test.each<[string, Json, string]>([
  ['enabled without hosts', { enabled: true }, 'off'],
  ['enabled with denied hosts', { enabled: true, domains: { 'a.test': 'deny' } }, 'off'],
  ['enabled with an allowed host', { enabled: true, domains: { 'a.test': 'allow' } }, 'limited'],
  ['hosts without being enabled', { domains: { 'a.test': 'allow' } }, 'off'],
])('a network %s', (_title, network, access) => {
  expect(files({}, { network }).profile.network.access).toBe(access)
})

test('a host a parent denies stays denied', () => {
  const network = (domains: Json): Json => ({ network: { enabled: true, domains } })
  const { profile } = resolve({
    p: { extends: 'q', ...(network({ 'a.test': 'allow', 'b.test': 'allow' }) as object) },
    q: network({ 'a.test': 'deny' }),
  })
  expect(profile.network.domains.find(({ pattern }) => pattern === 'a.test')?.decision).toBe('deny')
})

const names = fc.constantFrom(
  '/',
  '/a',
  '/a/b',
  '/a/b/c',
  '/w',
  '/w/x',
  '/w/x/y',
  ':root',
  ':workspace_roots',
  ':tmpdir',
  '~/k',
  '/w/../x',
  'rel',
  ':odd',
  '/a/*.k',
  '__proto__',
  '/\0',
)
const accesses = fc.constantFrom<Json>('read', 'write', 'deny', 'none', 'odd', 3, {
  '.': 'write',
  x: 'deny',
  '*': 'deny',
})
const profiles = fc.dictionary(names, accesses, { maxKeys: 6 }).map((filesystem) => files(filesystem).profile)
const paths = [
  '/',
  '/a',
  '/a/b',
  '/a/b/c',
  '/a/b/c/d',
  '/w',
  '/w/x',
  '/w/x/y',
  '/w/z',
  '/x',
  '/home/d/k',
  '/var/tmp/d',
]
const rank = { deny: 0, read: 1, write: 2 }

test('what two profiles have in common is at every path the narrower of both', () => {
  fc.assert(
    fc.property(profiles, profiles, (a, b) => {
      const both = intersectProfiles(a, b)
      for (const path of paths) {
        expect(rank[at(both, path)], path).toBe(Math.min(rank[at(a, path)], rank[at(b, path)]))
      }
    }),
    { numRuns: 300 },
  )
})

test('taking away writing, and denying reads, never gives anything', () => {
  fc.assert(
    fc.property(profiles, fc.subarray(paths), (profile, denied) => {
      const reading = withoutWriting(profile)
      const closed = withDeniedReads(profile, denied, [])
      for (const path of paths) {
        expect(rank[at(reading, path)]).toBe(Math.min(rank[at(profile, path)], 1))
        const isDenied = denied.some((one) => one === '/' || path === one || path.startsWith(`${one}/`))
        expect(at(closed, path)).toBe(isDenied ? 'deny' : at(profile, path))
      }
    }),
    { numRuns: 300 },
  )
})
