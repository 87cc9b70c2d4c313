import { spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { Placeholders } from './placeholders.ts'

let base = ''
let spec: SandboxSpec
let placeholders: Placeholders

beforeEach(() => {
  base = mkdtempSync(`${tmpdir()}/gatehouse-placeholders-`)
  mkdirSync(`${base}/ws`)
  placeholders = new Placeholders(`${base}/state`)
  spec = {
    boundary: 'bounded',
    writableRoots: [`${base}/ws`],
    pinnedFolders: [],
    protectedPaths: [{ path: `${base}/ws/.codex`, exists: false }],
    grantedPaths: [],
    closedInGrants: [{ path: `${base}/ws/config`, exists: false }],
    deniedReads: [],
    network: 'none',
    tmp: 'private',
  }
})
afterEach(() => rmSync(base, { recursive: true }))

const inWorkspace = () => readdirSync(`${base}/ws`).toSorted()
const inState = () => readdirSync(`${base}/state`)

test('absent paths get empty stand-ins, which go with the run', () => {
  const held = placeholders.hold(spec)
  expect(inWorkspace()).toEqual(['.codex', 'config'])
  expect(statSync(`${base}/ws/config`).isFile()).toBe(true)
  held.release()
  expect(inWorkspace()).toEqual([])
  expect(inState()).toEqual([])
})

test('of two runs at once, the last one removes', () => {
  const first = placeholders.hold(spec)
  const second = placeholders.hold(spec)
  first.release()
  first.release()
  expect(inWorkspace()).toEqual(['.codex', 'config'])
  second.release()
  expect(inWorkspace()).toEqual([])
})

test('what somebody filled or replaced meanwhile is theirs', () => {
  const held = placeholders.hold(spec)
  writeFileSync(`${base}/ws/.codex/config.toml`, '')
  rmSync(`${base}/ws/config`)
  writeFileSync(`${base}/ws/other`, '')
  writeFileSync(`${base}/ws/config`, '')
  held.release()
  expect(inWorkspace()).toEqual(['.codex', 'config', 'other'])
})

test('what was there before stays', () => {
  mkdirSync(`${base}/ws/.codex`)
  placeholders.hold(spec).release()
  expect(inWorkspace()).toEqual(['.codex'])
})

test('a path that became a symlink is refused, and nothing made on the way stays', () => {
  symlinkSync('nowhere', `${base}/ws/config`)
  expect(() => placeholders.hold(spec)).toThrow('is a symlink')
  expect(inWorkspace()).toEqual(['config'])
  expect(inState()).toEqual([])
})

test('what a host left behind that died is removed by the next one, but nothing else', () => {
  placeholders.hold(spec)
  writeFileSync(`${base}/ws/config`, 'mine now')
  const ledger = readFileSync(`${base}/state/${process.pid}.json`, 'utf8')
  writeFileSync(`${base}/state/${process.pid}.json`, ledger.replace(/"startedAt":"\d+"/, '"startedAt":"1"'))

  new Placeholders(`${base}/state`).sweep()
  expect(inWorkspace()).toEqual(['config'])
  expect(inState()).toEqual([])
})

test('while another host holds a stand-in, ours is not the last run', () => {
  const other = spawn('sleep', ['60'], { stdio: 'ignore' })
  const held = placeholders.hold(spec)
  const stat = readFileSync(`/proc/${other.pid}/stat`, 'utf8')
  const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  const ledger = JSON.parse(readFileSync(`${base}/state/${process.pid}.json`, 'utf8')) as object
  writeFileSync(`${base}/state/${other.pid}.json`, JSON.stringify({ ...ledger, startedAt }))

  held.release()
  expect(inWorkspace()).toEqual(['.codex', 'config'])
  other.kill('SIGKILL')
})

test.each(['', '{', '[]', '{"startedAt":1}', '{"startedAt":"1","entries":[{"path":7}]}'])(
  'a broken ledger removes nothing: %s',
  (text) => {
    mkdirSync(`${base}/state`)
    mkdirSync(`${base}/ws/.codex`)
    writeFileSync(`${base}/state/1.json`, text)
    placeholders.sweep()
    expect(inWorkspace()).toEqual(['.codex'])
  },
)
