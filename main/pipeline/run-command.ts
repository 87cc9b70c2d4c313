import type { CommandAction, Grant } from '../../protocol/action.ts'
import type { ActionId, TerminalId } from '../../protocol/ids.ts'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { SandboxRun } from '../sandbox/backend.ts'
import { watchDenied } from '../sandbox/watch-denied.ts'
import { finishRun, watchRun } from './finish-run.ts'
import type { Started } from './handle-action.ts'
import { finished, messageOf, notStarted, type RunOptions, type RunPorts, record } from './run-action.ts'
import { runPiped } from './run-piped.ts'
import type { RunWay } from './session-network.ts'

/** Runs one command in a PTY, or piped for reads. The `run` entry is on the disk before anything starts. */
export async function runCommand(
  actionId: ActionId,
  action: CommandAction,
  grant: Grant,
  extra: RunOptions,
  ports: RunPorts,
): Promise<Started> {
  const epoch = ports.epoch()
  let spec: SandboxSpec
  let prepared: { undo(): Promise<void> } = { undo: async () => {} }
  let way: RunWay | null = null
  try {
    const seen = [...(action.escalation?.violations ?? []), ...ports.trippedBefore(action)]
    prepared = await ports.sandbox.prepareGrant(seen, grant)
    spec = await ports.spec(grant)
    if (extra.piped === 'no') {
      way = await ports.network(spec, actionId)
      spec = { ...spec, hold: ports.holdLevel(spec), ...(way ? { network: 'proxied' } : {}) }
    }
  } catch (error) {
    await prepared.undo()
    return finished(await record(ports, actionId, notStarted(messageOf(error))))
  }
  const terminalId = extra.piped !== 'no' ? null : (ports.newId('tm') as TerminalId)
  await ports.log({ type: 'run', actionId, terminalId, argv: [...action.argv], cwd: action.cwd, spec })
  if (terminalId === null) return finished(await runPiped(actionId, action, spec, extra, ports, prepared))
  const tellRunsLater = await ports.watchRunsLater(spec, lineOf(action))
  // From here to the open terminal nothing waits: what narrows the session later finds it and stops it.
  if (epoch !== ports.epoch()) {
    way?.end()
    await prepared.undo()
    return finished(
      await record(ports, actionId, notStarted('The permissions were narrowed before it started.')),
    )
  }

  const boundary =
    spec.boundary !== 'bounded'
      ? spec.boundary === 'none'
        ? 'outside'
        : 'container'
      : spec.network === 'host' || spec.grantedPaths.length > 0
        ? 'granted'
        : 'sandboxed'
  const terminal = ports.terminals.open(
    {
      id: terminalId,
      actionId,
      title: (action.script ?? action.argv.join(' ')).slice(0, 120),
      boundary,
      running: true,
      writable: extra.interactive,
    },
    (mode) => isWider(spec, mode) || watch.hold.widened,
  )
  const startedAtMs = ports.clock.nowMs()
  const watch = watchRun(
    { actionId, turnId: ports.turnId, cwd: action.cwd, spec, command: lineOf(action), signal: extra.signal },
    ports,
  )
  way?.attach(watch.hold)
  terminal.notes = () => watch.hold.takeNotes()
  let run: SandboxRun
  try {
    run = await ports.sandbox.start({
      spec,
      argv: action.argv,
      cwd: action.cwd,
      env: way ? { ...ports.env, ...way.env } : ports.env,
      cols: 100,
      rows: 30,
      onData: (chunk) => {
        terminal.ring.write(chunk)
        terminal.output.add(chunk)
        ports.onOutput(actionId, chunk)
      },
      onHeld: (call, answer) => ports.held.hold(watch.hold, call, answer),
      onSettled: (id, by) => watch.hold.settled(id, by),
      ...(way ? { proxy: way.proxy } : {}),
      onLimit: (_what, words) => {
        watch.limit = words
        ports.limitHit(words)
      },
    })
  } catch (error) {
    way?.end()
    ports.terminals.close(terminal, { exitCode: null, signal: null, startProblem: messageOf(error) })
    await prepared.undo()
    return finished(await record(ports, actionId, notStarted(messageOf(error))))
  }
  terminal.run = run
  // Until a new file is closed, the supervisor of such a run looks at every open by itself.
  watchDenied(spec, run, (words) => ports.notClosed(words))
  if (terminal.stopWanted) void run.stop()
  if (spec.hold !== 'none' && spec.boundary === 'bounded') void run.up.then((up) => ports.noteHolding(up))
  return {
    processId: terminalId,
    soFar: () => terminal.output.text,
    async nothingHeld() {
      const { waits, idle } = watch.hold
      await idle
      return waits
    },
    takeNotes: () => watch.hold.takeNotes(),
    outcome: finishRun(
      actionId,
      action,
      grant,
      spec,
      terminal,
      run,
      startedAtMs,
      extra,
      ports,
      prepared,
      watch,
      way,
    ).then(async (outcome) => {
      await tellRunsLater()
      return outcome
    }),
  }
}

const lineOf = (action: CommandAction): string => (action.script ?? action.argv.join(' ')).slice(0, 2000)

/** Whether a running program has more room than a mode gives. */
function isWider(spec: SandboxSpec, mode: 'read-only' | 'workspace-write'): boolean {
  if (spec.boundary !== 'bounded' || spec.network === 'host' || spec.grantedPaths.length > 0) return true
  return mode === 'read-only' && spec.writableRoots.length > 0
}
