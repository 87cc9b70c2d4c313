import { chmodSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestWorkspace } from '../testing/open-test-workspace.ts'
import { openTestWorkspace, Screen } from '../testing/open-test-workspace.ts'
import type { TempFolder } from '../testing/temp-folder.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { largeFileBytes } from './index-folder.ts'

let folder: TempFolder
let state: TempFolder
let open: TestWorkspace[]

beforeEach(() => {
  folder = tempFolder()
  state = tempFolder()
  open = []
})
afterEach(async () => {
  for (const one of open) await one.workspace.dispose()
  folder.remove()
  state.remove()
})

/** Opens the folder as it is now, with this moment as the base. */
async function begin(sessionId = 'session-1'): Promise<TestWorkspace> {
  const opened = await openTestWorkspace(folder, state, sessionId)
  open.push(opened)
  await opened.start()
  return opened
}

async function watched(scope: 'turn' | 'session' | 'uncommitted' = 'turn') {
  const opened = await begin()
  const screen = opened.watch(scope)
  await screen.until(() => true)
  return { ...opened, screen }
}

const names = (screen: Screen) => Object.keys(screen.files).toSorted()
const lines = (screen: Screen, path: string) =>
  screen.files[path]?.hunks.flatMap((hunk) => hunk.lines.map((line) => `${line.kind} ${line.text}`))

test('what another process writes shows up', async () => {
  folder.write('src/a.ts', 'one\ntwo\n')
  const { screen } = await watched()
  expect(screen.state).toMatchObject({ base: 'turn 1 start', files: [], problem: null, filesLeftOut: 0 })
  folder.sh("printf 'one\\nTWO\\n' > src/a.ts")
  await screen.until(({ files }) => 'src/a.ts' in files)
  expect(lines(screen, 'src/a.ts')).toEqual(['context one', 'del two', 'add TWO'])
})

test('new, removed, renamed and executable files are told apart', async () => {
  const text = Array.from({ length: 20 }, (_, number) => `line ${number}\n`).join('')
  for (const name of ['gone', 'mode']) folder.write(name, `${name}\n`)
  folder.write('old-name', text)
  const { screen } = await watched()
  folder.sh(
    'rm gone; chmod +x mode; mkdir -p deep/er; printf x > deep/er/new; mv old-name new-name; echo more >> new-name',
  )
  await screen.until((s) => names(s).length === 4 && s.files['new-name']?.added === 1)
  expect(screen.files).toMatchObject({
    gone: { change: 'delete', added: 0, removed: 1 },
    mode: { change: 'update', hunks: [], binary: false },
    'deep/er/new': { change: 'add', added: 1 },
    'new-name': { change: 'rename', fromPath: 'old-name', added: 1, removed: 0 },
  })
})

test('a file that is as it was leaves the diff', async () => {
  folder.write('a', 'one\n')
  const { screen } = await watched()
  folder.write('a', 'two\n')
  await screen.until(({ files }) => 'a' in files)
  folder.write('a', 'one\n')
  await screen.until(({ files }) => !('a' in files))
  expect(screen.changes.at(-1)).toEqual({ type: 'gone', path: 'a' })
})

test('only files that changed are sent', async () => {
  for (const name of ['a', 'b', 'c']) folder.write(name, 'one\n')
  const { screen } = await watched()
  folder.sh('for f in a b c; do echo two > $f; done')
  await screen.until((s) => names(s).length === 3)
  screen.changes.length = 0
  folder.write('b', 'three\n')
  await screen.until((s) => lines(s, 'b')?.includes('add three') ?? false)
  expect(screen.changes.map((change) => change.type === 'file' && change.file.path)).toEqual(['b'])
})

