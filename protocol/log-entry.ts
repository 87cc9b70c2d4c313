import { z } from 'zod'
import { Action } from './action.ts'
import { ApprovalRequest, Decision, WithdrawReason } from './approvals.ts'
import { ActionId, ApprovalId, ItemId, SessionId, TerminalId, TurnId } from './ids.ts'
import { HostProtocol, NetworkFlow } from './network.ts'
import { RehearsalRecord } from './rehearsal.ts'
import { ReviewerName } from './reviewer.ts'
import { HeldAnswer, HeldCall, HeldCounts, Probe, SandboxSpec, Violation } from './sandbox.ts'
import { AgentSpec } from './sessions.ts'
import { Settings } from './settings.ts'
import { Verdict } from './verdict.ts'

/** Raised with every change of shape; old versions are migrated when read. */
export const logFormat = 1

/** Every kind of line of a session log. `seq`, `atMs` and `prev` are added by the writer. */
export const LogEntry = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('sessionStart'),
    format: z.int(),
    sessionId: SessionId,
    appVersion: z.string(),
    folder: z.string(),
    branch: z.string().nullable(),
    title: z.string(),
    agent: AgentSpec,
    agentName: z.string(),
    settings: Settings,
  }),
  z.object({
    type: z.literal('sandboxVerified'),
    itemId: ItemId,
    backend: z.string(),
    probes: z.array(Probe),
  }),
  /** The container is the boundary, as the settings say; the attempts are those that our own narrowing must stop. */
  z.object({
    type: z.literal('containerStands'),
    itemId: ItemId,
    container: z.string(),
    probes: z.array(Probe),
  }),
  /** The same attempts again, all stopped. Not an event of the session, so it has no item. */
  z.object({ type: z.literal('sandboxStillHolds'), attempts: z.int() }),
  /** A round that proved nothing; the next one decides. */
  z.object({ type: z.literal('sandboxUnproven'), detail: z.string(), probes: z.array(Probe) }),
  /** Everything was stopped; only `sandboxVerified` by a person's check leads on. */
  z.object({
    type: z.literal('sandboxFrozen'),
    itemId: ItemId,
    why: z.enum(['open', 'unproven']),
    target: z.string(),
    detail: z.string(),
    probes: z.array(Probe),
    stopped: z.int(),
    withdrawn: z.int(),
  }),
  z.object({
    type: z.literal('settingsChanged'),
    itemId: ItemId,
    from: Settings,
    to: Settings,
    by: z.enum(['user', 'leaseEnded', 'policyChanged']),
    note: z.string().nullable(),
  }),
  z.object({
    type: z.literal('turnStart'),
    turnId: TurnId,
    itemId: ItemId,
    prompt: z.string(),
    checkpoint: z.string().nullable(),
  }),
  z.object({
    type: z.literal('turnEnd'),
    turnId: TurnId,
    itemId: ItemId,
    reason: z.enum([
      'done',
      'interrupted',
      'stoppedByDenial',
      'failed',
      'appStopped',
      'sessionEnded',
      'frozen',
    ]),
    detail: z.string().nullable(),
  }),
  z.object({
    type: z.literal('message'),
    itemId: ItemId,
    turnId: TurnId.nullable(),
    voice: z.enum(['message', 'thought']),
    text: z.string(),
  }),
  z.object({
    type: z.literal('action'),
    actionId: ActionId,
    itemId: ItemId,
    turnId: TurnId.nullable(),
    action: Action,
    agentSays: z.string().nullable(),
    causedBy: ActionId.nullable(),
  }),
  z.object({ type: z.literal('verdict'), actionId: ActionId, verdict: Verdict }),
  /** The whole card as it was shown. */
  z.object({ type: z.literal('request'), actionId: ActionId, request: ApprovalRequest }),
  z.object({
    type: z.literal('decision'),
    actionId: ActionId,
    approvalId: ApprovalId,
    revision: z.int(),
    digest: z.string(),
    by: ReviewerName,
    decision: Decision,
    lookMs: z.int(),
    waitedMs: z.int(),
    releaseAtMs: z.int(),
  }),
  /** What came of the rule that was saved with an answer. `ruleId` null: it was not saved, with the reason. */
  z.object({
    type: z.literal('ruleSaved'),
    itemId: ItemId,
    approvalId: ApprovalId,
    ruleId: z.string().nullable(),
    file: z.string(),
    problem: z.string().nullable(),
  }),
  z.object({ type: z.literal('decisionUndone'), actionId: ActionId, approvalId: ApprovalId }),
  z.object({ type: z.literal('parked'), approvalId: ApprovalId, parked: z.boolean() }),
  z.object({
    type: z.literal('withdrawn'),
    actionId: ActionId,
    approvalId: ApprovalId,
    reason: WithdrawReason,
  }),
  /** Another held call asks what this one asks already; one answer is for both. */
  z.object({ type: z.literal('heldJoined'), actionId: ActionId, runActionId: ActionId, held: HeldCall }),
  /** What the calls of one question are told, before they are told. null: nobody waits for it any more. */
  z.object({
    type: z.literal('heldAnswer'),
    actionId: ActionId,
    answer: HeldAnswer.nullable(),
    calls: z.array(z.object({ runActionId: ActionId, id: z.int() })),
  }),
  /** A held call that nobody was asked about, once per path and run: its verdict, before it is answered. */
  z.object({
    type: z.literal('heldByPolicy'),
    /** The run whose process called. */
    actionId: ActionId,
    held: HeldCall,
    verdict: Verdict,
    answer: HeldAnswer,
  }),
  /** Another connection wants what this question is about; one answer is for both. */
  z.object({ type: z.literal('hostJoined'), actionId: ActionId, runActionId: ActionId, flow: z.string() }),
  /** What the connections of one question are told, before they are told. `why` is what the program reads. */
  z.object({
    type: z.literal('hostAnswer'),
    actionId: ActionId,
    allow: z.boolean(),
    why: z.string(),
    flows: z.array(z.object({ runActionId: ActionId, flow: z.string() })),
  }),
  /** A host that nobody was asked about, once per host, port and run: its verdict. */
  z.object({
    type: z.literal('hostByPolicy'),
    /** The run whose process connects. */
    actionId: ActionId,
    host: z.string(),
    port: z.int(),
    protocol: HostProtocol,
    verdict: Verdict,
  }),
  /** A connection of a run: when it is open, and when it is over. */
  z.object({ type: z.literal('flow'), actionId: ActionId, flow: NetworkFlow }),
  /** Whether calls of this session's commands can be held, when that is first known and when it changes. */
  z.object({ type: z.literal('holding'), itemId: ItemId, holds: z.boolean(), why: z.string().nullable() }),
  /** Written before the process starts: what really runs, and in what boundary. */
  z.object({
    type: z.literal('run'),
    actionId: ActionId,
    terminalId: TerminalId.nullable(),
    argv: z.array(z.string()),
    cwd: z.string(),
    spec: SandboxSpec,
  }),
  z.object({
    type: z.literal('outcome'),
    actionId: ActionId,
    status: z.enum(['ran', 'stopped', 'notStarted', 'cutShort']),
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    durationMs: z.int(),
    output: z.string(),
    outputBytes: z.int(),
    violations: z.array(Violation),
    problem: z.string().nullable(),
    /** Its file calls that waited. Absent: none did. */
    calls: HeldCounts.optional(),
  }),
  /** An item worked in the dark: what a person kept or put back in the diff. */
  z.object({
    type: z.literal('review'),
    itemId: ItemId,
    path: z.string(),
    hunkId: z.string().nullable(),
    verb: z.enum(['keep', 'unkeep', 'revert']),
    what: z.string(),
  }),
  z.object({ type: z.literal('wroteOutside'), path: z.string(), actionId: ActionId }),
  z.object({ type: z.literal('usage'), inputTokens: z.int(), outputTokens: z.int() }),
  z.object({
    type: z.literal('notice'),
    itemId: ItemId,
    turnId: TurnId.nullable(),
    level: z.enum(['info', 'warning', 'problem']),
    title: z.string(),
    detail: z.string(),
  }),
  /** Configuration, requirements or rules changed while the session ran; in force for its next action. */
  z.object({
    type: z.literal('policyChanged'),
    itemId: ItemId,
    /** Files that changed, with a sentence for each. */
    changes: z.array(z.object({ file: z.string(), what: z.string() })),
    /** sha256 (hex) over everything that is in force now. */
    digest: z.string(),
    problems: z.array(z.string()),
  }),
  /** The command of a waiting request ran on a throwaway copy; nothing was answered by it. */
  z.object({
    type: z.literal('rehearsal'),
    itemId: ItemId,
    actionId: ActionId,
    approvalId: ApprovalId,
    rehearsal: RehearsalRecord,
  }),
  /**
   * What became of a rehearsal. `replayed`: the command ran for real, and `differences` says where that came out
   * otherwise. `applied`: its changes were copied instead.
   */
  z.object({
    type: z.literal('rehearsalUsed'),
    itemId: ItemId,
    actionId: ActionId,
    rehearsalId: z.string(),
    how: z.enum(['replayed', 'applied', 'discarded']),
    differences: z.array(z.string()),
  }),
  z.object({ type: z.literal('paused'), paused: z.boolean() }),
  z.object({
    type: z.literal('sessionEnd'),
    reason: z.enum(['user', 'agentExited', 'appClosed', 'appStopped', 'failed']),
    detail: z.string().nullable(),
  }),
])
export type LogEntry = z.infer<typeof LogEntry>

/** One line as it stands on the disk. */
export type LogLine = LogEntry & {
  readonly seq: number
  /** Unix time in milliseconds. */
  readonly atMs: number
  /** sha256 (hex) of the line before, without its line break; 64 zeros in the first line. */
  readonly prev: string
}
export const LogLine = z.intersection(
  LogEntry,
  z.object({ seq: z.int().min(0), atMs: z.int(), prev: z.string() }),
)
