import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { RunExit } from './backend.ts'
import { bwrapArgv } from './bwrap-argv.ts'
import type { Backend } from './detect.ts'
import { newCommonDirs } from './git-dirs.ts'
import { inspectMachine } from './machine-facts.ts'
import type { Placeholders } from './placeholders.ts'

/** What the runs of one host share. */
export type RunContext = {
  /** Asked only for a run with a boundary. @throws SandboxUnavailable */
  backend(): Promise<Backend>
  readonly launcher: string
  /** Below GATEHOUSE_HOME: a command must not be able to reach the status files in it. */
  readonly stateDir: string
  readonly placeholders: Placeholders
}

export type RunPlan = {
  readonly file: string
  readonly argv: readonly string[]
  readonly env: Record<string, string>
  /** Why the command never ran, from what the launcher reported; null when it did. */
  startProblem(output: string): RunExit['startProblem']
  /** Takes back what the run needed on the disk. Safe to call twice. */
  finish(): void
}

/** The launcher takes this off again inside: no variable of the command reaches bwrap, such as LD_PRELOAD. */
const envPrefix = 'GHENV_'

let lastRun = 0

/**
 * Prepares one run: facts, stand-ins, status file, arguments. The environment is not among the arguments,
 * which every user of the machine may read.
 *
 * @param terminal `none` for a run with pipes
 * @throws SandboxUnavailable with nothing left to undo
 */
export async function planRun(
  context: RunContext,
  request: {
    readonly spec: SandboxSpec
    readonly argv: readonly string[]
    readonly cwd: string
    readonly env: Readonly<Record<string, string>>
  },
  terminal: 'pty' | 'none',
): Promise<RunPlan> {
  const { launcher, placeholders, stateDir } = context
  const inner = ['--inside', request.cwd, '--', ...request.argv]
  const backend = request.spec.boundary === 'none' ? null : await context.backend()
  const machine = backend && (await inspectMachine(request.spec, { ...backend, launcher }))
  // From here on nothing waits, so that nothing comes between a look at the disk and the start.
  const held = placeholders.hold(request.spec)
  const commonDirs = newCommonDirs(request.spec.grantedPaths)
  const status = newStatusFile(`${stateDir}/runs`)
  const argv =
    backend && machine
      ? ['--outside', status, '--', backend.bwrap, ...bwrapArgv(held.spec, machine, terminal, inner)]
      : ['--unbounded', status, request.cwd, '--', ...request.argv]

  let reported: string | null = null
  const report = () => (reported ??= readFileSync(status, 'utf8'))
  let finished = false
  return {
    file: launcher,
    argv,
    env: Object.fromEntries(Object.entries(request.env).map(([name, value]) => [envPrefix + name, value])),
    startProblem: (output) => startProblem(report(), request, output),
    finish() {
      if (finished) return
      finished = true
      report()
      rmSync(status, { force: true })
      held.release()
      commonDirs.remove()
    },
  }
}

function newStatusFile(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = `${folder}/${process.pid}-${++lastRun}`
  closeSync(openSync(file, 'w', 0o600))
  return file
}

const words: Record<string, string> = { cwd: 'its folder', exec: 'the program', bwrap: 'bubblewrap' }

function startProblem(
  report: string,
  request: { readonly argv: readonly string[]; readonly cwd: string },
  output: string,
): string | null {
  const [, what, detail] = /^(\w+) \d+ (.+)$/m.exec(report) ?? []
  if (what && detail) {
    const name = what === 'cwd' ? request.cwd : what === 'exec' ? request.argv[0] : what
    return `${name}: ${detail} (starting ${words[what] ?? 'the boundary'})`
  }
  if (report.startsWith('up\n')) return null
  // The launcher never came up, so whatever was printed comes from bubblewrap.
  const said = output.split('\n').find((line) => line.startsWith('bwrap: ')) ?? output.trim()
  return said.slice(0, 300).trim() || 'The boundary could not be built, and bubblewrap did not say why.'
}
