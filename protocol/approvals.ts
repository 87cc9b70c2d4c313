import { z } from 'zod'
import { Action, Grant } from './action.ts'
import { call, event } from './endpoint.ts'
import { ActionId, ApprovalId, ItemId, SessionId, TurnId } from './ids.ts'
import { ReviewerName } from './reviewer.ts'
import { RuleDraft } from './rule-draft.ts'
import { Verdict } from './verdict.ts'

/** Four words computed by the table in main/policy/tier.ts; never a number. */
export const Tier = z.enum(['routine', 'notable', 'serious', 'critical'])
export type Tier = z.infer<typeof Tier>

/** Beside the tier: what cannot be told by reading the action, and where its values came from. */
export const Flag = z.enum([
  'notInspectable',
  'untrustedOrigin',
  'changesWhatRunsLater',
  'newHere',
  'ranOnceAlready',
])
export type Flag = z.infer<typeof Flag>

/** A piece of text in a slot. `foreign` values come from files, pages and outputs; `machine` ones are exact. */
export const Piece = z.object({
  voice: z.enum(['host', 'machine', 'boundary', 'foreign']),
  text: z.string(),
})
export type Piece = z.infer<typeof Piece>

/** The six slots of a card, each one or two lines, written by the host from the decoded action. */
export const Slots = z.object({
  wants: z.array(Piece),
  changes: z.array(Piece),
  scope: z.array(Piece),
  origin: z.object({ pieces: z.array(Piece), itemId: ItemId.nullable() }),
  reach: z.array(Piece),
  history: z.object({
    pieces: z.array(Piece),
    /** Newest last: how equal questions were answered here before. */
    ticks: z.array(z.enum(['allowed', 'denied', 'unanswered'])).max(20),
  }),
})
export type Slots = z.infer<typeof Slots>

/** What a reviewer may answer. Words of STYLE.md; the screen's words stand in the offer. */
export const DecisionType = z.enum(['accept', 'acceptForSession', 'acceptWithAmendment', 'decline', 'cancel'])
export type DecisionType = z.infer<typeof DecisionType>

/** Whether an answer lets the action happen. */
export const isAllow = (type: DecisionType): boolean =>
  type === 'accept' || type === 'acceptForSession' || type === 'acceptWithAmendment'

/** One answer the host offers for one request. Nothing else is accepted for it. */
export const Offer = z.object({
  /**
   * `outside` stands in the More menu: the same command without the boundary, once. `rule` opens the scope
   * editor; its answer carries the rule. `path` and `directory` open it for the running command only;
   * `gitMetadata` opens the repository's own records for the session. `lease` ends by itself after ten minutes.
   */
  id: z.enum([
    'once',
    'smaller',
    'path',
    'directory',
    'session',
    'lease',
    'gitMetadata',
    'rule',
    'outside',
    'deny',
    'denyStop',
  ]),
  decision: DecisionType,
  grant: Grant,
  label: z.string(),
  /** What it gives and when it ends, as one sentence. */
  sentence: z.string(),
})
export type Offer = z.infer<typeof Offer>

/** Why a question needs no answer any more. The last two end questions of running commands only. */
export const WithdrawReason = z.enum([
  'turnEnded',
  'interrupted',
  'settingsChanged',
  'sessionEnded',
  'appStopped',
  /** The boundary was no longer proved, and everything was stopped. */
  'sandboxFrozen',
  /** The process that waited is gone. */
  'processGone',
  /** Another answer gave or refused it as well. */
  'answeredOtherwise',
])
export type WithdrawReason = z.infer<typeof WithdrawReason>

export const ApprovalState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('waiting') }),
  z.object({ state: z.literal('parked'), atMs: z.int() }),
  /** Answered, but the agent has not been told yet: `U` brings it back until then. */
  z.object({ state: z.literal('releasing'), offerId: Offer.shape.id, releaseAtMs: z.int() }),
  z.object({ state: z.literal('decided'), decision: DecisionType, by: ReviewerName, atMs: z.int() }),
  z.object({
    state: z.literal('withdrawn'),
    reason: WithdrawReason,
    atMs: z.int(),
  }),
])
export type ApprovalState = z.infer<typeof ApprovalState>

/** The kind decides the headline; the words stand in renderer/features/inbox/words.ts. */
export const RequestKind = z.enum([
  'runCommand',
  'runOutside',
  'writeInside',
  'writeOutside',
  'writeProtected',
  'readDenied',
  'reachHost',
  'editFiles',
  'typeInto',
  'addPermissions',
])
export type RequestKind = z.infer<typeof RequestKind>

