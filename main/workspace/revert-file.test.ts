import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TempFolder } from '../testing/temp-folder.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { blobId } from './blob-id.ts'
import { bytePath } from './byte-path.ts'
import type { ChangedFile } from './make-file-diffs.ts'
import type { PlacedHunk } from './parse-hunks.ts'
import { isProtectedPath, revertFile, withoutHunk } from './revert-file.ts'
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

/** A file as the diff showed it: `old` in the base, `shown` on the disk at that time. */
async function shownFile(path: string, old: string, shown: string): Promise<ChangedFile> {
  await repo.git(['hash-object', '-w', '--stdin'], { stdin: Buffer.from(old) })
  return {
    entry: {
      status: 'M',
      oldMode: '100644',
      newMode: '100644',
      oldOid: blobId(Buffer.from(old)),
      newOid: blobId(Buffer.from(shown)),
      path: bytePath(path),
      from: null,
    },
    patch: { binary: false, added: 1, removed: 1, hunks: [], leftOut: 0 },
  }
}

test('a whole file goes back only while the disk has what was shown', async () => {
  const file = await shownFile('f', 'old\n', 'shown\n')
  folder.write('f', 'newer\n')
  expect(await revertFile(repo, file, null, null)).toMatchObject({ status: 'changedSinceShown' })
  expect(folder.sh('cat f')).toBe('newer\n')
  folder.write('f', 'shown\n')
  expect(await revertFile(repo, file, null, null)).toEqual({ status: 'done', why: null })
  expect(folder.sh('cat f')).toBe('old\n')
})

test.each([
  ['is gone', 'true'],
  ['is a link now', 'printf "shown\\n" > g; ln -s g f'],
  ['is a folder now', 'mkdir f'],
  ['is a pipe now', 'mkfifo f'],
  ['is executable now', 'printf "shown\\n" > f; chmod +x f'],
])('a file that %s is left alone', async (_title, script) => {
  const file = await shownFile('f', 'old\n', 'shown\n')
  folder.sh(script)
  const before = folder.sh('ls -lA')
  expect(await revertFile(repo, file, null, null)).toMatchObject({ status: 'changedSinceShown' })
  expect(folder.sh('ls -lA')).toBe(before)
})

test('a base that is not there any more is an error, and the file stays', async () => {
  const file = await shownFile('f', 'old\n', 'shown\n')
  folder.write('f', 'shown\n')
  const lost = { ...file, entry: { ...file.entry, oldOid: 'a'.repeat(40) } }
  await expect(revertFile(repo, lost, null, null)).rejects.toThrow('git cat-file')
  expect(folder.sh('cat f')).toBe('shown\n')
})

test.each([
  ['.git/config', true],
  ['.GIT/config', true],
  ['sub/.git/hooks/pre-commit', true],
  ['.codex/config.toml', true],
  ['.claude/settings.json', true],
  ['.agents/x', true],
  ['.gatehouse/rules/a.rules', true],
  ['sub/.codex/x', false],
  ['.gitignore', false],
  ['.github/workflows/x.yml', false],
])('%s is protected: %s', (path, expected) => {
  expect(isProtectedPath(path)).toBe(expected)
})

const hunk = (oldStart: number, oldCount: number, newStart: number, newCount: number): PlacedHunk => ({
  id: 'x',
  header: '',
  lines: [],
  whole: true,
  oldStart,
  oldCount,
  newStart,
  newCount,
})

test.each([
  ['a change in the middle', 'a\nb\nc\n', 'a\nB\nc\n', hunk(2, 1, 2, 1), 'a\nb\nc\n'],
  ['an addition at the top', 'a\n', 'x\na\n', hunk(0, 0, 1, 1), 'a\n'],
  ['an addition at the end', 'a\n', 'a\nx\n', hunk(1, 0, 2, 1), 'a\n'],
  ['a removal at the top', 'x\na\n', 'a\n', hunk(1, 1, 0, 0), 'x\na\n'],
  ['a removal at the end', 'a\nx', 'a\n', hunk(2, 1, 1, 0), 'a\nx'],
  ['everything', 'a\nb', '', hunk(1, 2, 0, 0), 'a\nb'],
  ['from nothing', '', 'a\nb', hunk(0, 0, 1, 2), ''],
])('%s is taken back byte by byte', (_title, base, now, one, expected) => {
  expect(withoutHunk(Buffer.from(base), Buffer.from(now), one).toString()).toBe(expected)
})
