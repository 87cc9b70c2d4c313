import type { CommandAction, Grant } from '../../protocol/action.ts'
import type { ActionId, TurnId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { HeldCall, SandboxSpec, Violation } from '../../protocol/sandbox.ts'
import type { Clock } from '../platform/clock.ts'
import type { Sandbox } from '../sandbox/backend.ts'
import type { Outcome, Started } from './handle-action.ts'
import type { HeldCalls } from './held-calls.ts'
import type { RunWay } from './session-network.ts'
import type { SessionTerminals } from './session-terminals.ts'

/** What running an action needs of its session. */
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
  /** The way out of a run in this boundary; null: it has none but what the boundary says. @throws when it must not start */
  network(spec: SandboxSpec, actionId: ActionId): Promise<RunWay | null>
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

/** How one command is run. */
export type RunOptions = {
  readonly timeoutMs: number
  readonly interactive: boolean
  /** Answered without a terminal; `exact` also without any change to the text, for tools that write it back. */
  readonly piped: 'no' | 'plain' | 'exact'
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** Nothing ran, and why. */
export const notStarted = (problem: string): Outcome => ({
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

/** Something that was over before anybody could wait for it. */
export const finished = (outcome: Outcome): Started => ({
  outcome: Promise.resolve(outcome),
  processId: null,
  soFar: () => outcome.output,
})

/** Writes what came of an action to the log; answers it. */
export async function record(ports: RunPorts, actionId: ActionId, outcome: Outcome): Promise<Outcome> {
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

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
