// Runs sandboxed commands for escapes.test.ts as whichever user it was started as: one JSON request a line in,
// one JSON answer a line out.
import { createInterface } from 'node:readline'
import { systemClock } from '../../../main/platform/clock.ts'
import type { Sandbox, SpecRequest } from '../../../main/sandbox/backend.ts'
import { createSandbox } from '../../../main/sandbox/create-sandbox.ts'
import { SandboxUnavailable } from '../../../main/sandbox/sandbox-unavailable.ts'
import { watchDenied } from '../../../main/sandbox/watch-denied.ts'
import type { HeldAnswer, HeldCall } from '../../../protocol/sandbox.ts'
import { commandLines as allCommandLines } from './processes-with.ts'

/** What a held call at or below `path` is told. `wait`: nothing, for as long as the run goes on. */
export type HeldRule = { readonly path: string; readonly answer: HeldAnswer | 'wait' }

export type WorkerRequest = {
  readonly spec: SpecRequest
  readonly script: string
  readonly env: Readonly<Record<string, string>>
  readonly launcher: string
  readonly stateDir: string
  /** Ends the run as soon as the output holds this. null: waits for its own end. */
  readonly stopAt: string | null
  /** Also looks at the command lines of all processes while the run waits for a line of input. */
  readonly look: boolean
  /** The first rule that fits answers; a call without one is denied. null: nobody is asked, so nothing is held. */
  readonly held: readonly HeldRule[] | null
}

export type WorkerAnswer = {
  readonly exitCode: number | null
  readonly output: string
  /** Code of the SandboxProblem that stopped the start; or a start problem's words. */
  readonly problem: string | null
  /** Why it was ended although it ran: its supervisor failed. null: it did not. */
  readonly lost: string | null
  readonly commandLines: string
  /** Every call that was held, in this order. */
  readonly held: readonly HeldCall[]
  /** Calls that were void before they were answered: `ID by`. */
  readonly settled: readonly string[]
  /** Limits that were hit: `what words`. */
  readonly limits: readonly string[]
  /** Whether calls were held, and if not, why. */
  readonly up: { readonly holds: boolean; readonly why: string | null; readonly noLimits?: string } | null
}

/** One for each state folder, as a host has one. */
const sandboxes = new Map<string, Sandbox>()
function sandboxOf({ launcher, stateDir }: WorkerRequest): Sandbox {
  const known = sandboxes.get(stateDir)
  if (known) return known
  const sandbox = createSandbox({ launcher, stateDir, clock: systemClock })
  sandboxes.set(stateDir, sandbox)
  return sandbox
}

async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
  const sandbox = sandboxOf(request)
  let output = ''
  let commandLines = ''
  const held: HeldCall[] = []
  const settled: string[] = []
  const limits: string[] = []
  const seen = () => ({ output, commandLines, held, settled, limits })
  const rules = request.held
  try {
    const undo = await sandbox.prepareGrant([], request.spec.grant)
    const spec = await sandbox.buildSpec(request.spec)
    const stops: Promise<void>[] = []
    const run = await sandbox.start({
      spec,
      argv: ['bash', '-c', request.script],
      cwd: request.spec.folder,
      env: request.env,
      cols: 200,
      rows: 24,
      onData(chunk) {
        output += Buffer.from(chunk).toString('utf8')
        if (request.stopAt && output.includes(request.stopAt)) stops.push(run.stop())
        if (request.look && output.includes('looking') && commandLines === '') {
          commandLines = allCommandLines().join('\n')
          run.write('\n')
        }
      },
      ...(rules && {
        onHeld(call: HeldCall, tell: (answer: HeldAnswer) => void) {
          held.push(call)
          const rule = rules.find(({ path }) => call.path === path || call.path.startsWith(`${path}/`))
          if (rule?.answer !== 'wait') tell(rule?.answer ?? { verdict: 'deny', remember: false })
        },
      }),
      onSettled: (id, by) => void settled.push(`${id} ${by}`),
      onLimit: (what, words) => void limits.push(`${what} ${words}`),
    })
    // As a session does.
    const problems: string[] = []
    watchDenied(spec, run, (words) => problems.push(words))
    const exit = await run.exited
    await Promise.all(stops)
    await undo.undo()
    const { exitCode, startProblem: problem, lost = null } = exit
    return { exitCode, problem: problem ?? problems[0] ?? null, lost, up: await run.up, ...seen() }
  } catch (cause) {
    if (!(cause instanceof SandboxUnavailable)) throw cause
    return { exitCode: null, problem: cause.problem.code, lost: null, up: null, ...seen() }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as WorkerRequest))}\n`)
}
