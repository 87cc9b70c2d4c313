import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hardLinkWords, linkedOutside, type ScanLimits, scanWorkspace } from './scan-workspace.ts'

let base = ''
beforeEach(() => {
  base = realpathSync(mkdtempSync(`${tmpdir()}/gatehouse-scan-`))
  for (const name of ['ws/a/b', 'ws/.git/objects', 'out']) mkdirSync(`${base}/${name}`, { recursive: true })
})
afterEach(() => rmSync(base, { recursive: true }))

const scan = (changes: Partial<ScanLimits> = {}) =>
  scanWorkspace(`${base}/ws`, {
    signal: new AbortController().signal,
    maxFiles: 1000,
    timeMs: 1000,
    now: () => 0,
    ...changes,
  })

test('nested repositories and pointer files are found, the own one and links are not', async () => {
  mkdirSync(`${base}/ws/a/.git`)
  writeFileSync(`${base}/ws/a/b/.git`, 'gitdir: ../x\n')
  mkdirSync(`${base}/ws/a/.git/modules/x/.git`, { recursive: true })
  mkdirSync(`${base}/ws/c`)
  symlinkSync('../a/.git', `${base}/ws/c/.git`)
  symlinkSync(base, `${base}/ws/loop`)

  expect(await scan()).toEqual({
    gitDirs: [`${base}/ws/a/.git`, `${base}/ws/a/b/.git`],
    hardLinks: [],
    cut: null,
  })
})

test('of files with more names, those with a name elsewhere are told apart', async () => {
  writeFileSync(`${base}/ws/one`, '')
  linkSync(`${base}/ws/one`, `${base}/ws/a/two`)
  writeFileSync(`${base}/out/shared`, '')
  linkSync(`${base}/out/shared`, `${base}/ws/a/b/shared`)
  const found = await scan()

  expect(found.hardLinks).toHaveLength(2)
  expect(linkedOutside(found)).toMatchObject([{ paths: [`${base}/ws/a/b/shared`], links: 2 }])
  expect(hardLinkWords(found)?.title).toBe('One file here also has a name outside the folder')
})

test('nothing linked outside needs no words; many are counted; a cut walk says so', async () => {
  expect(hardLinkWords(await scan())).toBeNull()
  for (let n = 0; n < 7; n++) {
    writeFileSync(`${base}/out/${n}`, '')
    linkSync(`${base}/out/${n}`, `${base}/ws/${n}`)
  }
  const found = await scan()
  expect(hardLinkWords(found)).toMatchObject({
    title: '7 files here also have a name outside the folder',
    detail: expect.stringContaining(' and 2 more. Copy them'),
  })
  expect(hardLinkWords({ ...found, cut: 'time' })?.detail).toContain('Not all of the folder was looked at')
})

test('the walk ends at each of its limits', async () => {
  for (let n = 0; n < 20; n++) writeFileSync(`${base}/ws/${n}`, '')
  expect((await scan({ maxFiles: 5 })).cut).toBe('files')
  expect((await scan({ signal: AbortSignal.abort() })).cut).toBe('stopped')
  let now = 0
  expect((await scan({ now: () => (now += 600) })).cut).toBe('time')
})

test('names that no text can hold and closed folders do not end it', async () => {
  execFileSync('bash', ['-c', 'touch "$0"/$\'bad\\xff\' && mkdir -m 0 "$0"/closed', `${base}/ws`])
  expect((await scan()).cut).toBeNull()
})
