import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { Clock } from '../platform/clock.ts'
import type { PipedResult, Sandbox } from './backend.ts'
import { RunControl, type Up } from './control/run-control.ts'
import { runExit } from './run-exit.ts'
import { planRun, type RunContext } from './run-plan.ts'
import { RunProcesses } from './run-processes.ts'

type PipeRequest = Parameters<Sandbox['pipe']>[0] & {
  /** Told once, before the program starts or when it never will. */
  readonly onUp?: (up: Up) => void
}

/**
 * Runs a program without a PTY: bytes in, bytes out, at most `maxBytes` of both outputs together. What comes
 * beyond is read and dropped, so that the program can end. Time over, `signal` aborted or the launcher lost: all
 * of it is ended and `exitCode` is null.
 *
 * @throws SandboxUnavailable before anything is started
 */
export async function runPiped(
  context: RunContext,
  clock: Clock,
  request: PipeRequest,
): Promise<PipedResult> {
  const first = await pipeOnce(context, clock, request)
  // What could not be covered is gone, so a second look does not find it.
  const { result, up } = first.lostSocket ? await pipeOnce(context, clock, request) : first
  if (up) request.onUp?.(up)
  return result
}

type Piped = {
  readonly result: PipedResult
  /** It did not start, only because a socket of another program went while it was to be covered. */
  readonly lostSocket: boolean
  /** What `onUp` was not told yet. */
  readonly up: Up | null
}

async function pipeOnce(context: RunContext, clock: Clock, request: PipeRequest): Promise<Piped> {
  const nothing = new Uint8Array()
  const stopped = { exitCode: null, stdout: nothing, stderr: nothing, cut: false, startProblem: null }
  if (request.signal?.aborted) return { result: stopped, lostSocket: false, up: null }

  const bounded = request.spec.boundary === 'bounded'
  const plan = await planRun(context, request, 'none')
  // Detached, so that without a boundary the session tells what belongs to this run.
  // Node's pipes are sockets, and a bash with a socket as input reads ~/.bashrc; so none where none is needed.
  const child = spawn(plan.file, plan.argv('fd:3'), {
    cwd: '/',
    env: plan.env,
    stdio: [request.stdin === null ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  if (child.pid === undefined) {
    plan.finish()
    return new Promise((_, reject) => child.once('error', reject))
  }
  const processes = new RunProcesses(child.pid, bounded, clock)
  let asked = false
  let ending: Promise<void> | null = null
  const end = (how: () => Promise<void>): void => {
    ending ??= how().finally(() => {
      // Somebody outside the tree may still hold the pipes; nobody waits for them.
      for (const stream of child.stdio) stream?.destroy()
    })
  }
  const stop = (): void => {
    asked ||= ending === null
    end(() => processes.end(() => control.stop()))
  }
  const control = new RunControl(plan.start, request, clock, () => end(() => processes.kill()))
  control.expect(child.pid)
  control.attach(child.stdio[3] as Duplex)
  let neverUp: Up | null = null
  void control.up.then((up) => {
    if (control.inner === null) {
      neverUp = up
      return
    }
    processes.sawInside(control.inner)
    request.onUp?.(up)
  })

  const out: Buffer[] = []
  const err: Buffer[] = []
  let left = request.maxBytes
  let cut = false
  const take = (into: Buffer[]) => (chunk: Buffer) => {
    if (chunk.length > left) cut = true
    if (left > 0) into.push(chunk.subarray(0, left))
    left = Math.max(0, left - chunk.length)
  }
  child.stdout?.on('data', take(out))
  child.stderr?.on('data', take(err))
  // A program may end without reading all of its input.
  child.stdin?.on('error', () => {})
  child.stdin?.end(request.stdin)

  const cancelTimer = clock.after(request.timeoutMs, stop)
  request.signal?.addEventListener('abort', stop, { once: true })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      cancelTimer()
      request.signal?.removeEventListener('abort', stop)
      // All of its streams are closed, so nothing more can come over this one.
      control.fail('it ended without a word')
      void control.closed.then(async (report) => {
        await ending
        plan.finish()
        const stdout = Buffer.concat(out)
        const stderr = Buffer.concat(err)
        if (asked)
          return resolve({ result: { ...stopped, stdout, stderr, cut }, lostSocket: false, up: neverUp })
        const run = { argv: request.argv, cwd: request.cwd, bounded }
        const { signal: _, ...result } = runExit(
          run,
          report,
          { code, signal },
          stderr.toString('utf8', 0, 4096),
        )
        const lostSocket = result.startProblem !== null && plan.lostSocket(result.startProblem)
        resolve({ result: { ...result, stdout, stderr, cut }, lostSocket, up: neverUp })
      })
    })
  })
}
