import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noGrant } from '../../protocol/action.ts'
import type { PathAccess } from '../../protocol/settings.ts'
import type { SpecRequest } from './backend.ts'
import { inspectPaths } from './inspect-paths.ts'

/** What no root may get while a command runs. */
const standIns = [
  '.agents',
  '.aws',
  '.claude',
  '.codex',
  '.cursor',
  '.gatehouse',
  '.gemini',
  '.git',
  '.opencode',
  '.qwen',
  '.vscode',
]

let base = ''
let request: SpecRequest

beforeEach(() => {
  base = realpathSync(mkdtempSync(`${tmpdir()}/gatehouse-inspect-`))
  for (const name of ['ws', 'out', 'home']) mkdirSync(`${base}/${name}`)
  request = {
    mode: 'workspace-write',
    folder: `${base}/ws`,
    extraWritableRoots: [],
    deniedReads: [],
    grant: noGrant,
    gatehouseHome: `${base}/home`,
  }
})
afterEach(() => rmSync(base, { recursive: true }))

const build = (changes: Partial<SpecRequest> = {}) => inspectPaths({ ...request, ...changes }, null)
const problem = (changes: Partial<SpecRequest>) =>
  build(changes).then(
    () => null,
    (cause: { problem?: { code: string } }) => cause.problem?.code,
  )
const paths = (list: readonly { path: string }[]) =>
  list.map(({ path }) => path.slice(base.length + 1)).toSorted()
const gitDir = (path: string) => {
  for (const name of ['objects/info', 'refs', 'hooks', 'info'])
    mkdirSync(`${base}/${path}/${name}`, { recursive: true })
  for (const name of ['HEAD', 'config']) writeFileSync(`${base}/${path}/${name}`, '')
}

test('every root protects its settings and repository, absent ones too', async () => {
  mkdirSync(`${base}/ws/.git`)
  const spec = await build({ extraWritableRoots: [`${base}/out`, `${base}/absent`] })

  expect(spec.writableRoots).toEqual([`${base}/out`, `${base}/ws`])
  expect(paths(spec.protectedPaths)).toEqual(
    ['out', 'ws'].flatMap((root) => standIns.map((name) => `${root}/${name}`)),
  )
  expect(spec.protectedPaths.filter(({ exists }) => exists)).toEqual([
    { path: `${base}/ws/.git`, exists: true },
  ])
  expect(spec.deniedReads).toEqual([`${base}/home`])
})

test('whoever may not write to /tmp has an empty one that stays empty', async () => {
  const read = { path: '/', access: 'read' as const }
  const write = { path: `${base}/ws`, access: 'write' as const }
  const closed = async (changes: Partial<SpecRequest>) => (await build(changes)).closedFolders ?? []
  const access = (...entries: PathAccess[]) => ({ access: { entries, lifted: [] } })

  expect(await closed({ mode: 'read-only' })).toEqual(['/tmp'])
  expect(await closed({ mode: 'read-only', ...access(read, write) })).toEqual(['/tmp'])
  expect(await closed(access(read, write))).toEqual(['/tmp'])
  expect(await closed({})).toEqual([])
  expect(await closed(access(read, write, { path: '/tmp', access: 'write' }))).toEqual([])
  // With the whole disk closed, it is what there is to write temporary files to.
  expect(await closed(access(write))).toEqual(['/'])
})

test('what is denied by its name and absent cannot be made in a root, and elsewhere is left alone', async () => {
  mkdirSync(`${base}/ws/sub`)
  const names = ['ws/later.txt', 'ws/sub/later.txt', 'ws/deep/er/later.txt', 'out/later.txt']
  const spec = await build({ deniedReads: names.map((name) => `${base}/${name}`) })
  const absent = paths(spec.protectedPaths.filter(({ exists }) => !exists))
  expect(absent).toEqual(expect.arrayContaining(['ws/deep', 'ws/later.txt', 'ws/sub/later.txt']))
  expect(absent.filter((name) => name.startsWith('out'))).toEqual([])
})

