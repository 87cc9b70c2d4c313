import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { StartRequest } from './backend.ts'
import { bwrapArgv } from './bwrap-argv.ts'
import type { ControlServer } from './control/control-server.ts'
import type { FoundCgroup } from './control/find-cgroup.ts'
import type { StartMessage } from './control/messages.ts'
import { startMessage } from './control/start-message.ts'
import type { Backend } from './detect.ts'
import type { ContainerKind } from './detect-platform.ts'
import { newCommonDirs } from './git-dirs.ts'
import { shimFor, withShim } from './hold-shim.ts'
import { inspectMachine, saysSocketGone, withoutGoneSockets } from './machine-facts.ts'
import { coverArgv } from './rehearse/plan-copy.ts'
import { planStandIns } from './stand-ins.ts'

/** What the runs of one host share. */
export type RunContext = {
  /** Asked only for a run with a boundary. @throws SandboxUnavailable */
  backend(): Promise<Backend>
  readonly launcher: string
  /** Where launchers in a terminal report. */
  readonly server: ControlServer
  /** Asked only where the container is to be the boundary. @throws SandboxUnavailable where there is none */
  container(): Promise<ContainerKind>
  /** Asked only for a run with limits. */
  cgroup(): FoundCgroup
}

export type RunPlan = {
  readonly file: string
  /** @param control where the launcher reports: `fd:3` or `unix:PATH` */
  argv(control: string): readonly string[]
  readonly env: Record<string, string>
  readonly start: StartMessage
  /** Why the limits of the spec will not be in force; null when they will, or none were asked for. */
  readonly noLimits: string | null
  /** Whether the start failed only because a host socket went that was to be covered. */
  lostSocket(startProblem: string): boolean
  /** Takes back what the run needed on the disk. Safe to call twice. */
  finish(): void
}

/** The launcher takes this off again inside: no variable of the command reaches bwrap, such as LD_PRELOAD. */
const envPrefix = 'GHENV_'

/**
 * Prepares one run: facts, stand-ins, arguments, and the first message to its launcher. The environment is not
 * among the arguments, which every user of the machine may read.
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
    readonly onHeld?: StartRequest['onHeld']
    readonly proxy?: StartRequest['proxy']
  },
  terminal: 'pty' | 'none',
): Promise<RunPlan> {
  const { launcher } = context
  const inner = ['--inside', request.cwd, '--', ...request.argv]
  const { boundary } = request.spec
  const contained = boundary === 'container'
  if (contained) await context.container()
  const backend = boundary === 'bounded' ? await context.backend() : null
  const machine = backend && (await inspectMachine(request.spec, { ...backend, launcher }))
  // From here on nothing waits, so that little comes between a look at the disk and the start.
  const { spec, ...standIns } = planStandIns(request.spec)
  const limited = ['memoryBytes', 'pids', 'cpuPercent'].some((name) => name in (spec.limits ?? {}))
  const cgroup = !limited
    ? { folder: '', why: '' }
    : contained
      ? { folder: '', why: 'The container is the boundary, and its limits are its own.' }
      : context.cgroup()
  const start = startMessage(spec, {
    asks: request.onHeld !== undefined,
    cgroup: cgroup.folder,
    proxy: request.proxy,
    standIns,
  })
  const shim = backend ? shimFor(spec, start.hold, launcher) : null
  const env = shim === null ? request.env : withShim(request.env)
  const commonDirs = newCommonDirs(spec.grantedPaths)
  let finished = false
  return {
    file: launcher,
    argv: (control) =>
      backend && machine
        ? [
            '--outside',
            control,
            '--',
            ...coverArgv(spec, launcher),
            backend.bwrap,
            ...bwrapArgv(spec, { ...withoutGoneSockets(spec, machine), shim }, terminal, inner),
          ]
        : [contained ? '--contained' : '--unbounded', control, request.cwd, '--', ...request.argv],
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [envPrefix + name, value])),
    start,
    noLimits: cgroup.why || null,
    lostSocket: (startProblem) => machine !== null && saysSocketGone(startProblem, spec, machine),
    finish() {
      if (!finished) commonDirs.remove()
      finished = true
    },
  }
}
