import { createHash } from 'node:crypto'
import { existsSync, linkSync, lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Screen, TestWorkspace } from '../testing/open-test-workspace.ts'
import { openTestWorkspace } from '../testing/open-test-workspace.ts'
import type { TempFolder } from '../testing/temp-folder.ts'
import { tempFolder } from '../testing/temp-folder.ts'

const text = (change: Readonly<Record<number, string>> = {}) =>
  Array.from({ length: 40 }, (_, number) => `${change[number] ?? `line ${number}`}\n`).join('')

let folder: TempFolder
let opened: TestWorkspace
let screen: Screen

beforeEach(async () => {
  folder = tempFolder()
  folder.write('a.ts', text())
  folder.write('dir/b.ts', 'b\n')
  folder.write('run.sh', '#!/bin/sh\n')
  folder.sh('chmod 751 run.sh; ln -s a.ts link; mkdir .codex; echo "x=1" > .codex/config.toml')
  opened = await openTestWorkspace(folder)
  await opened.start()
  screen = opened.watch('turn')
  await screen.until(() => true)
})
afterEach(() => opened.close())

const read = (name: string) => readFileSync(join(folder.path, name), 'utf8')
const at = (name: string) => join(folder.path, name)
const hunk = (path: string, number: number) => screen.files[path]?.hunks[number]?.id ?? 'none'
const review = (path: string, id: string | null, verb: 'keep' | 'unkeep' | 'revert') =>
  opened.workspace.review('turn', path, id, verb)

async function change(name: string, content: string): Promise<void> {
  folder.write(name, content)
  await screen.until(({ files }) => name in files)
}

test('one hunk goes back, the other stays', async () => {
  await change('a.ts', text({ 3: 'three', 30: 'thirty' }))
  expect(await review('a.ts', hunk('a.ts', 0), 'revert')).toMatchObject({ status: 'done' })
  expect(read('a.ts')).toBe(text({ 30: 'thirty' }))
  expect(screen.files['a.ts']?.hunks).toHaveLength(1)
})

test.each([
  ['lines were added', text({ 3: 'line 3\nnew\nnew' })],
  ['lines were removed at the start', text().split('\n').slice(5).join('\n')],
  ['the last line break was removed', text().slice(0, -1)],
  ['the last line was removed', text().split('\n').slice(0, -2).join('\n')],
  ['line ends became CRLF', text().replaceAll('\n', '\r\n')],
  ['bytes are no text', text({ 7: '\ufffd\u0001' })],
  ['nothing is left', ''],
])('a hunk goes back when %s', async (_title, content) => {
  await change('a.ts', content)
  expect(await review('a.ts', hunk('a.ts', 0), 'revert')).toMatchObject({ status: 'done' })
  expect(read('a.ts')).toBe(text())
  await screen.until((s) => !('a.ts' in s.files))
})

test('a file without a line break at its end gets its end back', async () => {
  folder.write('end', 'a\nb')
  const checkpoint = await opened.workspace.checkpoint('with end')
  opened.workspace.setBase('turn', { checkpoint, words: 'turn 2 start' })
  await screen.until((s) => s.state.base === 'turn 2 start')
  await change('end', 'a\nb\nc\n')
  await review('end', hunk('end', 0), 'revert')
  expect(read('end')).toBe('a\nb')
})

test('whole files: added ones are removed, removed ones return, renamed ones move back', async () => {
  folder.sh('echo new > new.ts; rm -r dir; mv a.ts c.ts; echo more >> c.ts')
  await screen.until((s) => s.files['c.ts']?.change === 'rename' && s.state.files.length === 3)
  for (const path of ['new.ts', 'dir/b.ts', 'c.ts']) {
    expect(await review(path, null, 'revert')).toMatchObject({ status: 'done' })
  }
  expect(existsSync(at('new.ts'))).toBe(false)
  expect(read('dir/b.ts')).toBe('b\n')
  expect(existsSync(at('c.ts'))).toBe(false)
  expect(read('a.ts')).toBe(text())
  await screen.until((s) => s.state.files.length === 0)
})