test('a protected name that a profile opens can be made where it is absent', async () => {
  const opened = `${base}/ws/.codex`
  const spec = await build({
    access: {
      entries: [
        { path: '/', access: 'read' },
        { path: `${base}/ws`, access: 'write' },
        { path: opened, access: 'write' },
      ],
      lifted: [opened],
    },
  })
  expect(paths(spec.protectedPaths)).toEqual(
    standIns.filter((name) => name !== '.codex').map((name) => `ws/${name}`),
  )
})

test('read-only has no roots, and shows a folder that a private /tmp would hide', async () => {
  const spec = await build({ mode: 'read-only', extraWritableRoots: [`${base}/out`] })

  expect(spec).toMatchObject({ writableRoots: [], pinnedFolders: [], network: 'none', tmp: 'private' })
  expect(paths(spec.protectedPaths)).toEqual(base.startsWith('/tmp/') ? ['ws'] : [])
})

test.each([{ mode: 'danger-full-access' as const }, { grant: { ...noGrant, unsandboxed: true } }])(
  'no boundary only when it was said: %j',
  async (changes) => {
    expect(await build(changes)).toMatchObject({ boundary: 'none', network: 'host', tmp: 'host' })
  },
)

test('a folder reached through a symlink is the real one', async () => {
  symlinkSync('ws', `${base}/link`)
  expect((await build({ folder: `${base}/link` })).writableRoots).toEqual([`${base}/ws`])
})

test.each(['.git', '.gatehouse', '.codex', '.agents', '.claude'])(
  'a symlink at %s is refused',
  async (name) => {
    symlinkSync('anywhere', `${base}/ws/${name}`)
    expect(await problem({})).toBe('protectedPathIsSymlink')
  },
)

test('the git directory behind a pointer is closed, with each folder above it pinned', async () => {
  gitDir('ws/a/b/repo')
  writeFileSync(`${base}/ws/.git`, 'gitdir: a/b/repo\n')
  const spec = await build()

  expect(paths(spec.protectedPaths)).toContain('ws/a/b/repo')
  expect(spec.pinnedFolders).toEqual([`${base}/ws/a`, `${base}/ws/a/b`])
})

test('a worktree in one root closes the common directory in another', async () => {
  gitDir('out/main')
  mkdirSync(`${base}/out/main/worktrees/x`, { recursive: true })
  writeFileSync(`${base}/out/main/worktrees/x/commondir`, '../..\n')
  writeFileSync(`${base}/ws/.git`, `gitdir: ${base}/out/main/worktrees/x\n`)
  const spec = await build({ extraWritableRoots: [`${base}/out`] })

  expect(paths(spec.protectedPaths)).toEqual(expect.arrayContaining(['out/main', 'out/main/worktrees/x']))
})

test.each([
  'gitdir: /',
  'gitdir: .',
  'gitdir: ..',
  'gitdir: \0',
  'gitdir: ',
  `gitdir: ${'x/'.repeat(9000)}`,
  '\xff',
])('a hostile pointer closes nothing it should not and opens nothing: %#', async (text) => {
  writeFileSync(`${base}/ws/.git`, text, 'latin1')
  const spec = await build()
  expect(spec.writableRoots).toEqual([`${base}/ws`])
  expect(spec.protectedPaths).toHaveLength(standIns.length)
})

test('a granted .git keeps closed what runs later, absent parts included', async () => {
  gitDir('ws/.git')
  const spec = await build({ grant: { ...noGrant, writePaths: [`${base}/ws/.git`] } })

  expect(spec.grantedPaths).toEqual([`${base}/ws/.git`])
  expect(paths(spec.closedInGrants)).toEqual(
    [
      'config',
      'config.worktree',
      'hooks',
      'info/attributes',
      'modules',
      'objects/info/alternates',
      'objects/info/http-alternates',
    ].map((name) => `ws/.git/${name}`),
  )
  expect(spec.pinnedFolders).toEqual(
    ['info', 'objects', 'objects/info'].map((name) => `${base}/ws/.git/${name}`),
  )
})