test('ignored files and node_modules stay out, also when they appear later', async () => {
  folder.write('.gitignore', 'dist/\n*.log\n')
  const { screen } = await watched()
  folder.sh(`mkdir -p dist/deep node_modules/x src/node_modules/y
    echo a > dist/deep/o; echo a > x.log; echo a > node_modules/x/i; echo a > src/node_modules/y/i; echo a > src/seen`)
  await screen.until(({ files }) => 'src/seen' in files)
  folder.sh('echo b > dist/deep/o; echo last > last')
  await screen.until(({ files }) => 'last' in files)
  expect(names(screen)).toEqual(['last', 'src/seen'])
})

test('a change of .gitignore counts at once, both ways', async () => {
  folder.write('.gitignore', 'hidden\n')
  const { screen } = await watched()
  folder.sh('echo a > hidden; echo a > shown')
  await screen.until(({ files }) => 'shown' in files)
  folder.write('.gitignore', 'shown\n')
  await screen.until((s) => 'hidden' in s.files && !('shown' in s.files))
  expect(names(screen)).toEqual(['.gitignore', 'hidden'])
})

test('a folder that is not ignored any more is watched', async () => {
  folder.write('.gitignore', 'dist/\n')
  folder.write('dist/o', 'a\n')
  const { screen } = await watched()
  folder.write('.gitignore', '')
  await screen.until(({ files }) => 'dist/o' in files)
  folder.write('dist/later', 'b\n')
  await screen.until(({ files }) => 'dist/later' in files)
})

test('what was put back while nobody watched is not shown as changed', async () => {
  folder.write('a', 'one\n')
  const { screen, workspace } = await watched()
  folder.write('a', 'two\n')
  await screen.until(({ files }) => 'a' in files)
  screen.stop()
  folder.write('a', 'one\n')
  const again = new Screen(workspace, 'turn')
  await again.until(() => true)
  expect(again.state.files).toEqual([])
})

test('a repository made inside the folder hides nothing', async () => {
  folder.write('src/a', 'one\n')
  const { screen } = await watched()
  folder.sh('git init -q src; echo two > src/a; echo new > src/b; git init -q other; echo c > other/c')
  await screen.until((s) => names(s).length === 3)
  expect(names(screen)).toEqual(['other/c', 'src/a', 'src/b'])
})

test('a repository that was inside from the start is part of the checkpoint', async () => {
  folder.sh('git init -q sub; echo one > sub/a; echo "*.o" > sub/.gitignore; echo x > sub/x.o')
  const { screen } = await watched()
  folder.sh('echo two > sub/a; echo y > sub/x.o')
  await screen.until((s) => names(s).length > 0)
  expect(lines(screen, 'sub/a')).toEqual(['del one', 'add two'])
  expect(names(screen)).toEqual(['sub/a'])
})

test('links are kept as links and never followed', async () => {
  folder.sh('ln -s /etc/hostname link; mkdir real; echo a > real/a')
  const { screen } = await watched()
  folder.sh('rm link; ln -s /etc/passwd link; rm -r real; ln -s /etc real')
  await screen.until((s) => names(s).length === 3)
  expect(lines(screen, 'link')).toEqual(['del /etc/hostname', 'add /etc/passwd'])
  expect(screen.files).toMatchObject({
    'real/a': { change: 'delete' },
    real: { change: 'add', added: 1 },
  })
  expect(lines(screen, 'real')).toEqual(['add /etc'])
})

test('a folder takes the place of a file, and the other way round', async () => {
  folder.sh('echo a > x; mkdir y; echo b > y/b')
  const { screen } = await watched()
  folder.sh('rm x; mkdir x; echo c > x/c; rm -r y; echo d > y')
  await screen.until((s) => names(s).length === 4)
  expect(names(screen)).toEqual(['x', 'x/c', 'y', 'y/b'])
})

test('names with every kind of character arrive', async () => {
  const { screen } = await watched()
  folder.sh(
    `printf a > "$(printf 'x\\377')"; printf a > 'q"t'; printf a > ':(top)x'; printf a > '*'; printf a > "$(printf 'new\\nline')"; printf a > -n`,
  )
  await screen.until((s) => names(s).length === 6)
  expect(names(screen)).toEqual(['*', '-n', ':(top)x', 'new\nline', 'q"t', 'x\\xff'])
  expect(Object.values(screen.files).every((file) => file.added === 1)).toBe(true)
})

