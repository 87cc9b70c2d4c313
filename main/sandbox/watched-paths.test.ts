import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changedSince, lookAtWatched } from './watched-paths.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'watched-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const look = (home = '/nobody') => lookAtWatched({ boundary: 'bounded', writableRoots: [root] }, home)
const write = (name: string, text = 'x'): void => {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
  writeFileSync(path.join(root, name), text)
}

// prettier-ignore
test.each([
  ['a file that direnv runs', '.envrc', 'automation'],
  ['a workflow below an absent folder', '.github/workflows/ci.yml', 'automation'],
  ['a folder of an editor', '.idea/workspace.xml', 'editors'],
  ['settings of a package manager', '.npmrc', 'packages'],
  ['tools of an agent', '.mcp.json', 'agents'],
])('what appears is told: %s', async (_title, name, group) => {
  const before = await look()
  write(name)
  write('src/ordinary.ts')
  const changes = changedSince(before, await look())
  expect(changes).toHaveLength(1)
  expect(changes[0]).toMatchObject({ group, change: 'appeared' })
  expect(path.join(root, name).startsWith(changes[0]?.path ?? 'none')).toBe(true)
})

test('what was changed or removed is told; what stayed is not', async () => {
  write('.npmrc')
  write('.envrc')
  write('.yarnrc')
  const before = await look()
  write('.npmrc', 'longer than before')
  rmSync(path.join(root, '.envrc'))
  expect(changedSince(before, await look()).map((c) => [path.basename(c.path), c.change])).toEqual([
    ['.envrc', 'gone'],
    ['.npmrc', 'changed'],
  ])
})

test('a link in the place of a closed name counts, since it can be replaced', async () => {
  symlinkSync('/nowhere/a', path.join(root, '.vscode'))
  const before = await look()
  rmSync(path.join(root, '.vscode'))
  symlinkSync('/nowhere/b', path.join(root, '.vscode'))
  expect(changedSince(before, await look())).toMatchObject([{ change: 'changed', group: 'editors' }])
})

test('shell files are looked at where the root holds the home, and without a boundary nothing is', async () => {
  const before = await look(root)
  write('.bashrc')
  expect(changedSince(before, await look(root))).toMatchObject([{ group: 'shell' }])
  expect((await lookAtWatched({ boundary: 'none', writableRoots: [root] })).size).toBe(0)
})
