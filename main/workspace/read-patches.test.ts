import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TempFolder } from '../testing/temp-folder.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import type { BytePath } from './byte-path.ts'
import { RenameFinder } from './find-renames.ts'
import { readPatches } from './make-file-diffs.ts'
import type { RawEntry } from './parse-git-diff.ts'
import { readEntries } from './read-entries.ts'
import type { ShadowRepo } from './shadow-repo.ts'
import { openShadowRepo } from './shadow-repo.ts'

let folder: TempFolder
let state: TempFolder
let repo: ShadowRepo
beforeEach(async () => {
  folder = tempFolder()
  state = tempFolder()
  repo = await openShadowRepo(folder.path, state.path, null)
})
afterEach(() => {
  folder.remove()
  state.remove()
})

const absent = '0'.repeat(40)

const oidOf = (content: string): Promise<string> =>
  repo.text(['hash-object', '-w', '--stdin'], { stdin: Buffer.from(content) })

async function entry(path: string, old: string | null, now: string | null): Promise<RawEntry> {
  return {
    status: old === null ? 'A' : now === null ? 'D' : 'M',
    oldMode: old === null ? '000000' : '100644',
    newMode: now === null ? '000000' : '100644',
    oldOid: old === null ? absent : await oidOf(old),
    newOid: now === null ? absent : await oidOf(now),
    path: path as BytePath,
    from: null,
  }
}

const text = (number: number, change = '') =>
  Array.from({ length: 20 }, (_, line) => `${number} ${line}${line === 9 ? change : ''}\n`).join('')

test('a hunk has the same id whether its file was read alone or with others', async () => {
  const entries = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => entry(`f${n}`, text(n), text(n, 'x'))))
  const together = await readPatches(repo, entries, null)
  const alone = (await Promise.all(entries.map((one) => readPatches(repo, [one], null)))).flat()
  expect(together.map((file) => file.patch)).toEqual(alone.map((file) => file.patch))
  expect(new Set(together.map((file) => file.patch.hunks[0]?.id)).size).toBe(6)
})

test('a content that is not there is shown without lines, and its neighbours with theirs', async () => {
  const entries = await Promise.all([0, 1, 2, 3, 4].map((n) => entry(`f${n}`, text(n), text(n, 'x'))))
  const lost = { ...(entries[2] as RawEntry), oldOid: 'a'.repeat(40) }
  const read = await readPatches(repo, [...entries.slice(0, 2), lost, ...entries.slice(3)], null)
  expect(read.map((file) => [file.patch.binary, file.patch.hunks.length])).toEqual([
    [false, 1],
    [false, 1],
    [true, 0],
    [false, 1],
    [false, 1],
  ])
})

test('files that moved are paired: by content first, then by likeness, empty ones never', async () => {
  const entries = [
    await entry('old/a', text(1), null),
    await entry('old/b', text(1), null),
    await entry('new/b', null, text(1)),
    await entry('like', text(2), null),
    await entry('liked', null, text(2, 'x')),
    await entry('empty', '', null),
    await entry('void', null, ''),
    await entry('same', text(3), text(4)),
  ]
  const found = await new RenameFinder(repo).find(entries, null)
  expect(found.map(({ status, path, from }) => [status, path, from])).toEqual([
    ['D', 'old/a', null],
    ['R', 'new/b', 'old/b'],
    ['R', 'liked', 'like'],
    ['D', 'empty', null],
    ['A', 'void', null],
    ['M', 'same', null],
  ])
})

test('few files and many are read alike: modes, links, absent and large ones', async () => {
  folder.sh(`printf a > plain; printf b > exec; chmod +x exec; ln -s nowhere link; mkdir -p d real; printf c > d/f
    printf c > real/f; ln -s real linked; head -c 5300000 /dev/zero > large; mkfifo pipe; : > empty`)
  const paths = [
    'plain',
    'exec',
    'link',
    'd/f',
    'linked/f',
    'large',
    'pipe',
    'empty',
    'none',
    'd',
  ] as BytePath[]
  const few = await readEntries(repo, paths)
  const fillers = Array.from({ length: 300 }, (_, number) => `none-${number}` as BytePath)
  const many = await readEntries(repo, [...paths, ...fillers])
  expect(paths.map((path) => [path, few.get(path)])).toEqual(paths.map((path) => [path, many.get(path)]))
  expect(paths.filter((path) => few.get(path) === null)).toEqual(['linked/f', 'pipe', 'none', 'd'])
  expect(few.get('exec' as BytePath)?.mode).toBe('100755')
})
