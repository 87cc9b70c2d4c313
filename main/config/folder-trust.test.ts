import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FolderTrust } from './folder-trust.ts'

let home = ''
let now = 1000
const clock = { nowMs: () => now }
const file = () => join(home, 'state', 'folders.json')

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-trust-'))
  now = 1000
})
afterEach(() => rm(home, { recursive: true, force: true }))

test('what the person vouched for is there after a restart', async () => {
  const before = await FolderTrust.load(home, clock)
  await before.trust('/src/a')
  now = 2000
  await before.noteOpened('/src/b')

  const after = await FolderTrust.load(home, clock)
  expect(after.problem).toBeNull()
  expect(after.recent()).toEqual([
    { path: '/src/b', lastAtMs: 2000, trusted: false },
    { path: '/src/a', lastAtMs: 1000, trusted: true },
  ])
})

test('trust is about exactly one folder', async () => {
  const trust = await FolderTrust.load(home, clock)
  await trust.trust('/src')
  expect(['/src', '/src/inside', '/src/', '/'].map((path) => trust.isTrusted(path))).toEqual([
    true,
    false,
    false,
    false,
  ])
})

test('opening a folder again keeps the trust in it; taking it back keeps the folder', async () => {
  const trust = await FolderTrust.load(home, clock)
  await trust.trust('/src')
  now = 5000
  await trust.noteOpened('/src')
  expect(trust.recent()).toEqual([{ path: '/src', lastAtMs: 5000, trusted: true }])
  await trust.distrust('/src')
  expect(trust.recent()).toEqual([{ path: '/src', lastAtMs: 5000, trusted: false }])
})

test('only the owner can read the file', async () => {
  const trust = await FolderTrust.load(home, clock)
  await trust.trust('/src')
  expect((await stat(file())).mode & 0o777).toBe(0o600)
  expect((await stat(join(home, 'state'))).mode & 0o777).toBe(0o700)
})

test.each([
  ['no JSON', '{"version":1,"folders":[{"path":"/src"'],
  ['an entry without a time', '{"version":1,"folders":[{"path":"/src","trustedAtMs":1}]}'],
  ['a path that is not absolute', '{"version":1,"folders":[{"path":"src","lastAtMs":1,"trustedAtMs":1}]}'],
  ['a version of the future', '{"version":2,"folders":[]}'],
])('a file with %s trusts nothing and is kept aside', async (_title, text) => {
  await mkdir(join(home, 'state'))
  await writeFile(file(), text)
  const trust = await FolderTrust.load(home, clock)
  expect(trust.recent()).toEqual([])
  expect(trust.problem).toContain(`It was kept as ${file()}.broken-1000.`)
  expect(await readFile(`${file()}.broken-1000`, 'utf8')).toBe(text)
})

test('changes at the same time are all kept, and no draft is left behind', async () => {
  const trust = await FolderTrust.load(home, clock)
  await Promise.all(Array.from({ length: 20 }, (_, number) => trust.trust(`/src/${number}`)))
  expect((await FolderTrust.load(home, clock)).recent()).toHaveLength(20)
  expect(await readdir(join(home, 'state'))).toEqual(['folders.json'])
})

test('a trust that cannot be written is not given', async () => {
  const trust = await FolderTrust.load(home, clock)
  await chmod(home, 0o700)
  await writeFile(join(home, 'state'), 'a file where the folder has to be')
  await expect(trust.trust('/src')).rejects.toThrow(/EEXIST|ENOTDIR/)
  expect(trust.isTrusted('/src')).toBe(false)
})

test('folders that were only opened are forgotten beyond 200, trusted ones are not', async () => {
  const trust = await FolderTrust.load(home, clock)
  await trust.trust('/old/but/trusted')
  for (let number = 0; number < 205; number++) {
    now++
    await trust.noteOpened(`/src/${number}`)
  }
  expect(trust.recent()).toHaveLength(201)
  expect(trust.isTrusted('/old/but/trusted')).toBe(true)
})
