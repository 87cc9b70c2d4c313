import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noGrant } from '../../protocol/action.ts'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import type { Sandbox } from './backend.ts'
import { createSandbox } from './create-sandbox.ts'
import { isRunning } from './process-tree.ts'

/** A launcher that behaves as its variable MODE says, and starts nothing. */
const source = `
const net = require('node:net')
const fs = require('node:fs')
const [, , , control] = process.argv
// The trial of a boundary: a use that a launcher does not know.
if (!control) process.exit(125)
const mode = process.env.GHENV_MODE
fs.writeFileSync(process.env.GHENV_PID_FILE, String(process.pid))
setInterval(() => {}, 1000)
const socket = control.startsWith('unix:')
  ? net.connect(control.slice('unix:'.length))
  : new net.Socket({ fd: 3, readable: true, writable: true })
socket.on('error', () => {})
const say = (message) => socket.write(JSON.stringify(message) + '\\n')
const token = process.env.GHCTL_TOKEN ?? ''
const hello = { type: 'hello', protocol: 1, pid: process.pid, token }
const up = { type: 'up', inner: process.pid, holds: true, grows: true, why: '', limits: '', httpPort: 0, socksPort: 0 }
const held = { type: 'held', id: 1, kind: 'write', call: 'openat', path: '/o/f', requested: '/o/f', directory: '/o',
  path2: '', exists: false, isDirectory: false, flags: [], pid: 9, exe: '', cwd: '', argv: [], chain: [] }
const started = (then) => { say(hello); socket.once('data', then) }
const modes = {
  mute() {},
  leaves: () => process.exit(7),
  'garbage first': () => socket.write('no message\\n'),
  'another token': () => say({ ...hello, token: 'x' }),
  'another process': () => say({ ...hello, pid: 1 }),
  'closes after hello': () => started(() => socket.destroy()),
  'closes after up': () => started(() => { say(up); say(held); setTimeout(() => socket.destroy(), 50) }),
  'garbage after up': () => started(() => { say(up); say(held); setTimeout(() => socket.write('{}\\n'), 50) }),
  'dies after up': () => started(() => { say(up); say(held); setTimeout(() => process.kill(process.pid, 9), 50) }),
}
modes[mode]()
`

/** How much faster than time: nobody waits ten seconds for a launcher that says nothing. */
let speed = 1
const clock: Clock = { ...systemClock, after: (ms, callback) => systemClock.after(ms / speed, callback) }

const early = ['mute', 'leaves', 'garbage first', 'another token', 'another process', 'closes after hello']
const late = ['closes after up', 'garbage after up', 'dies after up']

describe.runIf(process.platform === 'linux')('a launcher that fails', () => {
  let base = ''
  let sandbox: Sandbox
  let spec: SandboxSpec
  beforeAll(async () => {
    base = realpathSync(mkdtempSync(`${tmpdir()}/gatehouse-lost-`))
    for (const name of ['ws', 'home']) mkdirSync(`${base}/${name}`)
    writeFileSync(`${base}/launcher`, `#!${process.execPath}\n${source}`, { mode: 0o755 })
    sandbox = createSandbox({ launcher: `${base}/launcher`, stateDir: `${base}/home/s`, clock })
    const request = { folder: `${base}/ws`, extraWritableRoots: [], deniedReads: [], grant: noGrant }
    spec = {
      ...(await sandbox.buildSpec({ ...request, mode: 'workspace-write', gatehouseHome: `${base}/home` })),
      hold: 'writes',
    }
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  async function run(how: 'pty' | 'pipe', mode: string) {
    writeFileSync(`${base}/pid`, 'none yet')
    // On a socket, what is no greeting is a stranger's, and the launcher is still waited for.
    speed = ['mute', 'garbage first', 'another token'].includes(mode) ? 20 : 1
    const settled: string[] = []
    const answers: (() => void)[] = []
    const request = {
      spec,
      argv: ['true'],
      cwd: '/',
      env: { MODE: mode, PID_FILE: `${base}/pid` },
      onHeld: (_: unknown, answer: (answer: { verdict: 'once' }) => void) =>
        void answers.push(() => answer({ verdict: 'once' })),
      onSettled: (id: number, by: string) => void settled.push(`${id} ${by}`),
    }
    if (how === 'pipe') {
      const rest = { stdin: null, maxBytes: 1000, timeoutMs: 6_000_000, signal: null }
      return { settled, answers, exit: await sandbox.pipe({ ...request, ...rest }), up: null }
    }
    const started = await sandbox.start({ ...request, cols: 80, rows: 24, onData() {} })
    const [exit, up] = await Promise.all([started.exited, started.up])
    expect(await started.grant('/o')).toBe('The run is over.')
    await started.stop()
    return { settled, answers, exit, up }
  }

  const stillThere = () => isRunning(Number(readFileSync(`${base}/pid`, 'utf8')))

  describe.each(['pty', 'pipe'] as const)('%s', (how) => {
    test.each(early)('before its run: %s', async (mode) => {
      const { exit, up, settled } = await run(how, mode)
      expect(exit).toMatchObject({ exitCode: null, startProblem: expect.stringContaining('launcher failed') })
      expect(exit.lost).toBeUndefined()
      if (up) expect(up).toMatchObject({ holds: false, why: expect.any(String) })
      expect(settled).toEqual([])
      expect(stillThere()).toBe(false)
    })

    test.each(late)('while its run goes on: %s', async (mode) => {
      const { exit, settled, answers } = await run(how, mode)
      expect(exit).toMatchObject({ exitCode: null, startProblem: null })
      expect(exit.lost).toContain('the supervisor of its boundary failed')
      expect(settled).toEqual(['1 gone'])
      for (const answer of answers) answer()
      expect(stillThere()).toBe(false)
    })
  })
})