test('a diff too long to read as a whole is cut, and its neighbours are not', async () => {
  const { screen } = await watched()
  folder.sh(`i=0; while [ $i -lt 30 ]; do echo $i > f$i; i=$((i+1)); done
    for f in x y z; do for g in 1 2 3; do head -c 1500000 /dev/zero | tr '\\0' a; echo; done > $f; done
    yes | head -n 1600000 | tr -d y > n1`)
  await screen.until((s) => s.state.files.length === 34)
  expect(screen.files['f7']?.hunks[0]?.lines[0]?.text).toBe('7')
  expect(screen.files['x']?.hunks[0]?.lines[0]?.text).toMatch(/^a{4000} … \(line cut, 1500000 bytes\)$/)
  expect(screen.files['n1']?.hunks[0]?.lines).toHaveLength(5000)
  expect(screen.files['n1']).toMatchObject({ added: 1_600_000, leftOut: 1_600_000 - 5000 })
})

test('a diff with too many lines in all keeps the files and counts the lines', async () => {
  const { screen } = await watched()
  folder.sh('seq 1 6000 > f; for i in $(seq 10 35); do cp f f$i; done; rm f')
  await screen.until((s) => s.state.files.length === 26)
  const lines = Object.values(screen.files).map((file) => file.hunks[0]?.lines.length ?? 0)
  expect(new Set(lines)).toEqual(new Set([5000, 0]))
  expect(Object.values(screen.files).map((file, at) => file.leftOut + (lines[at] ?? 0))).toEqual(
    Array.from({ length: 26 }, () => 6000),
  )
})

test('large files are known by size and time', async () => {
  folder.sh(`head -c ${largeFileBytes + 1} /dev/zero > large`)
  const { screen, workspace } = await watched()
  folder.sh('printf x >> large')
  await screen.until(({ files }) => 'large' in files)
  expect(screen.files['large']).toMatchObject({ change: 'update', binary: true, hunks: [] })
  expect(await workspace.review('turn', 'large', null, 'revert')).toMatchObject({
    status: 'refused',
    why: 'The file was too large, or not readable, to be kept, so there is nothing to put back.',
  })
  expect(statSync(join(folder.path, 'large')).size).toBe(largeFileBytes + 2)
})

test('beyond 500 files the rest is counted', async () => {
  const { screen } = await watched()
  folder.sh('i=0; while [ $i -lt 503 ]; do echo $i > f$i; i=$((i+1)); done')
  await screen.until((s) => s.state.filesLeftOut === 3)
  expect(screen.state.files).toHaveLength(500)
  folder.sh('rm f1 f2 f3 f4')
  await screen.until((s) => s.state.filesLeftOut === 0 && s.state.files.length === 499)
})

test('in a long list every file has its lines, whatever its name', async () => {
  folder.write('moved', 'a\nb\nc\nd\ne\nf\n')
  const { screen } = await watched()
  folder.sh(`i=0; while [ $i -lt 70 ]; do echo $i > f$i; i=$((i+1)); done
    echo x > "$(printf 'x\\377')"; mv moved there; echo g >> there`)
  await screen.until((s) => s.state.files.length === 72 && s.files['there']?.added === 1)
  expect(Object.values(screen.files).filter((file) => file.hunks.length !== 1)).toEqual([])
})

test('pipes and unreadable folders are passed over', async () => {
  mkdirSync(join(folder.path, 'closed'))
  chmodSync(join(folder.path, 'closed'), 0o000)
  folder.sh('mkfifo pipe')
  const { screen } = await watched()
  folder.sh('mkfifo pipe2; echo a > seen')
  await screen.until(({ files }) => 'seen' in files)
  expect(names(screen)).toEqual(['seen'])
})

