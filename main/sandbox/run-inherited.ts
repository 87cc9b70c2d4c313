import { spawn } from 'node:child_process'
import { constants } from 'node:os'
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
  'spec' | 'argv' | 'cwd' | 'env' | 'onHeld' | 'onSettled' | 'onLimit' | 'proxy'
> & {
  /** What the program reads, and then the end of it, from a pipe. Absent: it reads from our own standard input. */
  readonly input?: string
  /** Takes what the program prints, which then is a pipe. Absent: it goes to our own standard output. */
  readonly onOutput?: (chunk: Uint8Array) => void
  /** The same for its standard error. */
  readonly onErrors?: (chunk: Uint8Array) => void
}

/** What a shell answers for a program that is not there. */
const noSuchProgram = 127

/** A program on the terminal, pipes and files of our own caller. */
export type InheritedRun = {
  readonly pid: number
  /** Passes a signal on to the program; the boundary around it stays. Nothing happens once it has ended. */
  signal(name: NodeJS.Signals): void
  /** As in SandboxRun. */
  readonly up: SandboxRun['up']
  /** With a start problem, `exitCode` is 127 when there is no such program, and else null. */
  readonly exited: Promise<RunExit>
}

/**
 * Runs a program on the three standard streams of this process, whatever they are: a terminal stays a terminal. Each
 * can be a pipe instead.
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
    stdio: [
      request.input === undefined ? 'inherit' : 'pipe',
      request.onOutput ? 'pipe' : 'inherit',
      request.onErrors ? 'pipe' : 'inherit',
      'pipe',
    ],
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
  // Who does not read to the end breaks the pipe, which is no problem of ours.
  child.stdin?.on('error', () => {}).end(request.input)
  child.stdout?.on('data', (chunk: Buffer) => request.onOutput?.(chunk))
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
        const exit = runExit(run, report, { code, signal }, '')
        const absent = report.problem?.what === 'exec' && report.problem.errno === constants.errno.ENOENT
        resolve(absent ? { ...exit, exitCode: noSuchProgram } : exit)
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
