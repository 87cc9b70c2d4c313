import { spawn } from 'node:child_process'
import type { RunExit, StartRequest } from './backend.ts'
import { signalAll, treeOf } from './process-tree.ts'
import { planRun, type RunContext } from './run-plan.ts'

export type InheritRequest = Pick<StartRequest, 'spec' | 'argv' | 'cwd' | 'env'>

/** A program on the terminal, pipes and files of our own caller. */
export type InheritedRun = {
  readonly pid: number
  /** Passes a signal on to the program; the boundary around it stays. Nothing happens once it has ended. */
  signal(name: NodeJS.Signals): void
  readonly exited: Promise<RunExit>
}

/** bubblewrap and its reaper: a signal to them would end the boundary, not tell the program. */
const aroundTheProgram = 2

/**
 * Runs a program on the three standard streams of this process, whatever they are: a terminal stays a terminal.
 * Inside a boundary it has a session of its own, so it cannot push text into that terminal, and has no job control.
 *
 * @throws SandboxUnavailable before anything is started, with nothing left to undo
 */
export async function runInherited(context: RunContext, request: InheritRequest): Promise<InheritedRun> {
  const plan = await planRun(context, request, 'none')
  const bounded = request.spec.boundary === 'bounded'
  const child = spawn(plan.file, plan.argv, { cwd: '/', env: plan.env, stdio: 'inherit' })
  let ended = false

  const exited = new Promise<RunExit>((resolve, reject) => {
    child.on('error', (cause) => {
      ended = true
      plan.finish()
      reject(cause)
    })
    child.on('exit', (exitCode, signal) => {
      ended = true
      // What bubblewrap prints goes to the caller's own standard error.
      const startProblem = plan.startProblem('')
      plan.finish()
      resolve({ exitCode, signal, startProblem })
    })
  })
  return {
    pid: child.pid ?? 0,
    signal(name) {
      if (ended || child.pid === undefined) return
      signalAll(treeOf(child.pid).slice(bounded ? aroundTheProgram : 0), name)
    },
    exited,
  }
}
