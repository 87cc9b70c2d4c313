import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { testBuilds } from './test-builds.ts'

/** A line of the control protocol. */
export type Line = { readonly type: string; readonly [field: string]: unknown }

/** What a test says to a question; null: nothing yet. */
export type Answer =
  | { readonly verdict: 'once' | 'path' }
  | { readonly verdict: 'directory'; readonly path: string }
  | { readonly verdict: 'deny'; readonly remember?: boolean }
  | null

export type Held = Line & {
  readonly id: number
  readonly kind: string
  readonly call: string
  readonly path: string
  readonly path2: string
  readonly pid: number
}

/** One run under way. */
export type Control = {
  readonly child: ChildProcess
  readonly lines: readonly Line[]
  send(line: Record<string, unknown>): void
  /** Resolves with the first line of this type, also one that came before. */
  line(type: string): Promise<Line>
}

export type RunOptions = {
  readonly answer?: (held: Held, control: Control) => Answer | Promise<Answer>
  readonly started?: (control: Control) => void
  readonly start?: Record<string, unknown>
  readonly uid?: number
  readonly roots?: readonly string[]
  readonly closed?: readonly string[]
  readonly masks?: readonly string[]
  readonly cwd?: string
  readonly plain?: boolean
  readonly env?: Record<string, string>
}

export type Ran = {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
  readonly lines: readonly Line[]
  readonly held: readonly Held[]
}

/** A folder for one file of tests, with the launcher (address and undefined behaviour checked) and the probe. */
export function openLab() {
  const base = mkdtempSync('/var/tmp/gatehouse-held-')
  chmodSync(base, 0o755)
  const bin = join(base, 'bin')
  cpSync(testBuilds(), bin, { recursive: true })
  return {
    base,
    probe: join(bin, 'probe'),
    staticProbe: join(bin, 'probe-static'),
    bin,
    close: () => rmSync(base, { recursive: true, force: true }),
  }
}

export type Lab = ReturnType<typeof openLab>

/** Makes an empty folder with these files and folders (a name that ends with `/`), owned by `uid`. */
export function fill(folder: string, files: Readonly<Record<string, string>>, uid = 0): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true })
    if (!name.endsWith('/')) writeFileSync(path, text)
  }
  const own = (path: string): void => {
    lchownSync(path, uid, uid)
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) own(join(path, entry.name))
      else lchownSync(join(path, entry.name), uid, uid)
    }
  }
  own(folder)
}

/** Runs a command as the host does: bwrap, the launcher on both sides, the protocol on descriptor 3. */
export async function runHeld(lab: Lab, command: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const roots = options.roots ?? [join(lab.base, 'lab/ws')]
  const cwd = options.cwd ?? roots[0] ?? '/'
  const launcher = join(lab.bin, options.plain ? 'launcher-plain' : 'launcher')
  const isFolder = (path: string) =>
    execFileSync('stat', ['-c', '%F', path], { encoding: 'utf8' }).trim() === 'directory'
  const mounts = [
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '--tmpfs',
    '/tmp',
    ...roots.flatMap((path) => ['--bind', path, path]),
    ...(options.closed ?? []).flatMap((path) => ['--ro-bind', path, path]),
    ...(options.masks ?? []).flatMap((path) =>
      isFolder(path) ? ['--tmpfs', path, '--remount-ro', path] : ['--ro-bind', '/dev/null', path],
    ),
  ]
  const bwrap = ['/usr/bin/bwrap', '--unshare-all', '--die-with-parent', '--cap-drop', 'ALL', ...mounts]
  const inside = ['--', launcher, '--inside', cwd, '--', ...command]
  const child = spawn(launcher, ['--outside', 'fd:3', '--', ...bwrap, ...inside], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { GHENV_PATH: '/usr/bin:/bin', ...options.env },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  const channel = child.stdio[3] as Duplex
  const lines: Line[] = []
  const waiting: (() => void)[] = []
  let [out, err, rest] = ['', '', '']
  const control: Control = {
    child,
    lines,
    send: (line) => void (channel.writable && channel.write(`${JSON.stringify(line)}\n`)),
    line: async (type) => {
      for (;;) {
        const found = lines.find((line) => line.type === type)
        if (found) return found
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
  }
  const start = {
    type: 'start',
    protocol: 1,
    seccomp: 'closed',
    nesting: false,
    hold: 'writes',
    roots,
    grows: true,
    closed: options.closed ?? [],
    masks: options.masks ?? [],
    deniedGlobs: [],
    standInFolders: [],
    standInFiles: [],
    memoryBytes: 0,
    pids: 0,
    cpuPercent: 0,
    openFiles: 0,
    fileBytes: 0,
    cgroup: '',
    ...options.start,
  }
  const hear = async (line: Line): Promise<void> => {
    lines.push(line)
    for (const resolve of waiting.splice(0)) resolve()
    if (line.type === 'hello') control.send(start)
    if (line.type !== 'held') return
    const answer = (await options.answer?.(line as Held, control)) ?? null
    if (answer) control.send({ type: 'answer', id: line['id'], ...answer })
  }
  channel.on('error', () => {})
  channel.setEncoding('utf8')
  channel.on('data', (text: string) => {
    const parts = `${rest}${text}`.split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) void hear(JSON.parse(part) as Line)
  })
  child.stdout?.on('data', (text) => (out += String(text)))
  child.stderr?.on('data', (text) => (err += String(text)))
  options.started?.(control)
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('close', (...ended) => resolve(ended))
  })
  return { code, signal, out, err, lines, held: lines.filter((line) => line.type === 'held') as Held[] }
}