test('each scope has its own base, and says which', async () => {
  folder.sh('git init -q -b main .')
  folder.write('a', '1\n')
  folder.sh('git add a; git commit -qm one')
  folder.write('a', '2\n')
  const opened = await begin()
  folder.write('a', '3\n')
  const checkpoint = await opened.workspace.checkpoint('turn 2')
  opened.workspace.setBase('turn', { checkpoint, words: 'turn 2 start, 10:41' })
  folder.write('a', '4\n')
  const screens = (['turn', 'session', 'uncommitted'] as const).map((scope) => opened.watch(scope))
  for (const screen of screens) await screen.until(({ files }) => 'a' in files)
  const head = folder.sh('git rev-parse --short=7 HEAD').trim()
  expect(screens.map((screen) => [screen.state.base, lines(screen, 'a')?.[0]])).toEqual([
    ['turn 2 start, 10:41', 'del 3'],
    ['session start', 'del 2'],
    [`last commit ${head}`, 'del 1'],
  ])
})

test('a new base while somebody watches gives a new snapshot', async () => {
  folder.write('a', '1\n')
  const { screen, workspace } = await watched()
  folder.write('a', '2\n')
  await screen.until(({ files }) => 'a' in files)
  const checkpoint = await workspace.checkpoint('turn 2')
  workspace.setBase('turn', { checkpoint, words: 'turn 2 start' })
  await screen.until((s) => s.state.base === 'turn 2 start')
  expect(screen.state.files).toEqual([])
})

test('without git there is no last commit, and the diff says so', async () => {
  const { screen } = await watched('uncommitted')
  expect(screen.state).toMatchObject({
    base: null,
    files: [],
    problem: 'This folder is not under git, so there is no last commit to compare with.',
  })
})

test('before the first commit everything is uncommitted', async () => {
  folder.sh('git init -q .; echo a > a')
  const { screen } = await watched('uncommitted')
  await screen.until(({ files }) => 'a' in files)
  expect(screen.state.base).toBe('before the first commit')
})

test('a commit moves the base of the uncommitted scope and is told as a touched protected path', async () => {
  folder.sh('git init -q -b main .; echo a > a; git add a; git commit -qm one; echo b > a')
  const { screen } = await watched('uncommitted')
  await screen.until(({ files }) => 'a' in files)
  expect(screen.state.protectedTouched).toEqual([])
  folder.sh('git commit -qam two')
  const head = folder.sh('git rev-parse --short=7 HEAD').trim()
  await screen.until((s) => s.state.base === `last commit ${head}` && s.state.files.length === 0)
  expect(screen.state.protectedTouched).toEqual(['.git/index', '.git/refs'])
})

test('a folder inside a repository is compared with its part of the commit', async () => {
  folder.sh(
    'git init -q .; mkdir pkg; echo a > pkg/a; echo r > root; git add .; git commit -qm one; echo b > pkg/a',
  )
  const opened = await openTestWorkspace({ ...folder, path: join(folder.path, 'pkg') }, state)
  open.push(opened)
  await opened.start()
  const screen = opened.watch('uncommitted')
  await screen.until(({ files }) => 'a' in files)
  expect(names(screen)).toEqual(['a'])
})

test('files that git follows although they are ignored count in every scope', async () => {
  folder.sh(`git init -q .; echo dist > .gitignore; mkdir dist; echo a > dist/kept; echo b > dist/other
    git add .gitignore; git add -f dist/kept; git commit -qm one`)
  const opened = await begin()
  const screens = [opened.watch('turn'), opened.watch('uncommitted')]
  for (const screen of screens) await screen.until(() => true)
  folder.sh('echo A > dist/kept; echo B > dist/other; echo c > c')
  for (const screen of screens) {
    await screen.until((s) => names(s).length === 2)
    expect(names(screen)).toEqual(['c', 'dist/kept'])
  }
})

