import { spawn } from 'node-pty'
import type { Clock } from '../platform/clock.ts'
import type { RunExit, StartRequest } from './backend.ts'
import type { Expected } from './control/control-server.ts'
import { RunControl } from './control/run-control.ts'
import { pausableOutput } from './pausable-output.ts'
import { runExit, signalName } from './run-exit.ts'
import { planRun, type RunContext, type RunPlan } from './run-plan.ts'
import { RunProcesses } from './run-processes.ts'
import { describeUp } from './run-up.ts'
import type { StartedRun } from './start-again.ts'

/** What is kept of the first output, in bytes: enough for the words of a bubblewrap that could not start. */
const headBytes = 4096
/** How long a launcher's last words may be on their way once it has ended, in milliseconds. */
const lastWordsMs = 1000

/**
 * Starts a program in a PTY inside its boundary. Whatever happens to its launcher, the run ends with it, and
 * `exited` settles when nothing of it is left.
 *
 * @throws SandboxUnavailable before anything is started, with nothing left to undo
 */
export async function runSandboxed(
  context: RunContext,
  clock: Clock,
  request: StartRequest,
): Promise<StartedRun> {
  const bounded = request.spec.boundary === 'bounded'
  const plan = await planRun(context, request, 'pty')
  let kill = (): void => {}
  const control = new RunControl(plan.start, request, clock, () => kill())
  const expected = await expectHello(context, control, plan)
  const pty = ptyOf(plan, request, expected)
  control.expect(pty.pid)
  const processes = new RunProcesses(pty.pid, bounded, clock)
  let killing: Promise<void> | null = null
  kill = () => void (killing ??= processes.kill())
  void control.up.then(() => control.inner !== null && processes.sawInside(control.inner))

  let head = Buffer.alloc(0)
  let ended = false
  let stopping: Promise<void> | null = null
  const output = pausableOutput(pty, clock, request.onData)
  pty.onData((data) => {
    // With `encoding: null` these are Buffers, although the typings say string.
    const chunk = data as unknown as Buffer
    if (head.length < headBytes) head = Buffer.concat([head, chunk.subarray(0, headBytes - head.length)])
    output.take(chunk)
  })

  const exited = new Promise<RunExit>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      ended = true
      output.end()
      const cancel = clock.after(lastWordsMs, () => control.fail('it ended without a word'))
      void control.closed.then(async (report) => {
        cancel()
        expected.cancel()
        await killing
        plan.finish()
        const ending = { code: exitCode, signal: signal ? signalName(signal) : null }
        const run = { argv: request.argv, cwd: request.cwd, bounded }
        if (stopping) resolve({ exitCode: null, signal: 'SIGKILL', startProblem: null })
        else resolve(runExit(run, report, ending, head.toString('utf8')))
      })
    })
  })

  return {
    pid: pty.pid,
    write(data) {
      if (!ended) pty.write(data)
    },
    resize(cols, rows) {
      if (!ended) pty.resize(clampSize(cols), clampSize(rows))
    },
    pause: output.pause,
    resume: output.resume,
    stop() {
      if (ended) return exited.then(() => {})
      stopping ??= processes
        .end(() => control.stop())
        .then(async () => {
          output.readOn()
          await exited
        })
      return stopping
    },
    up: control.up.then((up) => describeUp(up, plan)),
    grant: (path) => control.ask('grant', path),
    revoke: (path) => control.ask('revoke', path),
    mask: (path) => control.ask('mask', path),
    who: (flow) => control.who(flow),
    ports: control.ports,
    exited,
    stood: control.up.then(() => control.inner !== null),
    lostSocket: plan.lostSocket,
  }
}

/** The launcher's greeting may come as soon as it is started, and is taken whenever it comes. */
async function expectHello(context: RunContext, control: RunControl, plan: RunPlan): Promise<Expected> {
  try {
    return await context.server.expect(({ stream, pid }) => control.attachAfterHello(stream, pid))
  } catch (cause) {
    plan.finish()
    throw cause
  }
}

function ptyOf(plan: RunPlan, request: StartRequest, expected: Expected) {
  try {
    return spawn(plan.file, [...plan.argv(`unix:${expected.path}`)], {
      // The launcher goes to the command's own folder; this one exists on every machine.
      cwd: '/',
      env: { ...plan.env, GHCTL_TOKEN: expected.token },
      encoding: null,
      cols: clampSize(request.cols),
      rows: clampSize(request.rows),
    })
  } catch (cause) {
    expected.cancel()
    plan.finish()
    throw cause
  }
}

/** A terminal has at least one cell, and sizes are 16 bits wide. */
const clampSize = (cells: number): number => Math.max(1, Math.min(4096, Math.trunc(cells) || 1))