test('the one hunk of an added file is the file', async () => {
  await change('new.ts', 'x\n')
  await review('new.ts', hunk('new.ts', 0), 'revert')
  expect(existsSync(at('new.ts'))).toBe(false)
})

test('modes, links and kinds of file come back', async () => {
  folder.sh('chmod 644 run.sh; rm link; ln -s /etc/passwd link')
  await screen.until((s) => s.state.files.length === 2)
  await review('run.sh', null, 'revert')
  await review('link', null, 'revert')
  expect(statSync(at('run.sh')).mode & 0o111).toBe(0o111)
  expect(readlinkSync(at('link'))).toBe('a.ts')

  folder.sh('rm run.sh; ln -s /etc/hostname run.sh')
  await screen.until(({ files }) => 'run.sh' in files)
  expect(screen.files['run.sh']).toMatchObject({ binary: true, hunks: [] })
  await review('run.sh', null, 'revert')
  expect(lstatSync(at('run.sh')).isFile()).toBe(true)
  expect(read('run.sh')).toBe('#!/bin/sh\n')
})

test('the mode of a file stays when a hunk of it goes back', async () => {
  await change('run.sh', '#!/bin/sh\necho\n')
  await review('run.sh', hunk('run.sh', 0), 'revert')
  expect(statSync(at('run.sh')).mode & 0o7777).toBe(0o751)
})

test('binary files go back as a whole, byte by byte', async () => {
  const bytes = Buffer.from(Array.from({ length: 4096 }, (_, number) => number % 256))
  folder.write('bin', bytes)
  const checkpoint = await opened.workspace.checkpoint('with bin')
  opened.workspace.setBase('turn', { checkpoint, words: 'turn 2 start' })
  await screen.until((s) => s.state.base === 'turn 2 start')
  await change('bin', 'x\0')
  await review('bin', null, 'revert')
  expect(readFileSync(at('bin'))).toEqual(bytes)
})

test('what changed since it was shown is not touched', async () => {
  await change('a.ts', text({ 3: 'three' }))
  const shown = hunk('a.ts', 0)
  folder.write('a.ts', text({ 3: 'another three' }))
  expect(await review('a.ts', shown, 'revert')).toMatchObject({ status: 'changedSinceShown', ids: [] })
  expect(read('a.ts')).toBe(text({ 3: 'another three' }))
})

test.each([
  ['that is not in the diff', 'run.sh', null],
  ['that does not exist', 'nowhere', null],
  ['with an unknown hunk', 'a.ts', 'f'.repeat(24)],
  ['outside the folder', '../outside', null],
  ['that is absolute', '/etc/passwd', null],
  ['that is empty', '', null],
  ['with a NUL', 'a\0b', null],
])('a path %s is answered, not acted on', async (_title, path, id) => {
  expect(await review(path, id, 'revert')).toMatchObject({ status: 'changedSinceShown', ids: [] })
})

test('protected paths are put back by hand only', async () => {
  await change('.codex/config.toml', 'x=2\n')
  expect(await review('.codex/config.toml', null, 'revert')).toMatchObject({
    status: 'refused',
    why: '.codex/config.toml is a protected path. Put it back by hand.',
  })
  expect(read('.codex/config.toml')).toBe('x=2\n')
})

test('a folder that became a link to elsewhere is never written through', async () => {
  const outside = tempFolder()
  try {
    outside.write('b.ts', 'theirs\n')
    await change('dir/b.ts', 'changed\n')
    const id = hunk('dir/b.ts', 0)
    folder.sh(`mv dir away; ln -s '${outside.path}' dir`)
    for (const hunkId of [id, null]) {
      expect((await review('dir/b.ts', hunkId, 'revert')).status).not.toBe('done')
    }
    expect(outside.sh('cat b.ts; ls -A')).toBe('theirs\nb.ts\n')
  } finally {
    outside.remove()
  }
})