test('submodules are not told as removed', async () => {
  folder.sh(`git init -q inner; (cd inner; echo a > a; git add a; git commit -qm one)
    git init -q .; git -c protocol.file.allow=always submodule add -q ./inner sub 2>/dev/null || git submodule add -q ./inner
    git add -A; git commit -qm one`)
  const { screen } = await watched('uncommitted')
  folder.sh('echo x > x')
  await screen.until(({ files }) => 'x' in files)
  expect(names(screen).filter((name) => name !== 'x')).toEqual([])
})

test('outside paths are told with whether they exist', async () => {
  const { screen, workspace } = await watched()
  workspace.noteOutside(join(state.path, 'there'), 7)
  await screen.until((s) => s.state.outside.length === 1)
  expect(screen.state.outside).toEqual([{ path: join(state.path, 'there'), exists: false, atMs: 7 }])
  state.write('there', 'x')
  await screen.until((s) => s.state.outside[0]?.exists === true)
})

test('the next session starts from what the last one knew', async () => {
  folder.write('a', 'one\n')
  folder.sh(`git init -q .; echo late > .gitignore; echo x > late`)
  const first = await begin('session-1')
  const id = await first.workspace.checkpoint('one')
  await first.workspace.dispose()
  folder.sh('echo two > a; echo other > .gitignore')
  const second = await openTestWorkspace(folder, state, 'session-2')
  open.push(second)
  await second.workspace.checkpoint('start')
  second.workspace.setBase('session', { checkpoint: id, words: 'yesterday' })
  const screen = second.watch('session')
  await screen.until(({ files }) => 'a' in files)
  expect(names(screen)).toEqual(['.gitignore', 'a', 'late'])
  expect(readdirSync(join(state.path, 'shadow'))).toHaveLength(1)
})

test('a damaged index of an earlier session is passed over', async () => {
  folder.write('a', 'one\n')
  await (await begin('session-1')).workspace.dispose()
  state.sh('for f in shadow/*.git/last.index; do echo nonsense > $f; done')
  const second = await begin('session-2')
  const screen = second.watch('turn')
  await screen.until(() => true)
  expect(screen.state).toMatchObject({ files: [], problem: null })
})

test('two sessions watch one folder, each with its own base', async () => {
  folder.write('a', 'one\n')
  const first = await begin('session-1')
  folder.write('a', 'two\n')
  const second = await begin('session-2')
  const screens = [first.watch('session'), second.watch('session')]
  for (const screen of screens) await screen.until(() => true)
  folder.write('a', 'three\n')
  for (const screen of screens) await screen.until((s) => lines(s, 'a')?.at(-1) === 'add three')
  expect(screens.map((screen) => lines(screen, 'a')?.[0])).toEqual(['del one', 'del two'])
})

test('an unknown checkpoint is a problem on screen, not a crash', async () => {
  const { screen, workspace } = await watched()
  workspace.setBase('turn', { checkpoint: 'f'.repeat(40), words: 'nowhere' })
  await screen.until((s) => s.state.problem !== null)
  workspace.setBase('turn', { checkpoint: '--all', words: 'nowhere' })
  await screen.until((s) => s.state.problem?.includes('no checkpoint') ?? false)
})

test('after the session ended nothing is answered', async () => {
  const opened = await begin()
  await opened.workspace.dispose()
  await opened.workspace.dispose()
  await expect(opened.workspace.checkpoint('late')).rejects.toThrow('The session has ended.')
})

test('a link to the folder is resolved once', async () => {
  folder.write('real/a', 'one\n')
  symlinkSync(join(folder.path, 'real'), join(folder.path, 'link'))
  const opened = await openTestWorkspace({ ...folder, path: join(folder.path, 'link') }, state)
  open.push(opened)
  await opened.start()
  const screen = opened.watch('turn')
  await screen.until(() => true)
  folder.write('real/a', 'two\n')
  await screen.until(({ files }) => 'a' in files)
  expect(readlinkSync(join(folder.path, 'link'))).toBe(join(folder.path, 'real'))
})
