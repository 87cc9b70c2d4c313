import { z } from 'zod'
import { Action } from './action.ts'
import { ApprovalRequest, DecisionType } from './approvals.ts'
import { call, event } from './endpoint.ts'
import { AbsolutePath, ActionId, ApprovalId, ItemId, SessionId, TerminalId, TurnId } from './ids.ts'
import { HeldCounts, Probe, SandboxProblem, SandboxState, Violation } from './sandbox.ts'
import { ApprovalPolicy, Preset, Settings } from './settings.ts'
import { Verdict } from './verdict.ts'

/** How an agent is started. Keys are never part of it; they stand in the secret store under `model.provider`. */
export const AgentSpec = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('demo') }),
  z.object({
    kind: z.literal('house'),
    provider: z.enum(['openai-compatible', 'anthropic', 'google']),
    /** Empty for the provider's own address. */
    baseUrl: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]),
    model: z.string().min(1).max(200),
    /** Tokens the model reads at most; older turns are shortened before this is reached. */
    contextTokens: z.int().min(2000).max(4_000_000),
  }),
  z.object({ kind: z.literal('terminal'), argv: z.array(z.string().min(1)).min(1).max(200).readonly() }),
])
export type AgentSpec = z.infer<typeof AgentSpec>

export const SessionState = z.enum([
  'starting',
  'working',
  'waiting',
  'idle',
  'paused',
  'ended',
  'failed',
  'interrupted',
])
export type SessionState = z.infer<typeof SessionState>

export const SessionSummary = z.object({
  id: SessionId,
  title: z.string(),
  folder: z.string(),
  /** Branch at start, for folders under git. */
  branch: z.string().nullable(),
  agent: AgentSpec,
  agentName: z.string(),
  state: SessionState,
  /** One sentence when `failed` or `interrupted`. */
  stateReason: z.string().nullable(),
  settings: Settings,
  sandbox: SandboxState,
  startedAtMs: z.int(),
  /** Last entry of the log. */
  lastAtMs: z.int(),
  turns: z.int(),
  /** Requests that need the person now, parked ones left out. */
  waiting: z.int(),
  counts: z.object({
    actions: z.int(),
    /** Ran without a question. */
    byItself: z.int(),
    allowed: z.int(),
    denied: z.int(),
    unanswered: z.int(),
  }),
  /** The log could not be read completely: what and where. */
  logProblem: z.string().nullable(),
  /** Why file calls of its commands cannot be held, in words. Absent or null: they can, or it is not known yet. */
  holdProblem: z.string().nullable().optional(),
})
export type SessionSummary = z.infer<typeof SessionSummary>

const itemBase = { id: ItemId, turnId: TurnId.nullable(), atMs: z.int() }

export const ActionState = z.enum([
  'judging',
  'held',
  'releasing',
  'running',
  'ran',
  'refused',
  'stopped',
  /** The app stopped between decision and end. */
  'cutShort',
])

/** How an action came to run, for the margin of the timeline. */
export const AllowedBy = z.enum(['sandbox', 'knownSafe', 'settings', 'sessionGrant', 'you', 'rule', 'nobody'])
export type AllowedBy = z.infer<typeof AllowedBy>

/** Quietly refused writes that are listed with their run; the count goes on. */
export const quietShown = 200

export const ActionItem = z.object({
  ...itemBase,
  type: z.literal('action'),
  actionId: ActionId,
  /** For file edits `content` is null here; the diff tells. */
  action: Action,
  /** The action that tripped and led to this one. */
  causedBy: ActionId.nullable(),
  verdict: Verdict.nullable(),
  approvalId: ApprovalId.nullable(),
  /** The card as it was last shown, for those who read the record. Absent when nobody was asked. */
  card: ApprovalRequest.optional(),
  state: ActionState,
  allowedBy: AllowedBy.nullable(),
  /** The command line that really ran, when the person changed it. */
  editedCommand: z.string().nullable(),
  decision: z
    .object({
      type: DecisionType,
      note: z.string().nullable(),
      by: z.string(),
      atMs: z.int(),
      /** From question to answer, in milliseconds. */
      waitedMs: z.int(),
      lookMs: z.int(),
    })
    .nullable(),
  /** Why a question got no answer. */
  unanswered: z.string().nullable(),
  boundary: z.enum(['sandboxed', 'granted', 'outside', 'container']).nullable(),
  terminalId: TerminalId.nullable(),
  exitCode: z.int().nullable(),
  durationMs: z.int().nullable(),
  /** Last part of what it printed, plain text with control characters kept. */
  output: z.string(),
  outputBytes: z.int(),
  violations: z.array(Violation),
  /** Why it never started or was cut. */
  problem: z.string().nullable(),
  /** Its file calls that waited. Absent: none did, or it still runs. */
  calls: HeldCounts.optional(),
  /** Writes of it that the quiet-deny list refused, one a path. Absent: none. */
  quiet: z
    .array(z.object({ path: z.string(), call: z.string(), reason: z.string() }))
    .max(quietShown)
    .optional(),
})
export type ActionItem = z.infer<typeof ActionItem>

