import { constants } from 'node:os'
import path from 'node:path'
import { noGrant } from '../../protocol/action.ts'
import { describeProblem, type HeldAnswer, type HeldCall, type SandboxSpec } from '../../protocol/sandbox.ts'
import { expandDeniedGlobs, TooManyMatches } from '../config/expand-denied-globs.ts'
import { containerPlace, withPlace } from '../host/container-place.ts'
import { closedBySettings } from '../pipeline/closed-by-settings.ts'
import { systemClock } from '../platform/clock.ts'
import type { Found } from '../sandbox/backend.ts'
import { createSandbox, type LocalSandbox } from '../sandbox/create-sandbox.ts'
import { SandboxUnavailable } from '../sandbox/sandbox-unavailable.ts'
import { scanWorkspace } from '../sandbox/scan-workspace.ts'
import type { Surroundings } from './command.ts'
import { Denials } from './denials.ts'
import { sandboxEnv } from './sandbox-env.ts'
import type { SandboxSettings } from './sandbox-settings.ts'

/** Of a checkout, and of the packaged command line, which lies in the same folders. */
export const launcherPath: string = path.resolve(import.meta.dirname, '../../native-sandbox/out/launcher')

/** Signals that a caller sends to end or to tell the command; all others act on the command line itself. */
const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const

export type SandboxedCommand = {
  readonly argv: readonly string[]
  readonly folder: string
  readonly gatehouseHome: string
  /** The person's own folder. */
  readonly home: string
  /** Calls that the boundary refuses are noted, and listed on standard error when the command has ended. */
  readonly listDenials: boolean
}

/**
 * Builds the boundary and runs the command in it. @returns the exit code
 *
 * @param refuse says in one line why nothing was run, and gives the code for that
 */
export async function runInSandbox(
  command: SandboxedCommand,
  chosen: SandboxSettings,
  surroundings: Surroundings,
  refuse: (why: string) => number,
): Promise<number> {
  const sandbox = createSandbox({
    launcher: launcherPath,
    stateDir: path.join(command.gatehouseHome, 'state', 'sandbox'),
    clock: systemClock,
    ...(surroundings.platform ? { platform: surroundings.platform } : {}),
  })
  try {
    const { boundary } = chosen.settings
    if (boundary) {
      const found = await sandbox.detect(boundary)
      if ('problem' in found) {
        const { title, fix } = describeProblem(withPlace(found.problem, containerPlace(chosen.effective)))
        return refuse(`${title} ${fix} Nothing was run.`)
      }
      surroundings.err(`gatehouse sandbox: ${noteOf(found.version)}\n`)
    }
    const spec = await specOf(sandbox, command, chosen, (words) =>
      surroundings.err(`gatehouse sandbox: ${words}\n`),
    )
    return await run(sandbox, spec, command, chosen, surroundings, refuse)
  } catch (problem) {
    if (problem instanceof SandboxUnavailable || problem instanceof TooManyMatches)
      return refuse(problem.message)
    // A state folder that cannot be written, no more processes: the command was not run, whatever the reason.
    if (problem instanceof Error && 'syscall' in problem) return refuse(problem.message)
    throw problem
  }
}

const noteOf = (kind: string): string =>
  `the container is the boundary (${kind === 'other' ? 'of a kind that is not known' : kind}): files and network are its own; the command is narrowed`

/** How long a command waits for a look through its workspace. */
const scanLimits = { maxFiles: 200_000, timeMs: 2000, now: () => performance.now() }

/** What lies deeper in the workspace; where nothing can be written, nothing there needs to be closed. */
const lookThrough = async (
  folder: string,
  { sandboxMode }: SandboxSettings['settings'],
): Promise<Found | null> =>
  sandboxMode === 'workspace-write'
    ? scanWorkspace(folder, { signal: new AbortController().signal, ...scanLimits })
    : null

async function specOf(
  sandbox: LocalSandbox,
  { folder, gatehouseHome, home, listDenials }: SandboxedCommand,
  { settings, effective }: SandboxSettings,
  warn: (words: string) => void,
): Promise<SandboxSpec> {
  const { sandboxMode, extraWritableRoots, deniedReads, deniedGlobs = [] } = settings
  const found = await lookThrough(folder, settings)
  if (found !== null && found.cut !== null)
    warn(
      `${folder} is too large to be looked through before a command; git repositories deep inside it may not all be protected.`,
    )
  return sandbox.buildSpec({
    mode: sandboxMode,
    folder,
    extraWritableRoots,
    deniedReads: [...deniedReads, ...(await expandDeniedGlobs(deniedGlobs))],
    ...closedBySettings(settings),
    grant: noGrant,
    gatehouseHome,
    home,
    ...(found ? { found } : {}),
    ...(effective.settings.permissions.network.access === 'limited' ? { proxied: true } : {}),
    ...(listDenials ? { hold: 'all' } : {}),
  })
}

async function run(
  sandbox: LocalSandbox,
  spec: SandboxSpec,
  { argv, folder, listDenials }: SandboxedCommand,
  { effective }: SandboxSettings,
  surroundings: Surroundings,
  refuse: (why: string) => number,
): Promise<number> {
  const env = sandboxEnv(surroundings.env, effective.settings.shellEnvironment, spec.network === 'none')
  const denials = new Denials()
  const { streams } = surroundings
  const print = streams?.onErrors ?? ((chunk: Uint8Array) => process.stderr.write(chunk))
  const heard = {
    ...streams,
    // Only where it is a pipe or a file for our caller as well: a terminal stays a terminal.
    ...(listDenials && (streams || !process.stderr.isTTY)
      ? {
          onErrors: (chunk: Uint8Array) => {
            print(chunk)
            denials.addOutput(chunk)
          },
        }
      : {}),
    ...(listDenials
      ? {
          onHeld: (call: HeldCall, answer: (answer: HeldAnswer) => void) => {
            denials.add(call)
            // Nobody is here to be asked, and the same call may come again with another program.
            answer({ verdict: 'deny', remember: false })
          },
        }
      : {}),
  }
  const started = await sandbox.inherit({ spec, argv, cwd: folder, env, ...heard })
  const stopPassing = passSignals((name) => started.signal(name))
  try {
    const { exitCode, signal, startProblem, lost } = await started.exited
    if (startProblem !== null) {
      const code = refuse(startProblem)
      return exitCode ?? code
    }
    if (lost !== undefined) surroundings.err(`gatehouse sandbox: ${lost}\n`)
    if (listDenials) {
      for (const violation of await sandbox.readViolations({
        spec,
        cwd: folder,
        output: denials.output,
        exitCode,
      }))
        denials.addViolation(violation)
      surroundings.err(denials.toText(await started.up))
    }
    return exitCode ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0)
  } finally {
    stopPassing()
  }
}

/** @returns takes the listeners off again */
function passSignals(pass: (name: NodeJS.Signals) => void): () => void {
  const listeners = passedOn.map((name) => ({ name, listener: () => pass(name) }))
  for (const { name, listener } of listeners) process.on(name, listener)
  return () => {
    for (const { name, listener } of listeners) process.off(name, listener)
  }
}
