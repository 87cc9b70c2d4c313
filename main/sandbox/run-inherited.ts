import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { Clock } from '../platform/clock.ts'
import type { RunExit, SandboxRun, StartRequest } from './backend.ts'
import { RunControl } from './control/run-control.ts'
import { signalAll } from './process-tree.ts'
import { runExit } from './run-exit.ts'
import { planRun, type RunContext } from './run-plan.ts'
import { RunProcesses } from './run-processes.ts'
import { describeUp } from './run-up.ts'

export type InheritRequest = Pick<
  StartRequest,
  'spec' | 'argv' | 'cwd' | 'env' | 'onHeld' | 'onSettled' | 'onLimit'
> & {
  /** Takes what the program prints on its standard error, which then is a pipe. Absent: it goes to our own. */
  readonly onErrors?: (chunk: Uint8Array) => void
}

/** A program on the terminal, pipes and files of our own caller. */
export type InheritedRun = {
  readonly pid: number
  /** Passes a signal on to the program; the boundary around it stays. Nothing happens once it has ended. */
  signal(name: NodeJS.Signals): void
  /** As in SandboxRun. */
  readonly up: SandboxRun['up']
  readonly exited: Promise<RunExit>
}

/**
 * Runs a program on the three standard streams of this process, whatever they are: a terminal stays a terminal.
 * Inside a boundary it has a session of its own, so it cannot push text into that terminal, and has no job control.
 *
 * @throws SandboxUnavailable before anything is started, with nothing left to undo
 */
export async function runInherited(
  context: RunContext,
  clock: Clock,
  request: InheritRequest,
): Promise<InheritedRun> {
  const bounded = request.spec.boundary === 'bounded'
  const plan = await planRun(context, request, 'none')
  const child = spawn(plan.file, plan.argv('fd:3'), {
    cwd: '/',
    env: plan.env,
    stdio: ['inherit', 'inherit', request.onErrors ? 'pipe' : 'inherit', 'pipe'],
  })
  if (child.pid === undefined) {
    plan.finish()
    return new Promise((_, reject) => child.once('error', reject))
  }
  const processes = new RunProcesses(child.pid, bounded, clock)
  let killing: Promise<void> | null = null
  const control = new RunControl(plan.start, request, clock, () => {
    killing ??= processes.kill()
  })
  control.expect(child.pid)
  control.attach(child.stdio[3] as Duplex)
  let ended = false
  child.stderr?.on('data', (chunk: Buffer) => request.onErrors?.(chunk))
  const up = control.up.then((said) => {
    if (control.inner !== null) processes.sawInside(control.inner)
    return describeUp(said, plan)
  })

  const exited = new Promise<RunExit>((resolve) => {
    child.on('close', (code, signal) => {
      ended = true
      control.fail('it ended without a word')
      void control.closed.then(async (report) => {
        await killing
        plan.finish()
        const run = { argv: request.argv, cwd: request.cwd, bounded }
        // What bubblewrap prints goes to the caller's own standard error.
        resolve(runExit(run, report, { code, signal }, ''))
      })
    })
  })
  return {
    pid: child.pid,
    signal(name) {
      // One that comes before there is a program is for that program, too.
      void up.then(() => {
        if (!ended) signalAll(processes.inside(), name)
      })
    },
    up,
    exited,
  }
}