export const Item = z.discriminatedUnion('type', [
  z.object({ ...itemBase, type: z.literal('user'), text: z.string(), queued: z.boolean() }),
  z.object({
    ...itemBase,
    type: z.literal('agent'),
    voice: z.enum(['message', 'thought']),
    text: z.string(),
    streaming: z.boolean(),
  }),
  ActionItem,
  z.object({
    ...itemBase,
    type: z.literal('settings'),
    from: Settings,
    to: Settings,
    by: z.enum(['user', 'leaseEnded', 'policyChanged']),
    note: z.string().nullable(),
  }),
  z.object({ ...itemBase, type: z.literal('verified'), backend: z.string(), probes: z.array(Probe) }),
  z.object({ ...itemBase, type: z.literal('turnEnd'), reason: z.string(), ok: z.boolean() }),
  z.object({
    ...itemBase,
    type: z.literal('review'),
    path: z.string(),
    verb: z.enum(['keep', 'revert']),
    what: z.string(),
  }),
  z.object({
    ...itemBase,
    type: z.literal('notice'),
    level: z.enum(['info', 'warning', 'problem']),
    title: z.string(),
    detail: z.string(),
  }),
])
export type Item = z.infer<typeof Item>

/** A program's output, live or kept: what the terminal pane can attach to. */
export const TerminalInfo = z.object({
  id: TerminalId,
  actionId: ActionId,
  title: z.string(),
  boundary: z.enum(['sandboxed', 'granted', 'outside', 'container']),
  running: z.boolean(),
  /** The person may type into it. */
  writable: z.boolean(),
})
export type TerminalInfo = z.infer<typeof TerminalInfo>

export const SessionSnapshot = z.object({
  summary: SessionSummary,
  items: z.array(Item),
  terminals: z.array(TerminalInfo),
  /** false for a past session: nothing can be sent to it. */
  live: z.boolean(),
  usage: z.object({ inputTokens: z.int(), outputTokens: z.int() }),
})
export type SessionSnapshot = z.infer<typeof SessionSnapshot>

export const SessionChange = z.discriminatedUnion('type', [
  z.object({ type: z.literal('summary'), summary: SessionSummary }),
  /** New or replaced, by id. New ones go to the end. */
  z.object({ type: z.literal('item'), item: Item }),
  /** A queued message that was taken up; its turn brings it back as an item of its own. */
  z.object({ type: z.literal('itemGone'), itemId: ItemId }),
  /** Text to append to an `agent` item or to the `output` of an `action` item. */
  z.object({ type: z.literal('delta'), itemId: ItemId, text: z.string() }),
  z.object({ type: z.literal('terminal'), terminal: TerminalInfo }),
  z.object({ type: z.literal('usage'), inputTokens: z.int(), outputTokens: z.int() }),
])
export type SessionChange = z.infer<typeof SessionChange>

const Refused = z.object({ status: z.literal('refused'), why: z.string() })
const Done = z.object({ status: z.literal('done') })

export const sessionsContract = {
  /** All sessions, running and past, newest first. */
  'sessions/watch': event(
    z.object({}),
    z.object({ sessions: z.array(SessionSummary), complete: z.boolean() }),
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('session'), session: SessionSummary }),
      z.object({ type: z.literal('removed'), id: SessionId }),
    ]),
  ),
  'sessions/open': event(z.object({ id: SessionId }), SessionSnapshot, SessionChange),
  'sessions/start': call(
    z.object({
      folder: AbsolutePath,
      agent: AgentSpec,
      preset: Preset,
      /** When to ask, where it is to differ from the preset's own policy. */
      approvalPolicy: ApprovalPolicy.optional(),
      /** Files that commands must not read. Absolute. */
      deniedReads: z.array(AbsolutePath).max(200),
      /** First message; empty starts idle. */
      prompt: z.string().max(200_000),
      /** Remember that the person vouched for this folder. */
      trust: z.boolean(),
    }),
    z.discriminatedUnion('status', [
      z.object({ status: z.literal('started'), id: SessionId }),
      z.object({ status: z.literal('sandboxUnavailable'), problem: SandboxProblem }),
      Refused,
    ]),
  ),
  /** A message to the agent: starts a turn, or waits until the running one ends. */
  'sessions/prompt': call(
    z.object({ id: SessionId, text: z.string().min(1).max(200_000) }),
    z.discriminatedUnion('status', [
      z.object({ status: z.literal('sent') }),
      z.object({ status: z.literal('queued') }),
      Refused,
    ]),
  ),
  /** Stops the running turn now; the session goes on. */
  'sessions/interrupt': call(z.object({ id: SessionId }), z.discriminatedUnion('status', [Done, Refused])),
  /** Holds back the next action until resumed; what runs goes on. */
  'sessions/pause': call(
    z.object({ id: SessionId, paused: z.boolean() }),
    z.discriminatedUnion('status', [Done, Refused]),
  ),
  'sessions/end': call(z.object({ id: SessionId }), z.discriminatedUnion('status', [Done, Refused])),
  /**
   * Changes sandbox mode and policy of a running session. Less room holds at once, for what runs and what
   * waits; more room for new requests only. Full access needs the folder's name typed and an end.
   */
  'sessions/setPreset': call(
    z.object({
      id: SessionId,
      preset: Preset,
      approvalPolicy: ApprovalPolicy.optional(),
      leaseMinutes: z.int().min(1).max(60).nullable(),
      echo: z.string().max(500),
      note: z.string().max(500),
    }),
    z.discriminatedUnion('status', [
      z.object({ status: z.literal('switched'), settings: Settings, stopped: z.int(), withdrawn: z.int() }),
      Refused,
    ]),
  ),
}
