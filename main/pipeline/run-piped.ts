import type { CommandAction } from '../../protocol/action.ts'
import type { ActionId } from '../../protocol/ids.ts'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { Outcome } from './handle-action.ts'
import { plain } from './plain-output.ts'
import { type RunOptions, type RunPorts, record } from './run-action.ts'

/** Reads: exact bytes, no terminal. */
export async function runPiped(
  actionId: ActionId,
  action: CommandAction,
  spec: SandboxSpec,
  extra: RunOptions,
  ports: RunPorts,
  prepared: { undo(): Promise<void> },
): Promise<Outcome> {
  const startedAtMs = ports.clock.nowMs()
  const result = await ports.sandbox.pipe({
    spec,
    argv: action.argv,
    cwd: action.cwd,
    env: ports.env,
    stdin: null,
    maxBytes: extra.maxBytes,
    timeoutMs: extra.timeoutMs,
    signal: extra.signal,
  })
  await prepared.undo()
  const cut = result.cut ? '\n… the rest is left out …\n' : ''
  const text =
    extra.piped === 'exact' && result.exitCode === 0
      ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(result.stdout)
      : `${plain(result.stdout)}${cut}${result.exitCode === 0 ? '' : plain(result.stderr)}`
  // The log keeps what a person can read; the agent gets the whole.
  const output =
    text.length > 64 * 1024 ? `${text.slice(0, 16 * 1024)}\n… ${text.length} characters in all …\n` : text
  const outcome = await record(ports, actionId, {
    status: result.startProblem !== null ? 'notStarted' : extra.signal.aborted ? 'stopped' : 'ran',
    exitCode: result.exitCode,
    signal: null,
    durationMs: ports.clock.nowMs() - startedAtMs,
    timedOut: false,
    output,
    outputBytes: result.stdout.byteLength,
    violations: [],
    problem: result.startProblem,
  })
  return { ...outcome, output: text }
}
