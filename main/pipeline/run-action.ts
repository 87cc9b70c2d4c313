import path from 'node:path'
import type { Action, CommandAction, FileChangeAction, Grant } from '../../protocol/action.ts'
import type { ActionId, TerminalId, TurnId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { HeldCall, SandboxSpec, Violation } from '../../protocol/sandbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { RunExit, Sandbox, SandboxRun } from '../sandbox/backend.ts'
import { watchDenied } from '../sandbox/watch-denied.ts'
import { activeTimer } from './active-timer.ts'
import type { Outcome, Started } from './handle-action.ts'
import type { HeldCalls } from './held-calls.ts'
import { plain } from './plain-output.ts'
import type { HeldRun, RunHold } from './run-hold.ts'
import type { SessionTerminals, Terminal } from './session-terminals.ts'

export type RunPorts = {
  readonly sandbox: Sandbox
  readonly terminals: SessionTerminals
  readonly clock: Clock
  readonly env: Readonly<Record<string, string>>
  newId(prefix: string): string
  log(entry: LogEntry): Promise<unknown>
  /** The spec of the session's present settings with this grant. @throws SandboxUnavailable */
  spec(grant: Grant): Promise<SandboxSpec>
  /** Text a running action printed, for the conversation; not in the log. */
  onOutput(actionId: ActionId, chunk: Uint8Array): void
  wroteOutside(actionId: ActionId, grant: Grant): Promise<void>
  readonly turnId: TurnId
  readonly held: HeldCalls
  /** Changes when the session's room is narrowed. */
  epoch(): number
  /** What of a command's refused calls is to wait for an answer. */
  holdLevel(spec: SandboxSpec): NonNullable<SandboxSpec['hold']>
  /** Whether calls are held in a run that wants it; said once. */
  noteHolding(up: { readonly holds: boolean; readonly why: string | null }): void
  limitHit(words: string): void
  /** A file that a denied pattern matches could not be closed. */
  notClosed(words: string): void
  /** What this command tripped over before in its session; empty when nothing is known. */
  trippedBefore(action: CommandAction): readonly Violation[]
  /** A run ended: what the boundary stopped in it, and the calls that the person was asked about. */
  tripped(action: CommandAction, violations: readonly Violation[], asked: readonly HeldCall[]): void
  /** Looks at what runs code later; the answer looks again after the run, and tells the session what differs. */
  watchRunsLater(spec: SandboxSpec, what: string): Promise<() => Promise<void>>
}

type Extra = {
  readonly timeoutMs: number
  readonly interactive: boolean
  /** Answered without a terminal; `exact` also without any change to the text, for tools that write it back. */
  readonly piped: 'no' | 'plain' | 'exact'
  readonly maxBytes: number
  readonly signal: AbortSignal
}

const notStarted = (problem: string): Outcome => ({
  status: 'notStarted',
  exitCode: null,
  signal: null,
  durationMs: 0,
  timedOut: false,
  output: '',
  outputBytes: 0,
  violations: [],
  problem,
})

const finished = (outcome: Outcome): Started => ({
  outcome: Promise.resolve(outcome),
  processId: null,
  soFar: () => outcome.output,
})

async function record(ports: RunPorts, actionId: ActionId, outcome: Outcome): Promise<Outcome> {
  const { timedOut, violations, calls, ...rest } = outcome
  await ports.log({
    type: 'outcome',
    actionId,
    ...rest,
    violations: [...violations],
    problem: rest.problem ?? (timedOut ? 'It was stopped: its time was up.' : null),
    ...(calls ? { calls } : {}),
  })
  return outcome
}

/** Runs one command in a PTY, or piped for reads. The `run` entry is on the disk before anything starts. */
export async function runCommand(
  actionId: ActionId,
  action: CommandAction,
  grant: Grant,
  extra: Extra,
  ports: RunPorts,
): Promise<Started> {
  const epoch = ports.epoch()
  let spec: SandboxSpec
  let prepared: { undo(): Promise<void> } = { undo: async () => {} }
  try {
    const seen = [...(action.escalation?.violations ?? []), ...ports.trippedBefore(action)]
    prepared = await ports.sandbox.prepareGrant(seen, grant)
    spec = await ports.spec(grant)
    if (extra.piped === 'no') spec = { ...spec, hold: ports.holdLevel(spec) }
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
    await prepared.undo()
    return finished(
      await record(ports, actionId, notStarted('The permissions were narrowed before it started.')),
    )
  }

  const boundary =
    spec.boundary === 'none'
      ? 'outside'
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
  terminal.notes = () => watch.hold.takeNotes()
  let run: SandboxRun
  try {
    run = await ports.sandbox.start({
      spec,
      argv: action.argv,
      cwd: action.cwd,
      env: ports.env,
      cols: 100,
      rows: 30,
      onData: (chunk) => {
        terminal.ring.write(chunk)
        terminal.output.add(chunk)
        ports.onOutput(actionId, chunk)
      },
      onHeld: (call, answer) => ports.held.hold(watch.hold, call, answer),
      onSettled: (id, by) => watch.hold.settled(id, by),
      onLimit: (_what, words) => {
        watch.limit = words
        ports.limitHit(words)
      },
    })
  } catch (error) {
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
    ).then(async (outcome) => {
      await tellRunsLater()
      return outcome
    }),
  }
}

/** What is known of a run besides its output: the calls it holds, and the limit it hit. */
type Watch = { readonly hold: RunHold; onWaiting: (waits: boolean) => void; limit: string | null }

function watchRun(run: HeldRun, ports: RunPorts): Watch {
  const watch: Watch = {
    hold: ports.held.begin(run, (waits) => watch.onWaiting(waits)),
    onWaiting: () => {},
    limit: null,
  }
  return watch
}

const lineOf = (action: CommandAction): string => (action.script ?? action.argv.join(' ')).slice(0, 2000)

async function finishRun(
  actionId: ActionId,
  action: CommandAction,
  grant: Grant,
  spec: SandboxSpec,
  terminal: Terminal,
  run: SandboxRun,
  startedAtMs: number,
  extra: Extra,
  ports: RunPorts,
  prepared: { undo(): Promise<void> },
  watch: Watch,
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
  const stopped = violations.filter((v) => v.kind === 'connect' || !watch.hold.answeredAbout(v.path))
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

/** Reads: exact bytes, no terminal. */
async function runPiped(
  actionId: ActionId,
  action: CommandAction,
  spec: SandboxSpec,
  extra: Extra,
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

/**
 * Writes an edit through a process inside the same sandbox, so that a link planted in the workspace cannot
 * lead the host's own hand outside. Stops at the first file that cannot be written and says which were.
 */
export async function runFileChange(
  actionId: ActionId,
  action: FileChangeAction,
  grant: Grant,
  extra: Pick<Extra, 'signal'>,
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

/** Whether a running program has more room than a mode gives. */
function isWider(spec: SandboxSpec, mode: 'read-only' | 'workspace-write'): boolean {
  if (spec.boundary === 'none' || spec.network === 'host' || spec.grantedPaths.length > 0) return true
  return mode === 'read-only' && spec.writableRoots.length > 0
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
