import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pathAnswers } from './control/path-answers.ts'
import { watchDenied } from './watch-denied.ts'

let folder = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(`${tmpdir()}/gatehouse-watch-`))
  mkdirSync(`${folder}/sub`)
})
afterEach(() => rmSync(folder, { recursive: true }))

function start(
  patterns: readonly string[],
  answer: (path: string) => string | null = () => null,
  granted: readonly string[] = [],
) {
  const masked: string[] = []
  const problems: string[] = []
  const ended = Promise.withResolvers<never>()
  const run = {
    mask: async (path: string) => {
      masked.push(path.slice(folder.length + 1))
      return answer(path)
    },
    exited: ended.promise,
  }
  const watching = watchDenied(
    {
      deniedGlobs: patterns.map((pattern) => ({ folder, pattern })),
      grantedReads: granted.map((name) => `${folder}/${name}`),
    },
    run,
    (words) => problems.push(words),
  )
  return { ...watching, masked, problems, end: () => ended.resolve({} as never) }
}

test('what is there, what appears, what is renamed and what a new folder brings is closed, each once', async () => {
  writeFileSync(`${folder}/sub/.env`, '')
  const { ready, masked, stop } = start(['**/*.env'])
  expect(await ready).toEqual({ complete: true })
  expect(masked).toEqual(['sub/.env'])

  writeFileSync(`${folder}/new.env`, '')
  await vi.waitUntil(() => masked.includes('new.env'))
  writeFileSync(`${folder}/plain`, '')
  renameSync(`${folder}/plain`, `${folder}/sub/renamed.env`)
  await vi.waitUntil(() => masked.includes('sub/renamed.env'))
  mkdirSync(`${folder}/later/deep`, { recursive: true })
  writeFileSync(`${folder}/later/deep/x.env`, '')
  await vi.waitUntil(() => masked.includes('later/deep/x.env'))

  stop()
  expect(masked.toSorted()).toEqual(['later/deep/x.env', 'new.env', 'sub/.env', 'sub/renamed.env'])
})

test('what a grant names exactly stays open, a folder above it opens nothing', async () => {
  for (const name of ['a.env', 'b.env', 'sub/c.env']) writeFileSync(`${folder}/${name}`, '')
  mkdirSync(`${folder}/keys`)
  writeFileSync(`${folder}/keys/d.env`, '')
  const { ready, masked, stop } = start(['**/*.env', 'keys'], () => null, ['a.env', 'sub', 'keys'])
  await ready
  stop()
  expect(masked.toSorted()).toEqual(['b.env', 'keys/d.env', 'sub/c.env'])
})

test('a link that matches closes what it leads to', async () => {
  writeFileSync(`${folder}/target`, '')
  const { masked, ready, stop } = start(['*.env'])
  await ready
  symlinkSync('target', `${folder}/link.env`)
  await vi.waitUntil(() => masked.includes('target'))
  stop()
})

test('a file that could not be closed is told, one that is gone again is not', async () => {
  writeFileSync(`${folder}/a.env`, '')
  writeFileSync(`${folder}/b.env`, '')
  const { problems, ready, stop } = start(['*.env'], (path) =>
    path.endsWith('a.env') ? 'EPERM' : pathAnswers.notThere,
  )
  await ready
  expect(problems).toEqual([`${folder}/a.env matches a denied pattern and could not be closed: EPERM`])
  stop()
})

test('folders in which nothing can match are not watched; without patterns nothing is', async () => {
  writeFileSync(`${folder}/sub/x.env`, '')
  const { masked, ready, stop } = start(['*.env'])
  await ready
  expect(masked).toEqual([])
  stop()
  expect(await start([]).ready).toEqual({ complete: true })
})

test('a run that ended before its file was closed is no problem', async () => {
  writeFileSync(`${folder}/a.env`, '')
  const { ready, problems, stop } = start(['*.env'], () => 'The run is over.')
  await ready
  stop()
  expect(problems).toEqual([])
})
