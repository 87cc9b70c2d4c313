import { constants } from 'node:os'
import { getSystemErrorMessage } from 'node:util'
import type { RunExit } from './backend.ts'
import type { RunReport } from './control/run-control.ts'

type Started = { readonly argv: readonly string[]; readonly cwd: string; readonly bounded: boolean }

/**
 * How a run ended, from what its launcher reported and how the launcher's process ended.
 *
 * @param output what was printed first; bubblewrap prints there why it could not build the boundary
 */
export function runExit(
  run: Started,
  report: RunReport,
  process: { readonly code: number | null; readonly signal: string | null },
  output: string,
): RunExit {
  const problem = startProblem(run, report, output)
  if (problem !== null) return { exitCode: null, signal: null, startProblem: problem }
  if (!run.bounded) {
    const { code, signal } = process
    return { exitCode: signal === null ? code : null, signal, startProblem: null }
  }
  const { exit, broken } = report
  if (broken !== null || exit === null) {
    const lost = `The run was ended, because the supervisor of its boundary failed: ${broken ?? 'it was lost'}.`
    return { exitCode: null, signal: process.signal ?? 'SIGKILL', startProblem: null, lost }
  }
  return exit.code >= 0
    ? { exitCode: exit.code, signal: null, startProblem: null }
    : { exitCode: null, signal: signalName(exit.signal), startProblem: null }
}

const starting: Record<string, string> = { cwd: 'its folder', exec: 'the program', bwrap: 'bubblewrap' }

/** Why the command never ran; null when it did. */
function startProblem(run: Started, { up, problem, broken }: RunReport, output: string): string | null {
  const said = output.split('\n').find((line) => line.startsWith('bwrap: '))
  if (problem !== null) {
    const { what, errno, words } = problem
    if (what === 'bwrap' && said) return said.slice(0, 300).trim()
    // A protected path that is absent, and became something else, or could not be held, before the start.
    if (what === 'standIn') return `${words}: ${errorWords(errno)} (keeping it closed)`
    const name = what === 'cwd' ? run.cwd : what === 'exec' ? run.argv[0] : what
    return `${name}: ${words} (starting ${starting[what] ?? 'the boundary'})`
  }
  if (up) return null
  // The launcher never came up, so whatever was printed comes from bubblewrap or the launcher.
  const first = (said ?? output.trim()).slice(0, 300).trim()
  if (first) return first
  return broken === null
    ? 'The boundary could not be built, and bubblewrap did not say why.'
    : `The boundary could not be built: the launcher failed (${broken}).`
}

const errorWords = (errno: number): string =>
  errno === constants.errno.ELOOP ? 'it is a symlink' : getSystemErrorMessage(-errno)

export const signalName = (number: number): string =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`
