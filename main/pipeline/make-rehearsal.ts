import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { type CommandAction, type Grant, noGrant } from '../../protocol/action.ts'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { ItemId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { Rehearsal } from '../../protocol/rehearsal.ts'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Sandbox } from '../sandbox/backend.ts'
import type { RehearsalRun, RehearsedCopy, RehearsedRun } from '../sandbox/rehearse/rehearsal-run.ts'
import { describeRehearsal, recordOf } from './describe-rehearsal.ts'
import { runsLaterAt } from './mark-runs-later.ts'
import { PlainOutput } from './plain-output.ts'

export type RehearsePorts = {
  readonly sandbox: Sandbox
  readonly clock: Clock
  readonly env: Readonly<Record<string, string>>
  newId(prefix: string): string
  log(entry: LogEntry): Promise<unknown>
  spec(grant: Grant): Promise<SandboxSpec>
  /** false: the session ended, or its boundary is in doubt. */
  stands(): boolean
}

/** How long a rehearsal may take, in milliseconds, and what its copy may take on the disk, in bytes. */
export const rehearsalLimits = { timeMs: 60_000, bytes: 256 * 1024 * 1024 } as const

/** What a rehearsal is under way with. `over`: nobody waits for it any more. */
export type Attempt = {
  readonly grant: Grant
  run: RehearsalRun | null
  copy: RehearsedCopy | null
  readonly over: boolean
}

/**
 * Runs the command of a waiting request in a throwaway copy, without a network, and writes to the log what it did.
 *
 * @param row its `run` and `copy` are set as they come up
 * @throws Error when it could not be made
 */
export async function makeRehearsal(
  request: ApprovalRequest,
  action: CommandAction,
  row: Attempt,
  ports: RehearsePorts,
): Promise<Rehearsal> {
  const { sandbox, clock, env, newId, log } = ports
  const grant: Grant = row.grant.unsandboxed ? noGrant : { ...row.grant, network: false }
  const absent = await absentOf(grant.writePaths)
  const startedAtMs = clock.nowMs()
  const prepared = await sandbox.prepareGrant(action.escalation?.violations ?? [], grant)
  try {
    const spec = await ports.spec(grant)
    const output = new PlainOutput()
    row.run = await sandbox.rehearsals.run({
      spec,
      argv: action.argv,
      cwd: action.cwd,
      env,
      onData: (chunk) => output.add(chunk),
      timeoutMs: rehearsalLimits.timeMs,
      maxBytes: rehearsalLimits.bytes,
      madeForGrant: absent,
    })
    if (row.over) row.run.stop()
    const run: RehearsedRun = await row.run.ended
    row.copy = run.copy
    if (run.startProblem !== null) throw new Error(run.startProblem)
    const { exitCode } = run
    const violations = await sandbox.readViolations({
      spec: { ...spec, network: 'none' },
      cwd: action.cwd,
      output: output.text,
      exitCode,
    })
    const rehearsal = await describeRehearsal(run, {
      id: newId('rh'),
      atMs: startedAtMs,
      durationMs: Math.max(0, clock.nowMs() - startedAtMs),
      output: output.text,
      outputBytes: output.bytes,
      violations,
      grant: row.grant,
      runsLater: (path) => runsLaterAt(path, spec.writableRoots, homedir()),
    })
    await log({
      type: 'rehearsal',
      itemId: newId('it') as ItemId,
      actionId: request.actionId,
      approvalId: request.id,
      rehearsal: await recordOf(rehearsal, run),
    })
    return rehearsal
  } finally {
    await prepared.undo()
  }
}

/** Which of these paths are not there yet. */
async function absentOf(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => [],
        () => [path],
      ),
    ),
  )
  return found.flat()
}
