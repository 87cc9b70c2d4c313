import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { buildSanitized } from '../build.mjs'

/** A line of the launcher, as it came. */
export type Said = { readonly type: string; readonly [field: string]: unknown }

export type Ended = {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  readonly said: readonly Said[]
}

export type Run = {
  readonly child: ChildProcess
  readonly control: Duplex
  readonly said: readonly Said[]
  send(message: object | string): void
  /** Settles with the first line of this type, now or later; rejects when the channel closes without one. */
  heard(type: string): Promise<Said>
  readonly ended: Promise<Ended>
}

export type Options = {
  /** Fields of `start`, or a raw line in its place; null: nothing is answered to `hello`. */
  readonly start?: object | string | null
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
  readonly extra?: readonly number[]
}

const startMessage = {
  type: 'start',
  protocol: 1,
  seccomp: 'closed',
  nesting: false,
  hold: 'none',
  roots: [],
  closed: [],
  masks: [],
  deniedGlobs: [],
  standInFolders: [],
  standInFiles: [],
  memoryBytes: 0,
  pids: 0,
  cpuPercent: 0,
  openFiles: 0,
  fileBytes: 0,
  cgroup: '',
  grows: false,
}

/** A folder outside /tmp, as a run has a private one, with the launcher in it for every user to start. */
export function lab(): { base: string; launcher: string; remove(): void } {
  const built = buildSanitized()
  if (!built.ok) throw new Error(built.line)
  const base = mkdtempSync('/var/tmp/gatehouse-launcher-')
  const launcher = `${base}/launcher`
  copyFileSync(built.path, launcher)
  return { base, launcher, remove: () => rmSync(base, { recursive: true, force: true }) }
}

/** bubblewrap's arguments for a view of the whole disk, read-only but for `writable`. */
export const bwrap = (launcher: string, command: readonly string[], writable: readonly string[] = []) => [
  '/usr/bin/bwrap',
  '--new-session',
  '--die-with-parent',
  '--cap-drop',
  'ALL',
  '--unshare-user',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-net',
  '--ro-bind',
  '/',
  '/',
  '--dev',
  '/dev',
  '--proc',
  '/proc',
  '--perms',
  '1777',
  '--tmpfs',
  '/tmp',
  ...writable.flatMap((path) => ['--bind', path, path]),
  '--',
  launcher,
  '--inside',
  '/',
  '--',
  ...command,
]

/** Starts the launcher with a control channel at descriptor 3, and answers its `hello`. */
export function start(launcher: string, argv: readonly string[], options: Options = {}): Run {
  const child = spawn(launcher, argv, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...(options.extra ?? [])],
    env: options.env ?? { GHENV_PATH: '/usr/bin:/bin' },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  const control = child.stdio[3] as Duplex
  const said: Said[] = []
  const waiting = new Set<() => void>()
  const texts = { stdout: '', stderr: '' }
  let open = true
  let rest = ''
  const send = (message: object | string) =>
    control.write(typeof message === 'string' ? message : `${JSON.stringify(message)}\n`)

  child.stdout?.on('data', (chunk: Buffer) => {
    texts.stdout += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    texts.stderr += chunk.toString()
  })
  control.on('error', () => {})
  control.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const message = JSON.parse(line) as Said
      said.push(message)
      if (message.type !== 'hello' || options.start === null) continue
      send(typeof options.start === 'string' ? options.start : { ...startMessage, ...options.start })
    }
    for (const look of waiting) look()
  })
  control.on('close', () => {
    open = false
    for (const look of waiting) look()
  })

  return {
    child,
    control,
    said,
    send,
    heard: (type) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = said.find((message) => message.type === type)
          if (!found && open) return
          waiting.delete(look)
          if (found) resolve(found)
          else reject(new Error(`the channel closed without ${type}`))
        }
        waiting.add(look)
        look()
      }),
    ended: new Promise((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal, ...texts, said }))
    }),
  }
}

/** One whole run inside a boundary. */
export const runInside = (
  launcher: string,
  command: readonly string[],
  options: Options & { readonly writable?: readonly string[] } = {},
) =>
  start(launcher, ['--outside', 'fd:3', '--', ...bwrap(launcher, command, options.writable)], options).ended
