import { execFileSync } from 'node:child_process'
import { statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '../testing/temp-folder.ts'
import { copyIndex } from './copy-index.ts'

test('a change of equal size in the moment of the index is seen through the copy', async () => {
  const folder = tempFolder()
  const git = (args: string[], index?: string): string =>
    execFileSync('git', ['-C', folder.path, ...args], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        GIT_CONFIG_GLOBAL: '/dev/null',
        ...(index ? { GIT_INDEX_FILE: index } : {}),
      },
    })
  git(['init', '-q'])
  const file = join(folder.path, 'a.txt')
  const when = new Date(1_700_000_000_000)
  writeFileSync(file, 'one\n')
  utimesSync(file, when, when)
  git(['add', 'a.txt'])
  // The change falls into the same tick of the clock as the file, and so does the index.
  writeFileSync(file, 'two\n')
  utimesSync(file, when, when)
  const index = join(folder.path, '.git/index')
  utimesSync(index, when, when)

  const copy = join(folder.path, '.git/copy')
  await copyIndex(index, copy)
  expect(statSync(copy).mtimeMs).toBeLessThanOrEqual(statSync(index).mtimeMs)
  expect(git(['-c', 'core.trustctime=false', 'diff', '--name-only'], copy)).toBe('a.txt\n')
  folder.remove()
})
