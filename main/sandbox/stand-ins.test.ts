import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { planStandIns } from './stand-ins.ts'

let base = ''
let spec: SandboxSpec
beforeEach(() => {
  base = mkdtempSync(`${tmpdir()}/gatehouse-stand-ins-`)
  spec = {
    boundary: 'bounded',
    writableRoots: [base],
    pinnedFolders: [],
    protectedPaths: [{ path: `${base}/.codex`, exists: false }],
    grantedPaths: [],
    closedInGrants: [{ path: `${base}/config`, exists: false }],
    deniedReads: [],
    network: 'none',
    tmp: 'private',
  }
})
afterEach(() => rmSync(base, { recursive: true }))

test('absent paths are told apart by their kind', () => {
  expect(planStandIns(spec)).toEqual({ spec, folders: [`${base}/.codex`], files: [`${base}/config`] })
})

test('what is there stays out of it, unless it is empty as the stand-in of another run', () => {
  mkdirSync(`${base}/.codex`)
  writeFileSync(`${base}/config`, '')
  expect(planStandIns(spec)).toMatchObject({ folders: [`${base}/.codex`], files: [`${base}/config`] })
  writeFileSync(`${base}/.codex/x`, '')
  writeFileSync(`${base}/config`, 'text')
  expect(planStandIns(spec)).toEqual({ spec, folders: [], files: [] })
})

test('a path that became a symlink is refused', () => {
  symlinkSync('nowhere', `${base}/config`)
  expect(() => planStandIns(spec)).toThrow('is a symlink')
})

test('what neither we nor the command could make is left out, since nothing can be mounted there', () => {
  const deep = [{ path: `${base}/gone/.codex`, exists: false }]
  expect(planStandIns({ ...spec, protectedPaths: deep }).spec.protectedPaths).toEqual([])
})

test('nothing is held in a stand-in of another run, which is closed as a whole', () => {
  mkdirSync(`${base}/.vscode`)
  utimesSync(`${base}/.vscode`, 999_999_990.7, 999_999_990.7)
  const inside = [{ path: `${base}/.vscode/tasks.json`, exists: false }]
  expect(planStandIns({ ...spec, protectedPaths: inside }).spec.protectedPaths).toEqual([])
})

test.runIf(process.getuid?.() === 0)("another user's folder counts as what can be done in it", () => {
  const nobody = 65534
  const asNobody = (mode: number) => {
    chmodSync(`${base}/theirs`, mode)
    const asked = {
      ...spec,
      protectedPaths: [{ path: `${base}/theirs/.git`, exists: false }],
      closedInGrants: [],
    }
    const script = `import { planStandIns } from ${JSON.stringify(new URL('stand-ins.ts', import.meta.url))}
      console.log(JSON.stringify(planStandIns(${JSON.stringify(asked)}).folders))`
    const argv = ['--input-type=module', '-e', script]
    return JSON.parse(String(execFileSync(process.execPath, argv, { uid: nobody, gid: nobody, cwd: '/' })))
  }
  chmodSync(base, 0o755)
  mkdirSync(`${base}/theirs`)
  expect(asNobody(0o755)).toEqual([])
  expect(asNobody(0o777)).toEqual([`${base}/theirs/.git`])
  chownSync(`${base}/theirs`, nobody, nobody)
  // It could make the folder writable itself.
  expect(asNobody(0o555)).toEqual([`${base}/theirs/.git`])
})

test.runIf(process.getuid?.() === 0)('root can make it in a folder of another user, too', () => {
  mkdirSync(`${base}/theirs`)
  chownSync(`${base}/theirs`, 65534, 65534)
  const theirs = [{ path: `${base}/theirs/.codex`, exists: false }]
  expect(planStandIns({ ...spec, protectedPaths: theirs }).folders).toEqual([`${base}/theirs/.codex`])
})

test('without a boundary nothing is held', () => {
  expect(planStandIns({ ...spec, boundary: 'none' })).toMatchObject({ folders: [], files: [] })
})
