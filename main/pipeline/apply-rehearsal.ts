import type { CommandAction, Grant } from '../../protocol/action.ts'
import type { ActionId } from '../../protocol/ids.ts'
import type { Rehearsal } from '../../protocol/rehearsal.ts'
import type { RehearsedCopy } from '../sandbox/rehearse/rehearsal-run.ts'
import type { Outcome, Started } from './handle-action.ts'
import { messageOf, type RunPorts } from './run-action.ts'

/**
 * In place of running a command: copies what its rehearsal changed. The `run` entry is on the disk before, and the
 * agent is told the output of the rehearsal.
 */
export async function applyRehearsal(
  actionId: ActionId,
  action: CommandAction,
  grant: Grant,
  rehearsed: { readonly rehearsal: Rehearsal; readonly copy: RehearsedCopy },
  signal: AbortSignal,
  ports: RunPorts,
): Promise<Started & { readonly problem: string | null }> {
  const startedAtMs = ports.clock.nowMs()
  const { rehearsal, copy } = rehearsed
  let problem: string | null
  let prepared: { undo(): Promise<void> } = { undo: async () => {} }
  try {
    prepared = await ports.sandbox.prepareGrant(action.escalation?.violations ?? [], grant)
    const spec = await ports.spec(grant)
    await ports.log({
      type: 'run',
      actionId,
      terminalId: null,
      argv: ['(apply what was rehearsed)', ...action.argv],
      cwd: action.cwd,
      spec,
    })
    problem = await copy.apply(spec, signal)
    await ports.wroteOutside(actionId, grant)
  } catch (error) {
    problem = messageOf(error)
  } finally {
    await prepared.undo()
  }
  const done = problem === null
  const facts = {
    status: done ? ('ran' as const) : ('notStarted' as const),
    exitCode: done ? rehearsal.exitCode : null,
    signal: null,
    durationMs: ports.clock.nowMs() - startedAtMs,
    output: done ? rehearsal.output : '',
    outputBytes: done ? rehearsal.outputBytes : 0,
    problem,
  }
  await ports.log({ type: 'outcome', actionId, ...facts, violations: [] })
  const outcome: Outcome = { ...facts, timedOut: false, violations: [] }
  return { outcome: Promise.resolve(outcome), processId: null, soFar: () => outcome.output, problem }
}