export const ApprovalRequest = z.object({
  id: ApprovalId,
  sessionId: SessionId,
  turnId: TurnId,
  actionId: ActionId,
  /** Raised whenever anything shown changes; an answer to an older revision is refused. */
  revision: z.int().min(1),
  kind: RequestKind,
  action: Action,
  verdict: Verdict,
  tier: Tier,
  /** The table rows that made the tier. */
  tierReasons: z.array(z.string()),
  flags: z.array(Flag),
  /** One line for the list. */
  subject: z.string(),
  slots: Slots,
  /** Facts that contradict the agent's words, in host voice. */
  contradictions: z.array(z.string()),
  /** The agent's words; quoted, never trusted. */
  agentSays: z.string().nullable(),
  /** More facts under the bar: label and pieces. */
  evidence: z.array(z.object({ label: z.string(), pieces: z.array(Piece) })),
  offers: z.array(Offer).min(1),
  /** The command line that the person may edit before it runs. null when there is nothing to edit. */
  editable: z.string().nullable(),
  /** Critical requests: the word to type. null otherwise. */
  echo: z.string().nullable(),
  /** The rest of the agent goes on meanwhile, or all of it waits. */
  stopsAgent: z.boolean(),
  /** sha256 over argv, cwd, environment names and grants: what the answer is bound to. */
  digest: z.string(),
  fingerprint: z.string(),
  requestedAtMs: z.int(),
  state: ApprovalState,
  /** Other sessions that wait for the same; the answer is theirs as well. Absent: none. */
  alsoFor: z.array(z.object({ sessionId: SessionId, title: z.string() })).optional(),
  /** Context line: session title, agent, folder, preset. */
  context: z.object({
    session: z.string(),
    agent: z.string(),
    folder: z.string(),
    turn: z.int(),
    preset: z.string(),
  }),
})
export type ApprovalRequest = z.infer<typeof ApprovalRequest>

/** What a reviewer answered, as it stands in the log. */
export const Decision = z.object({
  type: DecisionType,
  offerId: Offer.shape.id,
  grant: Grant,
  /** Told to the agent with a denial, kept with an approval. */
  note: z.string().max(500).nullable(),
  /** The command line as the person changed it; the original does not run. */
  editedCommand: z.string().max(100_000).nullable(),
  /** The rule that was saved with it. Absent for every other answer. */
  rule: RuleDraft.optional(),
})
export type Decision = z.infer<typeof Decision>

const Answered = z.discriminatedUnion('status', [
  z.object({ status: z.literal('recorded'), releaseAtMs: z.int() }),
  z.object({ status: z.literal('alreadyDecided'), by: ReviewerName }),
  z.object({ status: z.literal('changedSinceShown'), revision: z.int() }),
  z.object({ status: z.literal('noLongerNeeded') }),
  z.object({ status: z.literal('notOffered') }),
  z.object({ status: z.literal('echoWrong') }),
  /** The rule could not be saved; nothing was answered. */
  z.object({ status: z.literal('ruleRefused'), why: z.string() }),
])

export const InboxState = z.object({
  /** Open ones (waiting, parked, releasing) and those that ended in the last minute. */
  requests: z.array(ApprovalRequest),
  /** Distinct denial notes, newest first. */
  recentNotes: z.array(z.string()).max(4),
})
export type InboxState = z.infer<typeof InboxState>

export const approvalsContract = {
  'approvals/watch': event(
    z.object({}),
    InboxState,
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('request'), request: ApprovalRequest }),
      z.object({ type: z.literal('gone'), id: ApprovalId }),
      z.object({ type: z.literal('notes'), recentNotes: z.array(z.string()).max(4) }),
    ]),
  ),
  'approvals/decide': call(
    z.object({
      id: ApprovalId,
      revision: z.int(),
      offerId: Offer.shape.id,
      note: z.string().max(500).optional(),
      editedCommand: z.string().min(1).max(100_000).optional(),
      echo: z.string().max(500).optional(),
      /** Only with the offer `rule`: saved before the answer takes effect. */
      rule: RuleDraft.optional(),
      /** How long the card was on screen before the answer, in milliseconds. */
      lookMs: z.int().min(0),
    }),
    Answered,
  ),
  /** Brings a request back while it is still `releasing`. */
  'approvals/undo': call(z.object({ id: ApprovalId }), z.object({ status: z.enum(['restored', 'tooLate']) })),
  'approvals/park': call(
    z.object({ id: ApprovalId, parked: z.boolean() }),
    z.object({ status: z.enum(['recorded', 'noLongerNeeded']) }),
  ),
}