test('a removed folder that is a link by now is not filled', async () => {
  const outside = tempFolder()
  try {
    folder.sh(`rm -r dir; ln -s '${outside.path}' dir`)
    await screen.until((s) => s.files['dir/b.ts']?.change === 'delete')
    expect(await review('dir/b.ts', null, 'revert')).toMatchObject({ status: 'refused' })
    expect(outside.sh('ls -A')).toBe('')
  } finally {
    outside.remove()
  }
})

test('another name of the same file keeps its content', async () => {
  const outside = tempFolder()
  try {
    await change('a.ts', text({ 3: 'three' }))
    linkSync(at('a.ts'), join(outside.path, 'second'))
    await review('a.ts', hunk('a.ts', 0), 'revert')
    expect(read('a.ts')).toBe(text())
    expect(outside.sh('sed -n 4p second')).toBe('three\n')
  } finally {
    outside.remove()
  }
})

test('no draft is left behind', async () => {
  await change('a.ts', text({ 3: 'three' }))
  await review('a.ts', hunk('a.ts', 0), 'revert')
  expect(folder.sh('find . -name ".gatehouse-*"')).toBe('')
})

test('keeping marks hunks until they change again', async () => {
  await change('a.ts', text({ 3: 'three', 30: 'thirty' }))
  const ids = [hunk('a.ts', 0), hunk('a.ts', 1)]
  expect(await review('a.ts', ids[0] ?? '', 'keep')).toEqual({ status: 'done', why: null, ids: [ids[0]] })
  const kept = () => screen.files['a.ts']?.hunks.map((one) => one.kept)
  expect([kept(), screen.files['a.ts']?.kept]).toEqual([[true, false], false])
  await review('a.ts', ids[1] ?? '', 'keep')
  expect(screen.files['a.ts']?.kept).toBe(true)

  folder.write('a.ts', text({ 3: 'three', 30: 'another thirty' }))
  await screen.until((s) => s.files['a.ts']?.kept === false)
  expect(kept()).toEqual([true, false])
  await review('a.ts', ids[0] ?? '', 'unkeep')
  expect(kept()).toEqual([false, false])
})

test('keeping a file without lines marks exactly this content', async () => {
  folder.sh('chmod 644 run.sh')
  await screen.until(({ files }) => 'run.sh' in files)
  const oid = createHash('sha1').update('blob 10\0#!/bin/sh\n').digest('hex')
  expect(await review('run.sh', null, 'keep')).toMatchObject({
    ids: [`file:run.sh:100644.${oid.slice(0, 24)}`],
  })
  expect(screen.files['run.sh']?.kept).toBe(true)
  await review('run.sh', null, 'unkeep')
  expect(screen.files['run.sh']?.kept).toBe(false)
})

test('a session that is opened again shows what was kept', async () => {
  await change('a.ts', text({ 3: 'three' }))
  const { ids } = await review('a.ts', null, 'keep')
  const second = await openTestWorkspace(folder, tempFolder(), 'session-2')
  try {
    second.workspace.restoreKept(ids)
    folder.write('a.ts', text())
    await second.start()
    folder.write('a.ts', text({ 3: 'three' }))
    const again = second.watch('turn')
    await again.until(({ files }) => 'a.ts' in files)
    expect(again.files['a.ts']).toMatchObject({ kept: true, hunks: [{ kept: true }] })
  } finally {
    await second.workspace.dispose()
    second.state.remove()
  }
})

test('a review without a window works on what is there now', async () => {
  screen.stop()
  folder.write('a.ts', text({ 3: 'three' }))
  expect(await opened.workspace.review('session', 'a.ts', null, 'revert')).toMatchObject({ status: 'done' })
  expect(read('a.ts')).toBe(text())
})
