import { mkdirSync, mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PathAccess } from '../../../protocol/settings.ts'
import { openForReading, patternFor } from './denied-reads.ts'
import { readGitConfig, settingsIn } from './git-config.ts'
import { looksSecret, withoutSecrets } from './hides-secrets.ts'
import { pinsFor } from './pins.ts'
import { accessOf, placesOf } from './places.ts'

const entries = (list: Record<string, PathAccess['access']>): PathAccess[] =>
  Object.entries(list).map(([path, access]) => ({ path, access }))
const none = { writableRoots: [], readOnly: [], closedFolders: [], readable: [], denied: [] }

test('each entry of a profile becomes the kind of mount it needs', () => {
  const all = entries({
    '/': 'read',
    '/home': 'deny',
    '/home/me': 'deny',
    '/home/me/.nvm': 'read',
    '/home/me/.nvm/key': 'deny',
    '/ws': 'write',
    '/ws/docs': 'read',
    '/ws/docs/a': 'write',
    '/ws/.env': 'deny',
  })
  expect(placesOf(all, 'workspace-write', 'private')).toEqual({
    writableRoots: ['/ws', '/ws/docs/a'],
    readOnly: ['/ws/docs'],
    closedFolders: ['/home'],
    readable: ['/home/me/.nvm'],
    denied: ['/ws/.env', '/home/me/.nvm/key'],
  })
  expect(placesOf(all, 'read-only', 'private')).toMatchObject({ writableRoots: [], readOnly: [] })
})

test('what no entry speaks of is closed, and of two for one path the narrower holds', () => {
  expect(placesOf([], 'workspace-write', 'private')).toEqual({ ...none, closedFolders: ['/'] })
  expect(placesOf(entries({ '/usr': 'read' }), 'read-only', 'private')).toEqual({
    ...none,
    closedFolders: ['/'],
    readable: ['/usr'],
  })
  const twice = [...entries({ '/': 'write', '/a': 'write' }), ...entries({ '/a': 'deny' })]
  expect(placesOf(twice, 'workspace-write', 'private').denied).toEqual(['/a'])
  expect(accessOf(twice, '/a/b')).toBe('deny')
})

test('a private /tmp hides what the profile reads in it, so that is shown again', () => {
  const all = entries({ '/': 'read', '/tmp': 'write', '/tmp/in': 'read' })
  expect(placesOf(all, 'workspace-write', 'private')).toEqual({ ...none, readable: ['/tmp/in'] })
  expect(placesOf(all, 'workspace-write', 'host')).toEqual({
    ...none,
    writableRoots: ['/tmp'],
    readOnly: ['/tmp/in'],
  })
})

test('pins are only where writing is open', () => {
  expect(pinsFor(['/ws'], ['/ws/a/b/.git', '/ws/a/shut', '/ws/a/shut/x/y'])).toEqual(['/ws/a', '/ws/a/b'])
  expect(pinsFor(['/ws', '/ws/in/root'], [])).toEqual(['/ws/in'])
  expect(pinsFor(['/ws', '/ws/shut/x/root'], ['/ws/shut'])).toEqual([])
})

test('a grant to read leaves the rest of a denied folder closed, and never opens our own', () => {
  const places = { ...none, denied: ['/ws/keys', '/ws/.env', '/gh'] }
  expect(openForReading(places, ['/ws/keys/a', '/ws/.env', '/gh/log'], '/gh')).toEqual({
    ...none,
    denied: ['/gh'],
    closedFolders: ['/ws/keys'],
    readable: ['/ws/keys/a'],
  })
  expect(openForReading(places, ['/'], '/gh')).toEqual(places)
})

test('an absent path becomes a pattern that means only itself', () => {
  expect(patternFor('/ws/a[b]*')).toEqual({ folder: '/ws', pattern: 'a[[]b[]][*]' })
  expect(patternFor('/x')).toEqual({ folder: '/', pattern: 'x' })
})

// prettier-ignore
test.each([
  ['[core]\n\thooksPath = a/b\n', [['core', 'hookspath', 'a/b']]],
  ['[CORE] HooksPath="a b" ; c\n', [['core', 'hookspath', 'a b']]],
  ['[includeIf "gitdir:/x]/"]\npath=y\n', []],
  ['[include "s"]\r\npath = ../c # d\r\n', [['include', 'path', '../c']]],
  ['[core]\nhooksPath = a\\\nb\n', [['core', 'hookspath', 'ab']]],
  ['hooksPath\n[core\n= x\n[]\n\0\n', []],
  ['[core]\nhooksPath =\n', []],
] as const)('git settings as text: %j', (text, expected) => {
  const found = settingsIn(text).map(({ section, key, value }) => [section, key, value])
  if (expected.length > 0) expect(found).toEqual(expected)
  else expect(found.filter(([section]) => section === 'core')).toEqual([])
})

let base = ''
beforeEach(() => {
  base = realpathSync(mkdtempSync(`${tmpdir()}/gatehouse-parts-`))
})
afterEach(() => rmSync(base, { recursive: true }))

test('included files are followed, also in a circle, and endless files are cut', async () => {
  writeFileSync(`${base}/a`, '[include]\npath = b\n[core]\nhooksPath = ~/h\n')
  writeFileSync(`${base}/b`, `[include]\npath = ${base}/a\npath = absent\n[core]\nhooksPath = rel\n`)
  expect(await readGitConfig([`${base}/a`], '/ws', '/home/me')).toEqual({
    hookFolders: ['/home/me/h', '/ws/rel'],
    includedFiles: [`${base}/b`],
  })
  writeFileSync(`${base}/a`, `${'x'.repeat(300_000)}\n[core]\nhooksPath = late\n`)
  expect((await readGitConfig([`${base}/a`, base], '/ws', '/h')).hookFolders).toEqual([])
  // Longer than anything that can be read as a whole.
  writeFileSync(`${base}/a`, '[core]\nhooksPath = early\n')
  truncateSync(`${base}/a`, 3 * 1024 ** 3)
  expect((await readGitConfig([`${base}/a`], '/ws', '/h')).hookFolders).toEqual(['/ws/early'])
})

test('settings with a secret in them stay closed', async () => {
  for (const text of [
    '[url "https://me:hunter2@x.invalid/"]',
    'export API_KEY=abcd1234',
    'extraheader = AUTHORIZATION: basic eA==',
    '_authToken: "abcdef"',
    '-----BEGIN OPENSSH PRIVATE KEY-----',
  ])
    expect(looksSecret(text), text).toBe(true)
  for (const text of [
    '[user]\n\tname = a',
    'export TOKEN=$(cat x)',
    '[credential]\n\thelper = cache',
    'PATH=a',
  ])
    expect(looksSecret(text), text).toBe(false)

  mkdirSync(`${base}/folder`)
  writeFileSync(`${base}/plain`, 'alias ll=ls\n')
  writeFileSync(`${base}/secret`, 'TOKEN=abcdef\n')
  writeFileSync(`${base}/large`, 'x'.repeat(300_000))
  const all = ['folder', 'plain', 'secret', 'large'].map((name) => `${base}/${name}`)
  expect(await withoutSecrets([...all, '/usr'], base)).toEqual([`${base}/folder`, `${base}/plain`, '/usr'])
})
