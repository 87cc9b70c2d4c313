import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { expandDeniedGlobs, maxMatches, TooManyMatches } from './expand-denied-globs.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/gatehouse-globs-`)
  for (const name of ['a/b/c', '.hidden', 'd.env/in']) mkdirSync(`${folder}/${name}`, { recursive: true })
  for (const name of ['.env', 'a/.env', 'a/b/x.env', 'a/b/c/y.env', '.hidden/z.env', 'd.env/in/key', 'plain'])
    writeFileSync(`${folder}/${name}`, '')
  symlinkSync('plain', `${folder}/l.env`)
  symlinkSync('a', `${folder}/linked`)
})
afterEach(() => rmSync(folder, { recursive: true }))

const expand = async (pattern: string, maxDepth: number | null = null) =>
  (await expandDeniedGlobs([{ folder, pattern, maxDepth }])).map((path) => path.slice(folder.length + 1))

test('names with a dot, hidden folders, folders that match and links that match are found', async () => {
  expect(await expand('**/*.env')).toEqual([
    '.env',
    '.hidden/z.env',
    'a/.env',
    'a/b/c/y.env',
    'a/b/x.env',
    'd.env',
    'l.env',
  ])
})

test('a depth limit counts levels below the folder', async () => {
  expect(await expand('**/*.env', 2)).toEqual(['.env', '.hidden/z.env', 'a/.env', 'd.env', 'l.env'])
  expect(await expand('*.env')).toEqual(['.env', 'd.env', 'l.env'])
})

test('an absent folder and no pattern close nothing', async () => {
  expect(await expandDeniedGlobs([])).toEqual([])
  expect(await expandDeniedGlobs([{ folder: `${folder}/absent`, pattern: '**', maxDepth: null }])).toEqual([])
})

test('more than can be closed is told, not passed over', async () => {
  for (let n = 0; n <= maxMatches; n++) writeFileSync(`${folder}/a/${n}.pem`, '')
  await expect(expand('a/*.pem')).rejects.toThrow(TooManyMatches)
})
