import { spawn } from 'node:child_process'
import type { Clock } from '../platform/clock.ts'
import type { PipedResult, Sandbox } from './backend.ts'
import { endTree } from './process-tree.ts'
import { planRun, type RunContext } from './run-plan.ts'

type PipeRequest = Parameters<Sandbox['pipe']>[0]

/**
 * Runs a program without a PTY: bytes in, bytes out, at most `maxBytes` of both outputs together. What comes
 * beyond is read and dropped, so that the program can end. Time over or `signal` aborted: all of it is ended
 * and `exitCode` is null.
 *
 * @throws SandboxUnavailable before anything is started
 */
export async function runPiped(
  context: RunContext,
  clock: Clock,
  request: PipeRequest,
): Promise<PipedResult> {
  const nothing = new Uint8Array()
  const stopped = { exitCode: null, stdout: nothing, stderr: nothing, cut: false, startProblem: null }
  if (request.signal?.aborted) return stopped

  const plan = await planRun(context, request, 'none')
  return new Promise((resolve, reject) => {
    // Detached, so that without a boundary the session tells what belongs to this run.
    // Node's pipes are sockets, and a bash with a socket as input reads ~/.bashrc; so none where none is needed.
    const child = spawn(plan.file, plan.argv, {
      cwd: '/',
      env: plan.env,
      stdio: [request.stdin === null ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    let left = request.maxBytes
    let cut = false
    let ending = false

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

    const end = () => {
      if (ending || child.pid === undefined) return
      ending = true
      void endTree(child.pid, request.spec.boundary === 'bounded', clock).finally(() => {
        // Somebody outside the tree may still hold the pipes; nobody waits for them.
        child.stdout?.destroy()
        child.stderr?.destroy()
      })
    }
    const cancelTimer = clock.after(request.timeoutMs, end)
    request.signal?.addEventListener('abort', end, { once: true })

    const settle = () => {
      cancelTimer()
      request.signal?.removeEventListener('abort', end)
      plan.finish()
    }
    child.on('error', (cause) => {
      settle()
      reject(cause)
    })
    child.on('close', (code) => {
      const stdout = Buffer.concat(out)
      const stderr = Buffer.concat(err)
      const startProblem = ending ? null : plan.startProblem(stderr.toString('utf8', 0, 4096))
      settle()
      resolve({ exitCode: ending || startProblem ? null : code, stdout, stderr, cut, startProblem })
    })
  })
}
