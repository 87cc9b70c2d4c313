import type { Grant } from '../../protocol/action.ts'
import type { SandboxSpec, Violation } from '../../protocol/sandbox.ts'
import type { RunExit, Sandbox, SandboxRun } from '../sandbox/backend.ts'

export type FakeRun = {
  readonly argv: readonly string[]
  readonly spec: SandboxSpec
  print(text: string): void
  exit(code: number): void
  readonly typed: string[]
  stopped: boolean
}

/** A sandbox without processes: tests say how each run goes, and see what was started in which boundary. */
export class FakeSandbox implements Sandbox {
  readonly runs: FakeRun[] = []
  readonly piped: { argv: readonly string[]; spec: SandboxSpec; stdin: string | null }[] = []
  /** How a run goes; without one it exits 0 at once. */
  script: (run: FakeRun) => void = (run) => run.exit(0)
  violations: (run: { output: string; spec: SandboxSpec }) => readonly Violation[] = () => []
  files = new Map<string, string>()

  async detect() {
    return { backend: 'fake', version: '1' }
  }

  async buildSpec(request: {
    mode: string
    folder: string
    grant: Grant
    extraWritableRoots: readonly string[]
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
    }
  }

  async prepareGrant() {
    return { undo: async () => {} }
  }

  async start(request: Parameters<Sandbox['start']>[0]): Promise<SandboxRun> {
    const { promise, resolve } = Promise.withResolvers<RunExit>()
    const run: FakeRun = {
      argv: request.argv,
      spec: request.spec,
      typed: [],
      stopped: false,
      print: (text) => request.onData(Buffer.from(text)),
      exit: (exitCode) => resolve({ exitCode, signal: null, startProblem: null }),
    }
    this.runs.push(run)
    queueMicrotask(() => this.script(run))
    return {
      pid: 1,
      exited: promise,
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
    return []
  }
}
