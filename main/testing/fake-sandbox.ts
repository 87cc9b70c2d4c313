import type { Grant } from '../../protocol/action.ts'
import type { HeldAnswer, HeldCall, Probe, SandboxSpec, Violation } from '../../protocol/sandbox.ts'
import {
  type Abilities,
  proxyPorts,
  type RunExit,
  type Sandbox,
  type SandboxRun,
} from '../sandbox/backend.ts'
import { FakeRehearsals } from './fake-rehearsals.ts'

export type FakeRun = {
  readonly argv: readonly string[]
  readonly spec: SandboxSpec
  print(text: string): void
  exit(code: number): void
  /** A call of the run waits; resolves with what it is told. Without `onHeld` the kernel refuses. */
  hold(call?: Partial<HeldCall>): Promise<HeldAnswer>
  /** The waiting call with this id is void. */
  settle(id: number, by: 'gone' | 'grant' | 'deny'): void
  limit(what: 'memory' | 'pids' | 'cpu', words: string): void
  readonly typed: string[]
  /** What was asked of the run while it went on, such as `grant /a` or `mask /b`. */
  readonly asked: string[]
  stopped: boolean
}

export const stoppedProbe: Probe = {
  kind: 'write',
  target: 'a new file in /outside',
  blocked: true,
  detail: 'Read-only file system',
}

export const aHeldCall: HeldCall = {
  id: 1,
  kind: 'write',
  call: 'openat',
  path: '/outside/file',
  requested: '/outside/file',
  directory: '/outside',
  path2: null,
  exists: false,
  isDirectory: false,
  flags: ['O_WRONLY', 'O_CREAT'],
  pid: 4000,
  exe: '/usr/bin/tool',
  argv: ['tool', 'file'],
  cwd: '/workspace',
  chain: [{ pid: 3999, exe: '/usr/bin/bash' }],
}

/** A sandbox without processes: tests say how each run goes, and see what was started in which boundary. */
export class FakeSandbox implements Sandbox {
  readonly runs: FakeRun[] = []
  readonly rehearsals = new FakeRehearsals()
  readonly piped: { argv: readonly string[]; spec: SandboxSpec; stdin: string | null }[] = []
  /** How a run goes; without one it exits 0 at once. */
  script: (run: FakeRun) => void | Promise<void> = (run) => run.exit(0)
  violations: (run: { output: string; spec: SandboxSpec }) => readonly Violation[] = () => []
  files = new Map<string, string>()
  /** What a round of attempts shows; without one all is stopped. */
  probes: () => Promise<readonly Probe[]> | readonly Probe[] = () => [stoppedProbe]
  /** Rounds made so far. */
  rounds = 0
  abilities: Abilities = {
    holds: true,
    grows: true,
    why: '',
    limits: '',
    shim: '',
    kernel: '6.18.0',
    yama: null,
    fuse: true,
  }

  async detect() {
    return { backend: 'fake', version: '1', abilities: this.abilities }
  }

  async buildSpec(request: {
    mode: string
    folder: string
    grant: Grant
    extraWritableRoots: readonly string[]
    deniedGlobs?: SandboxSpec['deniedGlobs']
  }): Promise<SandboxSpec> {
    return {
      boundary: request.mode === 'danger-full-access' ? 'none' : 'bounded',
      writableRoots:
        request.mode === 'workspace-write' ? [request.folder, ...request.extraWritableRoots] : [],
      pinnedFolders: [],
      protectedPaths: [],
      grantedPaths: request.grant.writePaths,
      closedInGrants: [],
      deniedReads: [],
      network: request.grant.network ? 'host' : 'none',
      tmp: 'private',
      ...(request.deniedGlobs ? { deniedGlobs: request.deniedGlobs } : {}),
    }
  }

  async prepareGrant() {
    return { undo: async () => {} }
  }

  async start(request: Parameters<Sandbox['start']>[0]): Promise<SandboxRun> {
    const { promise, resolve } = Promise.withResolvers<RunExit>()
    const { holds, why } = this.abilities
    let lastCall = 0
    const run: FakeRun = {
      argv: request.argv,
      spec: request.spec,
      typed: [],
      asked: [],
      stopped: false,
      print: (text) => request.onData(Buffer.from(text)),
      exit: (exitCode) => resolve({ exitCode, signal: null, startProblem: null }),
      hold: (call) =>
        new Promise((answer) => {
          const { onHeld } = request
          if (onHeld && holds) onHeld({ ...aHeldCall, id: ++lastCall, ...call }, answer)
          else answer({ verdict: 'deny', remember: false })
        }),
      settle: (id, by) => request.onSettled?.(id, by),
      limit: (what, words) => request.onLimit?.(what, words),
    }
    const ask = async (what: string, path: string): Promise<null> => {
      run.asked.push(`${what} ${path}`)
      return null
    }
    this.runs.push(run)
    queueMicrotask(() => void this.script(run))
    return {
      pid: 1,
      exited: promise,
      up: Promise.resolve({ holds, why: holds ? null : why }),
      grant: (path) => ask('grant', path),
      revoke: (path) => ask('revoke', path),
      mask: (path) => ask('mask', path),
      who: async () => null,
      ports: request.spec.network === 'proxied' ? proxyPorts : null,
      write: (text) => void run.typed.push(text),
      resize: () => {},
      pause: () => {},
      resume: () => {},
      stop: async () => {
        run.stopped = true
        resolve({ exitCode: null, signal: 'SIGKILL', startProblem: null })
      },
    }
  }

  async pipe(request: Parameters<Sandbox['pipe']>[0]) {
    const stdin = request.stdin === null ? null : Buffer.from(request.stdin).toString()
    this.piped.push({ argv: request.argv, spec: request.spec, stdin })
    const file = this.files.get(request.argv.at(-1) ?? '')
    const missing = request.argv[0] === 'cat' && file === undefined
    if (stdin !== null) this.files.set(request.argv.at(-1) ?? '', stdin)
    return {
      exitCode: missing ? 1 : 0,
      stdout: Buffer.from(request.argv[0] === 'cat' ? (file ?? '') : ''),
      stderr: Buffer.from(missing ? 'no such file' : ''),
      cut: false,
      startProblem: null,
    }
  }

  async readViolations(run: { output: string; spec: SandboxSpec }) {
    return this.violations(run)
  }

  async probe() {
    this.rounds += 1
    return this.probes()
  }
}
