// Runs sandboxed commands for escapes.test.ts as whichever user it was started as: one JSON request a line in,
// one JSON answer a line out.
import { createInterface } from 'node:readline'
import { systemClock } from '../../../main/platform/clock.ts'
import type { SpecRequest } from '../../../main/sandbox/backend.ts'
import { createSandbox } from '../../../main/sandbox/create-sandbox.ts'
import { SandboxUnavailable } from '../../../main/sandbox/sandbox-unavailable.ts'

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
}

export type WorkerAnswer = {
  readonly exitCode: number | null
  readonly output: string
  /** Code of the SandboxProblem that stopped the start; or a start problem's words. */
  readonly problem: string | null
  readonly commandLines: string
}

async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
  const { launcher, stateDir } = request
  const sandbox = createSandbox({ launcher, stateDir, clock: systemClock })
  let output = ''
  let commandLines = ''
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
          commandLines = allCommandLines()
          run.write('\n')
        }
      },
    })
    const exit = await run.exited
    await Promise.all(stops)
    await undo.undo()
    return { exitCode: exit.exitCode, output, problem: exit.startProblem, commandLines }
  } catch (cause) {
    if (!(cause instanceof SandboxUnavailable)) throw cause
    return { exitCode: null, output, problem: cause.problem.code, commandLines }
  }
}

function allCommandLines(): string {
  const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return ''
      }
    })
    .join('\n')
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as WorkerRequest))}\n`)
}
