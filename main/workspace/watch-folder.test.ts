import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TempFolder } from '../testing/temp-folder.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { watchFolder } from './watch-folder.ts'

let folder: TempFolder
beforeEach(() => {
  folder = tempFolder()
})
afterEach(() => folder.remove())

test('when the system has no watches left, the folder is asked for again and again', async () => {
  let asked = 0
  let enough = () => {}
  const thrice = new Promise<void>((resolve) => (enough = resolve))
  const watch = await watchFolder(
    folder.path,
    [],
    { changed: () => {}, lostCount: () => ++asked === 3 && enough() },
    5,
    () => Promise.reject(new Error('inotify_add_watch failed: No space left on device')),
  )
  expect(watch).toMatchObject({ kind: 'polling', why: 'inotify_add_watch failed: No space left on device' })
  await thrice
  await watch.stop()
})

test('a watcher that lost events asks for a look at everything', async () => {
  let lost = 0
  let tell: Parameters<Parameters<typeof watchFolder>[4] & object>[1] = () => {}
  await watchFolder(
    folder.path,
    [],
    { changed: () => {}, lostCount: () => lost++ },
    500,
    async (_folder, fn) => {
      tell = fn
      return { unsubscribe: async () => {} }
    },
  )
  tell(new Error('Events were dropped'), [])
  expect(lost).toBe(1)
})

test('names arrive relative; a damaged name stands for the folder it is in', async () => {
  const seen: string[] = []
  let tell: Parameters<Parameters<typeof watchFolder>[4] & object>[1] = () => {}
  await watchFolder(
    folder.path,
    [],
    { changed: (paths) => seen.push(...paths), lostCount: () => {} },
    500,
    async (_folder, fn) => {
      tell = fn
      return { unsubscribe: async () => {} }
    },
  )
  const names = ['', '/a/b', '/a/x\ufffd', '/\ufffd/c', '/ä']
  tell(
    null,
    names.map((name) => ({ type: 'update', path: `${folder.path}${name}` })),
  )
  expect(seen).toEqual(['', 'a/b', 'a', '', Buffer.from('ä').toString('latin1')])
})
