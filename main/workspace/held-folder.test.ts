import { readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TempFolder } from '../testing/temp-folder.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { holdParent, PathRefused } from './held-folder.ts'
import { readEntry, replaceEntry } from './replace-file.ts'

let folder: TempFolder
let outside: TempFolder
beforeEach(() => {
  folder = tempFolder()
  outside = tempFolder()
  folder.write('dir/file', 'mine\n')
  outside.write('file', 'theirs\n')
})
afterEach(() => {
  folder.remove()
  outside.remove()
})

const wanted = { kind: 'file', bytes: Buffer.from('new\n'), executable: false } as const

test.each(['../file', 'dir/../../file', './file', '/etc/passwd', 'dir//file', 'dir/\0', ''])(
  'the path %j is refused',
  async (path) => {
    await expect(holdParent(folder.path, path, 'nothing')).rejects.toThrow(PathRefused)
  },
)

test('a link on the way is refused, wherever it leads', async () => {
  await symlink(outside.path, join(folder.path, 'out'))
  await symlink('dir', join(folder.path, 'in'))
  for (const path of ['out/file', 'in/file', 'dir/file/x']) {
    await expect(holdParent(folder.path, path, 'missing')).rejects.toThrow(PathRefused)
  }
})

test.runIf(process.platform === 'linux')(
  'a folder swapped for a link while it is held changes nothing',
  async () => {
    const held = await holdParent(folder.path, 'dir/file', 'nothing')
    const found = await readEntry(held, 'file')
    await rename(join(folder.path, 'dir'), join(folder.path, 'away'))
    await symlink(outside.path, join(folder.path, 'dir'))
    expect(await replaceEntry(held, 'file', found, wanted)).toBe('done')
    await held.close()
    expect(await readFile(join(outside.path, 'file'), 'utf8')).toBe('theirs\n')
    expect(await readFile(join(folder.path, 'away/file'), 'utf8')).toBe('new\n')
  },
)

test('what changed between reading and writing stays', async () => {
  const held = await holdParent(folder.path, 'dir/file', 'nothing')
  const found = await readEntry(held, 'file')
  await writeFile(join(folder.path, 'dir/file'), 'newer\n')
  expect(await replaceEntry(held, 'file', found, wanted)).toBe('changed')
  expect(await replaceEntry(held, 'file', { kind: 'absent' }, wanted)).toBe('changed')
  expect(await replaceEntry(held, 'file', found, { kind: 'absent' })).toBe('changed')
  await held.close()
  expect(folder.sh('cat dir/file; ls -A dir')).toBe('newer\nfile\n')
})

test('a pipe, a folder and a link are not read as files', async () => {
  folder.sh('mkfifo dir/pipe; mkdir dir/sub; ln -s /etc/passwd dir/link')
  const held = await holdParent(folder.path, 'dir/x', 'nothing')
  const kinds = await Promise.all(['pipe', 'sub', 'link', 'none'].map((name) => readEntry(held, name)))
  expect(kinds.map((found) => found.kind)).toEqual(['other', 'other', 'link', 'absent'])
  await held.close()
})
