import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestWorkspace } from '../testing/open-test-workspace.ts'
import { openTestWorkspace } from '../testing/open-test-workspace.ts'
import type { TempFolder } from '../testing/temp-folder.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { inspectFolder } from './inspect-folder.ts'

/**
 * A project whose git configuration, attributes, hooks and monitor all run programs that leave a mark. The
 * first test shows that they do when git is used on it; the others, that we never run them.
 */
let folder: TempFolder
let marks: TempFolder
let opened: TestWorkspace | null

const drivers = [
  'filter-clean',
  'filter-smudge',
  'filter-process',
  'textconv',
  'external',
  'fsmonitor',
  'pager',
]

beforeEach(() => {
  opened = null
  marks = tempFolder()
  folder = tempFolder()
  folder.sh('git init -q -b main .')
  folder.write('a.txt', 'one\n')
  folder.write('b.bin', 'b\n')
  folder.sh('git add -A && git commit -qm first')
  for (const name of drivers) {
    writeFileSync(join(marks.path, `${name}.sh`), `#!/bin/sh\ntouch '${marks.path}/ran-${name}'\ncat\n`, {
      mode: 0o755,
    })
  }
  const run = (name: string) => `${marks.path}/${name}.sh`
  folder.write(
    '.gitattributes',
    '*.txt filter=bad diff=bad\n*.bin filter=worse diff=bad\n[attr]bad diff=bad\n',
  )
  folder.sh(`
    git config filter.bad.clean '${run('filter-clean')}'
    git config filter.bad.smudge '${run('filter-smudge')}'
    git config filter.bad.required true
    git config filter.worse.process '${run('filter-process')}'
    git config diff.bad.textconv '${run('textconv')}'
    git config diff.bad.command '${run('external')}'
    git config diff.external '${run('external')}'
    git config core.fsmonitor '${run('fsmonitor')}'
    git config core.pager '${run('pager')}'
    git config core.attributesFile '${folder.path}/.gitattributes'
    git config alias.ls-files '!touch ${marks.path}/ran-alias'
    for hook in pre-commit post-index-change reference-transaction post-checkout pre-auto-gc; do
      printf '#!/bin/sh\\ntouch ${marks.path}/ran-hook\\n' > .git/hooks/$hook
      chmod +x .git/hooks/$hook
    done
  `)
})
afterEach(async () => {
  await opened?.close()
  folder.remove()
  marks.remove()
})

const ran = () => readdirSync(marks.path).filter((name) => name.startsWith('ran-'))

test('the trap works: plain git runs what the project configured', () => {
  folder.write('a.txt', 'two\n')
  folder.sh('git add a.txt; git diff HEAD >/dev/null 2>&1 || true')
  expect(ran()).toContain('ran-filter-clean')
  expect(ran()).toContain('ran-fsmonitor')
  expect(ran()).toContain('ran-hook')
})

test('looking at the folder runs nothing', async () => {
  folder.write('a.txt', 'two\n')
  const answer = await inspectFolder(folder.path, { trusted: false, gatehouseHome: '/nonexistent' })
  expect(answer).toMatchObject({ status: 'ok', facts: { git: { branch: 'main', changedFiles: 2 } } })
  expect(ran()).toEqual([])
})

test('checkpoints, the live diff in every scope and revert run nothing', async () => {
  opened = await openTestWorkspace(folder)
  await opened.start()
  const screens = [opened.watch('turn'), opened.watch('uncommitted')]
  for (const screen of screens) await screen.until(() => true)
  folder.sh("printf 'two\\n' > a.txt; printf 'c\\n' > b.bin; printf 'new\\n' > c.txt")
  for (const screen of screens) {
    await screen.until(({ files }) => ['a.txt', 'b.bin', 'c.txt'].every((name) => name in files))
    expect(screen.files['a.txt']?.hunks[0]?.lines.map((line) => line.text)).toEqual(['one', 'two'])
    expect(screen.files['b.bin']?.binary).toBe(false)
  }
  await opened.workspace.checkpoint('second')
  expect(await opened.workspace.review('uncommitted', 'a.txt', null, 'revert')).toMatchObject({
    status: 'done',
  })
  expect(folder.sh('cat a.txt')).toBe('one\n')
  expect(ran()).toEqual([])
})

test('attributes of the project change no byte and hide no line', async () => {
  folder.write(
    '.gitattributes',
    '* text eol=crlf ident working-tree-encoding=UTF-16 -diff\n[attr]x -diff\n* x\n',
  )
  folder.write('crlf.txt', 'a $Id$\r\nb\r\n')
  opened = await openTestWorkspace(folder)
  await opened.start()
  const screen = opened.watch('turn')
  await screen.until(() => true)
  folder.write('crlf.txt', 'a $Id$\r\nB\n')
  await screen.until(({ files }) => 'crlf.txt' in files)
  expect(screen.files['crlf.txt']?.hunks[0]?.lines.map(({ kind, text }) => [kind, text])).toEqual([
    ['context', 'a $Id$\r'],
    ['del', 'b\r'],
    ['add', 'B'],
  ])
  await opened.workspace.review('turn', 'crlf.txt', null, 'revert')
  expect(folder.sh('cat crlf.txt')).toBe('a $Id$\r\nb\r\n')
})

test('a project that becomes hostile later, or has a config that is none, changes nothing', async () => {
  opened = await openTestWorkspace(folder)
  await opened.start()
  folder.sh("printf '[broken' > .git/config; rm -rf .git/hooks; ln -s / .git/hooks; printf 'two\\n' > a.txt")
  const screen = opened.watch('turn')
  await screen.until(({ files }) => 'a.txt' in files)
  expect(screen.state.problem).toBeNull()
  expect(screen.state.protectedTouched).toEqual(expect.arrayContaining(['.git/config', '.git/hooks']))
  expect(ran()).toEqual([])
})

test('the shadow repository can be entered by its owner only', async () => {
  opened = await openTestWorkspace(folder)
  await opened.start()
  const shadow = join(opened.state.path, 'shadow')
  expect(opened.state.sh(`stat -c %a shadow shadow/*.git`)).toBe('700\n700\n')
  expect(existsSync(join(shadow, readdirSync(shadow)[0] ?? '', 'hooks'))).toBe(false)
})
