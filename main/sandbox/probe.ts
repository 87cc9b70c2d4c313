import { execFile } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import type { Probe, SandboxSpec } from '../../protocol/sandbox.ts'
import type { Sandbox } from './backend.ts'
import { launcherInside } from './bwrap-argv.ts'
import { isWithin } from './paths.ts'
import { type Attempt, type Choice, chooseAttempts } from './probes/choose-attempts.ts'
import { type Lures, putOut } from './probes/lures.ts'
import { type ProbeAnswer, readAnswers } from './probes/read-answers.ts'

/** How long all attempts of one start may take, in milliseconds. They take about 15. */
const roundMs = 10_000

type Context = { readonly sandbox: Sandbox; readonly launcher: string | null; readonly stateDir: string }
type Held = { readonly path: string; readonly directory: string }

/** Whether calls are held on this machine, asked once per sandbox. */
const canHold = new WeakMap<Sandbox, boolean>()

/**
 * Tries what the spec forbids, for real and inside the real boundary: all attempts in one start, and in another the
 * same ones on the host, where they must work, or they would prove nothing. `blocked` is true only when both were
 * seen. What the spec allows is not tried; without a boundary nothing is.
 *
 * @throws SandboxUnavailable when no boundary can be built
 */
export async function probe(context: Context, spec: SandboxSpec, folder: string): Promise<readonly Probe[]> {
  const { launcher, sandbox } = context
  if (spec.boundary === 'none' || launcher === null) return []
  const lures = await putOut(context.stateDir, spec.tmp === 'private')
  try {
    const choices = chooseAttempts(spec, await realpath(folder), lures, await holdsHere(sandbox, spec))
    const chosen = await tryOutside(launcher, choices)
    const made = chosen.filter((each) => each.control !== 'failed')
    const held: Held[] = []
    const { answers, problem } = await tryInside(
      sandbox,
      spec,
      spec.boundary === 'container' ? launcher : launcherInside,
      made.map(({ attempt }) => attempt),
      held,
    )
    const probes = chosen.map((each) => {
      const { attempt, control } = each
      if (control === 'failed')
        return told(attempt, false, 'It does not work without a boundary either, so it proves nothing.')
      const answer = answers[made.indexOf(each)] ?? null
      return judge(attempt, answer, control, problem, held)
    })
    return await askListeners(probes, lures)
  } finally {
    await lures.remove()
  }
}

async function holdsHere(sandbox: Sandbox, spec: SandboxSpec): Promise<boolean> {
  if ((spec.hold ?? 'none') === 'none') return false
  const known = canHold.get(sandbox)
  if (known !== undefined) return known
  const found = await sandbox.detect()
  if ('problem' in found) return true // then no attempt can be made, which the round says
  canHold.set(sandbox, found.abilities.holds)
  return found.abilities.holds
}

type Chosen = { readonly attempt: Attempt; readonly control: 'worked' | 'none' | 'failed' }

/** Makes the attempts outside, and takes of each choice the first that works there. */
async function tryOutside(launcher: string, choices: readonly Choice[]): Promise<readonly Chosen[]> {
  const all = choices.flatMap(({ options }) => options)
  const controls = all.flatMap(({ control }) => (control ? [control] : []))
  const said = await new Promise<string>((resolve) => {
    const options = { timeout: roundMs, env: {}, cwd: '/' }
    execFile(launcher, ['--probe', ...controls.flat()], options, (_error, stdout) => resolve(stdout))
  })
  const answers = readAnswers(
    said,
    controls.map(([kind]) => kind),
  )
  const worked = (attempt: Attempt): boolean => {
    const at = attempt.control === null ? -1 : controls.indexOf(attempt.control)
    return answers[at]?.came === 'opened'
  }
  return choices.flatMap(({ options, otherwise }): readonly Chosen[] => {
    const attempt = options.find(worked)
    if (attempt) return [{ attempt, control: 'worked' }]
    const [first] = options
    if (!first || otherwise === 'leave') return []
    return [{ attempt: first, control: first.weight === 'asked' ? 'none' : 'failed' }]
  })
}

async function tryInside(
  sandbox: Sandbox,
  spec: SandboxSpec,
  program: string,
  attempts: readonly Attempt[],
  held: Held[],
): Promise<{ readonly answers: readonly ProbeAnswer[]; readonly problem: string }> {
  const holding = attempts.some(({ kind }) => kind === 'held')
  const inside = await sandbox.pipe({
    spec: holding ? spec : { ...spec, hold: 'none' },
    argv: [program, '--probe', ...attempts.flatMap(({ kind, argument }) => [kind, argument])],
    cwd: '/',
    env: {},
    stdin: null,
    maxBytes: 16 * 1024,
    timeoutMs: roundMs,
    signal: null,
    ...(holding
      ? {
          onHeld: (call, answer) => {
            held.push({ path: call.path, directory: call.directory })
            answer({ verdict: 'deny', remember: false })
          },
        }
      : {}),
  })
  const kinds = attempts.map(({ kind }) => kind)
  return {
    answers: readAnswers(Buffer.from(inside.stdout).toString('utf8'), kinds),
    problem: inside.startProblem ?? 'it gave no answer',
  }
}

function judge(
  attempt: Attempt,
  answer: ProbeAnswer,
  control: 'worked' | 'none',
  problem: string,
  held: readonly Held[],
): Probe {
  const { kind, target, argument } = attempt
  if (answer === null) return told(attempt, false, `The attempt was not made: ${problem}`)
  if (answer.came === 'opened') return { ...told(attempt, true, 'It went through.'), control }
  // What was refused without a question shows that nothing is held, whatever the kernel did.
  const asked = held.some(({ path, directory }) => [path, directory].some((p) => isWithin(p, argument)))
  if (kind === 'held' && !asked) return told(attempt, false, 'It was refused, but nobody was asked.')
  const words = kind === 'held' ? `held, then refused: ${answer.words}` : answer.words
  return { kind, target, blocked: true, control, detail: words }
}

const told = ({ kind, target }: Attempt, made: boolean, detail: string): Probe => ({
  kind,
  target,
  blocked: false,
  made,
  detail,
})

/** The listeners are the better witnesses: each must have heard from the attempt outside, and from it alone. */
async function askListeners(probes: readonly Probe[], lures: Lures): Promise<readonly Probe[]> {
  return Promise.all(
    probes.map(async (each) => {
      if ((each.kind !== 'connect' && each.kind !== 'socket') || each.made === false) return each
      const arrived = await (each.kind === 'connect' ? lures.port : lures.socket).arrived()
      return arrived === 1
        ? each
        : { ...each, blocked: false, made: true, detail: `${arrived} attempts arrived where 1 was made.` }
    }),
  )
}
