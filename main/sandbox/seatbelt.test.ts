import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { seatbeltArgv, seatbeltProfile } from './seatbelt.ts'
import { readSeatbeltLine, violationOf } from './seatbelt-log.ts'

const nothing: SandboxSpec = {
  boundary: 'bounded',
  writableRoots: [],
  pinnedFolders: [],
  protectedPaths: [],
  grantedPaths: [],
  closedInGrants: [],
  deniedReads: [],
  network: 'none',
  tmp: 'private',
}
const full: SandboxSpec = {
  ...nothing,
  writableRoots: ['/w/b', '/w'],
  pinnedFolders: ['/w/deep'],
  protectedPaths: [{ path: '/w/.git', exists: true }],
  grantedPaths: ['/w/.git'],
  closedInGrants: [{ path: '/w/.git/hooks', exists: true }],
  deniedReads: ['/w/.env'],
  closedFolders: ['/Users/ann'],
  readablePaths: ['/Users/ann/.gitconfig'],
}
const rulesOf = (spec: SandboxSpec) => seatbeltProfile(spec, '/private/tmp/run').text.split('\n')

test('default deny, then the rules in the order that decides', () => {
  const rules = rulesOf(full)
  expect(rules.slice(0, 2)).toEqual(['(version 1)', '(deny default)'])
  expect(rules.filter((line) => line.includes('param'))).toEqual([
    '(deny file-read* file-write* (subpath (param "CLOSED_0")))',
    '(allow file-read-metadata (literal (param "WAY_0")))',
    '(allow file-read* (subpath (param "READABLE_0")))',
    '(allow file-read* file-write* (subpath (param "TMP_0")))',
    '(allow file-read* file-write* (subpath (param "ROOT_0")))',
    '(allow file-read* file-write* (subpath (param "ROOT_1")))',
    '(deny file-write-unlink (literal (param "PINNED_0")))',
    '(deny file-write* (subpath (param "PROTECTED_0")))',
    '(allow file-read* file-write* (subpath (param "GRANTED_0")))',
    '(deny file-write* (subpath (param "CLOSED_IN_GRANT_0")))',
    '(deny file-read* file-write* (subpath (param "DENIED_0")))',
  ])
  expect(seatbeltProfile(full, '/private/tmp/run').parameters.slice(0, 4)).toEqual([
    { name: 'CLOSED_0', value: '/Users/ann' },
    { name: 'WAY_0', value: '/Users/ann' },
    { name: 'READABLE_0', value: '/Users/ann/.gitconfig' },
    { name: 'TMP_0', value: '/private/tmp/run' },
  ])
})

test('the network is closed unless the spec opens it', () => {
  expect(rulesOf(nothing).some((line) => line.includes('network'))).toBe(false)
  expect(rulesOf({ ...nothing, network: 'host' })).toContain('(allow network*)')
})

test('a hostile path is an argument and never part of the text', () => {
  const hostile = [
    '/a"))(allow default)(allow file-write* (subpath "/',
    '/b\n(allow default)',
    '/c (param "ROOT_0")',
    "/d'; \\",
    '/e=f',
  ]
  const spec = { ...nothing, writableRoots: hostile, deniedReads: hostile }
  const plain = {
    ...nothing,
    writableRoots: ['/1', '/2', '/3', '/4', '/5'],
    deniedReads: ['/1', '/2', '/3', '/4', '/5'],
  }
  expect(seatbeltProfile(spec, '/t').text).toBe(seatbeltProfile(plain, '/t').text)
  expect(seatbeltArgv(spec, '/t', ['ls']).filter((word) => word.endsWith(`=${hostile[0]}`))).toHaveLength(2)
})

test('the text depends on how many paths there are, not on what they are', () => {
  const path = fc.string().map((text) => `/${text.replaceAll('\0', '')}`)
  const text = (paths: readonly string[]) => seatbeltProfile({ ...nothing, writableRoots: paths }, '/t').text
  fc.assert(
    fc.property(path, path, (one, other) => {
      const roots = [...new Set([one, other])]
      return text(roots) === text(roots.map((_, index) => `/${index}`))
    }),
    { numRuns: 50 },
  )
})

test.each(['/a\0b', 'relative', ''])('%j is refused', (path) => {
  expect(() => seatbeltProfile({ ...nothing, deniedReads: [path] }, '/t')).toThrow(/cannot be used here/)
})

test('without a boundary there is no profile', () => {
  expect(() => seatbeltProfile({ ...nothing, boundary: 'none' }, '/t')).toThrow(TypeError)
})

const line = (eventMessage: unknown) => JSON.stringify({ eventMessage, processID: 0, subsystem: '' })

test.each([
  [
    'Sandbox: touch(71) deny(1) file-write-create /private/etc/x',
    { kind: 'write', path: '/private/etc/x', protected: false },
  ],
  ['Sandbox: git(7) deny(1) file-write-create /w/.git/hooks/pre-commit', { kind: 'write', protected: true }],
  [
    '2 duplicate reports for Sandbox: cat(9) deny(1) file-read-data /w/.env',
    { kind: 'read', path: '/w/.env' },
  ],
  [
    'Sandbox: curl(8) deny(1) network-outbound 93.184.216.34:443',
    { kind: 'connect', host: '93.184.216.34', port: 443 },
  ],
  ['Sandbox: curl(8) deny(1) network-outbound *:53', { kind: 'connect', host: null, port: 53 }],
  ['Sandbox: x(8) deny(1) network-outbound a:99999', { kind: 'connect', host: 'a', port: null }],
  // A path that looks like a second message stays a path of the first.
  [
    'Sandbox: sh(3) deny(1) file-write-create /tmp/a(4) deny(1) file-read-data /b',
    { path: '/tmp/a(4) deny(1) file-read-data /b' },
  ],
])('%s', (said, violation) => {
  const denial = readSeatbeltLine(line(said))
  expect(denial && violationOf(denial, full)).toMatchObject(violation)
})

test.each([
  'Filtering the log data using "sender == Sandbox"',
  '{"eventMessage":"Sandbox: a(1) deny(1) file-read',
  'null',
  '[]',
  line(7),
  line('Sandbox: a deny file-read'),
  line(`Sandbox: ${'a'.repeat(20_000)}`),
  line('Sandbox: a(1) deny(1) mach-lookup com.apple.x'),
  line('Sandbox: a(1) deny(1) network-outbound /var/run/x.sock'),
])('no violation: %s', (text) => {
  const denial = readSeatbeltLine(text)
  expect(denial && violationOf(denial, full)).toBeNull()
})

test('no line makes the reader throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      readSeatbeltLine(text)
      const denial = readSeatbeltLine(line(`Sandbox: a(1) deny(1) file-write-data ${text}`))
      if (denial) violationOf(denial, full)
    }),
  )
})
