import type { CommandAction, Grant } from '../../protocol/action.ts'
import type { ActionId } from '../../protocol/ids.ts'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { RunExit, SandboxRun } from '../sandbox/backend.ts'
import { activeTimer } from './active-timer.ts'
import type { Outcome } from './handle-action.ts'
import { type RunOptions, type RunPorts, record } from './run-action.ts'
import type { HeldRun, RunHold } from './run-hold.ts'
import type { RunWay } from './session-network.ts'
import type { Terminal } from './session-terminals.ts'

/** What is known of a run besides its output: the calls it holds, and the limit it hit. */
export type Watch = { readonly hold: RunHold; onWaiting: (waits: boolean) => void; limit: string | null }

/** From before the run starts, so that no call is missed. */
export function watchRun(run: HeldRun, ports: RunPorts): Watch {
  const watch: Watch = {
    hold: ports.held.begin(run, (waits) => watch.onWaiting(waits)),
    onWaiting: () => {},
    limit: null,
  }
  return watch
}

/** Waits for the end of a run, ends it when its time is up or its turn is, and records what came of it. */
export async function finishRun(
  actionId: ActionId,
  action: CommandAction,
  grant: Grant,
  spec: SandboxSpec,
  terminal: Terminal,
  run: SandboxRun,
  startedAtMs: number,
  extra: RunOptions,
  ports: RunPorts,
  prepared: { undo(): Promise<void> },
  watch: Watch,
  way: RunWay | null,
): Promise<Outcome> {
  let ended: 'itself' | 'stopped' | 'timedOut' = 'itself'
  const stop = (why: 'stopped' | 'timedOut') => (): void => {
    if (ended !== 'itself') return
    ended = why
    void run.stop()
  }
  const onAbort = stop('stopped')
  if (extra.signal.aborted) onAbort()
  extra.signal.addEventListener('abort', onAbort)
  // The time that a call waits for the person is not the command's.
  const timer = activeTimer(ports.clock, extra.timeoutMs, stop('timedOut'))
  watch.onWaiting = (waits) => timer.pause(waits)
  timer.pause(watch.hold.waits)
  const exit: RunExit = await run.exited
  watch.hold.end()
  way?.end()
  timer.cancel()
  extra.signal.removeEventListener('abort', onAbort)
  ports.terminals.close(terminal, exit)
  await prepared.undo()
  const output = terminal.output.text
  const why = ended as 'itself' | 'stopped' | 'timedOut'
  const violations =
    why === 'itself' && spec.boundary === 'bounded' && exit.startProblem === null
      ? await ports.sandbox.readViolations({ spec, cwd: action.cwd, output, exitCode: exit.exitCode })
      : []
  // What the proxy refused on this machine stands in no output that could be read for it.
  const local = why === 'itself' ? ((await way?.refused()) ?? []) : []
  const stopped = [
    ...local,
    ...violations.filter((v) => v.kind === 'connect' || !watch.hold.answeredAbout(v.path)),
  ]
  if (exit.startProblem === null) {
    ports.tripped(action, stopped, watch.hold.asked)
    const writePaths = [...new Set([...grant.writePaths, ...watch.hold.wrote])]
    await ports.wroteOutside(actionId, { ...grant, writePaths })
  }
  return record(ports, actionId, {
    status: exit.startProblem !== null ? 'notStarted' : why === 'itself' ? 'ran' : 'stopped',
    exitCode: exit.exitCode,
    signal: exit.signal,
    durationMs: ports.clock.nowMs() - startedAtMs,
    timedOut: why === 'timedOut',
    output,
    outputBytes: terminal.output.bytes,
    violations: stopped,
    problem: exit.startProblem ?? watch.limit ?? (terminal.stopWanted ? 'It was stopped.' : null),
    calls: watch.hold.counts,
  })
}
