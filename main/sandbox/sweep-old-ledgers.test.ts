import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startOf } from './process-tree.ts'
import { sweepOldLedgers } from './sweep-old-ledgers.ts'

let base = ''
beforeEach(() => {
  base = mkdtempSync(`${tmpdir()}/gatehouse-ledgers-`)
  for (const path of ['state/placeholders', 'state/runs', 'ws/.codex'])
    mkdirSync(`${base}/${path}`, { recursive: true })
  writeFileSync(`${base}/ws/config`, '')
})
afterEach(() => rmSync(base, { recursive: true }))

const left = () => readdirSync(`${base}/ws`).toSorted()
/** A pid that is none: above the largest there can be. */
const dead = 4194305

function entryOf(name: string): { path: string; dev: number; ino: number } {
  // What lies below a file is none: its numbers do not matter.
  const { dev, ino } = lstatSync(`${base}/ws/${name.replace('/inside', '')}`)
  return { path: `${base}/ws/${name}`, dev, ino }
}

function ledger(pid: number, startedAt: string, paths: readonly string[] = ['.codex', 'config']): void {
  const entries = paths.map(entryOf)
  writeFileSync(`${base}/state/placeholders/${pid}.json`, JSON.stringify({ startedAt, entries }))
}

test('what a dead host left behind goes, and the ledgers with it', () => {
  ledger(dead, '1')
  writeFileSync(`${base}/state/placeholders/lock`, '')
  writeFileSync(`${base}/state/runs/${dead}-1`, 'up\n')
  sweepOldLedgers(`${base}/state`)
  expect(left()).toEqual([])
  expect(readdirSync(`${base}/state`)).toEqual([])
  sweepOldLedgers(`${base}/state`)
})

test('what somebody filled or replaced meanwhile is theirs', () => {
  ledger(dead, '1')
  writeFileSync(`${base}/ws/.codex/config.toml`, '')
  rmSync(`${base}/ws/config`)
  symlinkSync('elsewhere', `${base}/ws/config`)
  sweepOldLedgers(`${base}/state`)
  expect(left()).toEqual(['.codex', 'config'])
})

test('a host of an earlier version that still runs keeps its own', () => {
  ledger(process.pid, startOf(process.pid))
  writeFileSync(`${base}/state/placeholders/lock`, '')
  writeFileSync(`${base}/state/runs/${process.pid}-1`, '')
  sweepOldLedgers(`${base}/state`)
  expect(left()).toEqual(['.codex', 'config'])
  expect(readdirSync(`${base}/state/placeholders`)).toEqual([`${process.pid}.json`, 'lock'])
  expect(existsSync(`${base}/state/runs/${process.pid}-1`)).toBe(true)
})

test.each(['', '{', '[]', '{"startedAt":1}', '{"startedAt":"1","entries":[{"path":7}]}'])(
  'a broken ledger removes nothing: %s',
  (text) => {
    writeFileSync(`${base}/state/placeholders/${dead}.json`, text)
    sweepOldLedgers(`${base}/state`)
    expect(left()).toEqual(['.codex', 'config'])
  },
)

test('what cannot be looked at or removed stays, and stops nobody', () => {
  writeFileSync(
    `${base}/state/placeholders/${dead}.json`,
    JSON.stringify({ startedAt: '1', entries: ['config/inside', 'config'].map(entryOf) }),
  )
  mkdirSync(`${base}/state/placeholders/lock`)
  mkdirSync(`${base}/state/runs/${dead}-1`)
  sweepOldLedgers(`${base}/state`)
  expect(readdirSync(`${base}/state/runs`)).toEqual([`${dead}-1`])
  expect(left()).toEqual(['.codex'])
})

test('where there never were any, nothing happens', () => {
  sweepOldLedgers(`${base}/nowhere`)
  expect(existsSync(`${base}/nowhere`)).toBe(false)
})
