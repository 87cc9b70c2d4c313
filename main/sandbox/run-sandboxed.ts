import { constants } from 'node:os'
import { spawn } from 'node-pty'
import type { Clock } from '../platform/clock.ts'
import type { RunExit, SandboxRun, StartRequest } from './backend.ts'
import { endTree, isRunning } from './process-tree.ts'
import { planRun, type RunContext } from './run-plan.ts'

/** What is kept of the first output, in bytes: enough for the words of a bubblewrap that could not start. */
const headBytes = 4096
/** While paused: how often to look whether the program still runs, in milliseconds. See `pause`. */
const lookMs = 20

/**
 * Starts a program in a PTY inside its boundary.
 *
 * @throws SandboxUnavailable before anything is started, with nothing left to undo
 */
export async function runSandboxed(
  context: RunContext,
  clock: Clock,
  request: StartRequest,
): Promise<SandboxRun> {
  const plan = await planRun(context, request, 'pty')
  const pty = ptyOf(plan, request)

  let head = Buffer.alloc(0)
  let paused = false
  let ended = false
  let stopping: Promise<void> | null = null
  let stopLooking = () => {}
  /** Output that came while paused, after the program had ended. At most what the kernel's buffer held. */
  let late: Uint8Array[] = []

  pty.onData((data) => {
    // With `encoding: null` these are Buffers, although the typings say string.
    const chunk = data as unknown as Buffer
    if (head.length < headBytes) head = Buffer.concat([head, chunk.subarray(0, headBytes - head.length)])
    if (paused) late.push(chunk)
    else request.onData(chunk)
  })

  const exited = new Promise<RunExit>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      ended = true
      stopLooking()
      const problem = stopping ? null : plan.startProblem(head.toString('utf8'))
      plan.finish()
      if (problem) resolve({ exitCode: null, signal: null, startProblem: problem })
      else if (stopping) resolve({ exitCode: null, signal: 'SIGKILL', startProblem: null })
      else if (signal) resolve({ exitCode: null, signal: signalName(signal), startProblem: null })
      else resolve({ exitCode, signal: null, startProblem: null })
    })
  })

  /** node-pty drops what it has not read 200 ms after the program's end, so a paused end is read at once. */
  function lookForEnd(): void {
    stopLooking = clock.after(lookMs, () => {
      if (!paused || ended) return
      if (isRunning(pty.pid)) lookForEnd()
      else pty.resume()
    })
  }

  return {
    pid: pty.pid,
    write(data) {
      if (!ended) pty.write(data)
    },
    resize(cols, rows) {
      if (!ended) pty.resize(clampSize(cols), clampSize(rows))
    },
    pause() {
      if (paused || ended) return
      paused = true
      pty.pause()
      lookForEnd()
    },
    resume() {
      if (!paused) return
      paused = false
      stopLooking()
      const chunks = late
      late = []
      for (const chunk of chunks) request.onData(chunk)
      if (!ended) pty.resume()
    },
    stop() {
      if (ended) return Promise.resolve()
      stopping ??= endTree(pty.pid, request.spec.boundary === 'bounded', clock).then(async () => {
        if (paused) pty.resume()
        await exited
      })
      return stopping
    },
    exited,
  }
}

function ptyOf(plan: Awaited<ReturnType<typeof planRun>>, request: StartRequest) {
  try {
    return spawn(plan.file, [...plan.argv], {
      // The launcher goes to the command's own folder; this one exists on every machine.
      cwd: '/',
      env: plan.env,
      encoding: null,
      cols: clampSize(request.cols),
      rows: clampSize(request.rows),
    })
  } catch (cause) {
    plan.finish()
    throw cause
  }
}

/** A terminal has at least one cell, and sizes are 16 bits wide. */
const clampSize = (cells: number): number => Math.max(1, Math.min(4096, Math.trunc(cells) || 1))

const signalName = (number: number): string =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`