test('a granted worktree directory cannot be re-pointed', async () => {
  gitDir('ws/.git')
  mkdirSync(`${base}/ws/.git/worktrees/x`, { recursive: true })
  for (const name of ['commondir', 'gitdir']) writeFileSync(`${base}/ws/.git/worktrees/x/${name}`, '../..')
  const spec = await build({ grant: { ...noGrant, writePaths: [`${base}/ws/.git/worktrees/x`] } })

  expect(paths(spec.closedInGrants)).toEqual(
    ['commondir', 'config.worktree', 'gitdir'].map((name) => `ws/.git/worktrees/x/${name}`),
  )
})

test('a granted folder keeps protected paths inside it closed, unless one is granted by its name', async () => {
  mkdirSync(`${base}/ws/.codex`)
  const whole = await build({ mode: 'read-only', grant: { ...noGrant, writePaths: [`${base}/ws`] } })
  expect(paths(whole.closedInGrants)).toEqual(standIns.map((name) => `ws/${name}`))

  const named = await build({ grant: { ...noGrant, writePaths: [`${base}/ws`, `${base}/ws/.codex`] } })
  expect(paths(named.closedInGrants)).not.toContain('ws/.codex')
})

test('grants of nothing, of everything and of our own folder give nothing', async () => {
  const spec = await build({ grant: { ...noGrant, writePaths: ['/', `${base}/home`, `${base}/absent`] } })
  expect(spec.grantedPaths).toEqual([])
})

test('our own folder inside a root is hidden, and what is above it is pinned', async () => {
  mkdirSync(`${base}/ws/deep/home`, { recursive: true })
  const spec = await build({ gatehouseHome: `${base}/ws/deep/home` })
  expect(spec.deniedReads).toEqual([`${base}/ws/deep/home`])
  expect(spec.pinnedFolders).toEqual([`${base}/ws/deep`])
})

test('what a grant names for reading is told beside the patterns, and never our own folder', async () => {
  writeFileSync(`${base}/ws/a.env`, '')
  const deniedGlobs = [{ folder: `${base}/ws`, pattern: '*.env' }]
  const readPaths = [`${base}/ws/a.env`, `${base}/ws/absent.env`, request.gatehouseHome]
  const spec = await build({ deniedGlobs, grant: { ...noGrant, readPaths } })
  expect(spec.grantedReads?.map((path) => path.slice(base.length))).toEqual(['/ws/a.env'])
  expect((await build({ grant: { ...noGrant, readPaths } })).grantedReads).toBeUndefined()
})

test('the launcher inside a workspace cannot be replaced', async () => {
  mkdirSync(`${base}/ws/out`)
  writeFileSync(`${base}/ws/out/launcher`, '')
  const spec = await inspectPaths(request, `${base}/ws/out/launcher`)
  expect(paths(spec.protectedPaths)).toContain('ws/out/launcher')
})

test('folders that cannot be contained are refused', async () => {
  mkdirSync(`${base}/home/ws`)
  writeFileSync(`${base}/file`, '')
  expect(await problem({ folder: `${base}/home/ws` })).toBe('pathUnusable')
  expect(await problem({ folder: `${base}/home` })).toBe('pathUnusable')
  expect(await problem({ folder: `${base}/absent` })).toBe('pathUnusable')
  expect(await problem({ folder: `${base}/file` })).toBe('pathUnusable')
  expect(await problem({ folder: '/' })).toBe('pathUnusable')
  expect(await problem({ extraWritableRoots: [`${base}/home`] })).toBe('pathUnusable')
  expect(await problem({ extraWritableRoots: [`${base}/file`] })).toBe('pathUnusable')
  expect(await problem({ deniedReads: [base] })).toBe('pathUnusable')
})
