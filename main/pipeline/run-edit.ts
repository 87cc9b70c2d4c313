import path from 'node:path'
import type { Action, FileChangeAction, Grant } from '../../protocol/action.ts'
import type { ActionId } from '../../protocol/ids.ts'
import type { SandboxSpec, Violation } from '../../protocol/sandbox.ts'
import type { Started } from './handle-action.ts'
import { plain } from './plain-output.ts'
import { finished, messageOf, notStarted, type RunOptions, type RunPorts, record } from './run-action.ts'

/**
 * Writes an edit through a process inside the same sandbox, so that a link planted in the workspace cannot
 * lead the host's own hand outside. Stops at the first file that cannot be written and says which were.
 */
export async function runFileChange(
  actionId: ActionId,
  action: FileChangeAction,
  grant: Grant,
  extra: Pick<RunOptions, 'signal'>,
  ports: RunPorts,
): Promise<Started> {
  const startedAtMs = ports.clock.nowMs()
  let spec: SandboxSpec
  const wanted: Violation[] = grant.writePaths.map((p) => ({
    kind: 'write',
    path: p,
    wants: 'file',
    protected: false,
    evidence: '',
  }))
  let prepared: { undo(): Promise<void> } = { undo: async () => {} }
  try {
    prepared = await ports.sandbox.prepareGrant(wanted, grant)
    spec = await ports.spec(grant)
  } catch (error) {
    await prepared.undo()
    return finished(await record(ports, actionId, notStarted(messageOf(error))))
  }
  await ports.log({
    type: 'run',
    actionId,
    terminalId: null,
    argv: ['(edit)', ...action.edits.map((e) => e.path)],
    cwd: action.cwd,
    spec,
  })
  const tellRunsLater = await ports.watchRunsLater(
    spec,
    `an edit of ${action.edits.map((e) => e.path).join(', ')}`,
  )
  const done: string[] = []
  let problem: string | null = null
  let exitCode = 0
  for (const edit of action.edits) {
    const script =
      edit.content === null
        ? 'rm -- "$1"'
        : '[ -d "$(dirname -- "$1")" ] || mkdir -p -- "$(dirname -- "$1")"; cat > "$1"'
    const result = await ports.sandbox.pipe({
      spec,
      argv: ['/bin/sh', '-c', script, 'edit', edit.path],
      cwd: action.cwd,
      env: ports.env,
      stdin: edit.content === null ? null : new TextEncoder().encode(edit.content),
      maxBytes: 16 * 1024,
      timeoutMs: 60_000,
      signal: extra.signal,
    })
    if (result.startProblem !== null || result.exitCode !== 0) {
      exitCode = result.exitCode ?? 1
      const why = result.startProblem ?? plain(result.stderr).trim()
      problem = `${edit.path} was not written: ${why}.${done.length > 0 ? ` Written before it: ${done.join(', ')}.` : ''}`
      break
    }
    done.push(edit.path)
  }
  await prepared.undo()
  await tellRunsLater()
  await ports.wroteOutside(actionId, grant)
  const words = done.map((p) => `${path.relative(action.cwd, p) || p}`).join(', ')
  return finished(
    await record(ports, actionId, {
      status: extra.signal.aborted ? 'stopped' : 'ran',
      exitCode,
      signal: null,
      durationMs: ports.clock.nowMs() - startedAtMs,
      timedOut: false,
      output: problem ?? `Written: ${words}`,
      outputBytes: 0,
      violations: [],
      problem,
    }),
  )
}

/** A grant or an input takes effect at once; the entry pair keeps the record whole. */
export async function runAtOnce(
  actionId: ActionId,
  action: Action,
  spec: SandboxSpec,
  ports: RunPorts,
  words: string,
): Promise<Started> {
  await ports.log({
    type: 'run',
    actionId,
    terminalId: null,
    argv: [`(${action.kind})`],
    cwd: action.cwd,
    spec,
  })
  return finished(
    await record(ports, actionId, {
      status: 'ran',
      exitCode: null,
      signal: null,
      durationMs: 0,
      timedOut: false,
      output: words,
      outputBytes: 0,
      violations: [],
      problem: null,
    }),
  )
}
