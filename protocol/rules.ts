import { z } from 'zod'
import { Tier } from './approvals.ts'
import { call, event } from './endpoint.ts'
import { AbsolutePath, ApprovalId, SessionId } from './ids.ts'
import { RuleDecision, RuleDraft, TokenPattern } from './rule-draft.ts'
import { ApprovalPolicy, SandboxMode } from './settings.ts'
import { Reason } from './verdict.ts'

/** Where a rule stands, for "open". Line from 1. */
export const RuleSource = z.object({ file: z.string(), line: z.int() })

/** One rule as the Rules page lists it. */
export const RuleRow = z.object({
  /** Stable while the rule says the same; also what verdicts and use counts name. */
  id: z.string(),
  /** Who decides: requirements, this folder's files, the person's own files, or what ends by itself. */
  group: z.enum(['managed', 'workspace', 'you', 'leases']),
  decision: RuleDecision,
  /** The rule in short: `git push origin *`. */
  what: z.string(),
  /** The rule as one sentence. */
  sentence: z.string(),
  /** The folder it holds in; null: everywhere. */
  where: z.string().nullable(),
  runs: z.enum(['sandbox', 'asAsked']).nullable(),
  endsAtMs: z.int().nullable(),
  createdAtMs: z.int().nullable(),
  used: z.int().min(0),
  lastUsedAtMs: z.int().nullable(),
  source: RuleSource,
  note: z.string().nullable(),
  /** false: made from a card and not looked at since. */
  reviewed: z.boolean(),
  /** Another rule that answers all that this one answers. */
  coveredBy: z.string().nullable(),
  /** Who locked it; null when the person may change it. */
  lockedBy: z.string().nullable(),
  /** Present when the scope editor can edit it. */
  draft: RuleDraft.nullable(),
})
export type RuleRow = z.infer<typeof RuleRow>

export const RulesState = z.object({
  rows: z.array(RuleRow),
  /** Sentences with file, line and column. */
  problems: z.array(z.object({ message: z.string(), source: RuleSource })),
  files: z.array(z.object({ file: z.string(), exists: z.boolean(), editable: z.boolean() })),
})
export type RulesState = z.infer<typeof RulesState>

/** A question of the past that a rule would have answered. */
export const PastCase = z.object({
  sessionId: SessionId,
  approvalId: ApprovalId,
  atMs: z.int(),
  folder: z.string(),
  text: z.string(),
  words: z.array(z.string()),
  outcome: z.enum(['allowed', 'denied', 'unanswered']),
  note: z.string().nullable(),
})
export type PastCase = z.infer<typeof PastCase>

export const BackTest = z.object({
  days: z.int(),
  asks: z.int(),
  allowed: z.int(),
  denied: z.int(),
  unanswered: z.int(),
  /** Denied ones first, then newest first; at most 200. */
  cases: z.array(PastCase),
})
export type BackTest = z.infer<typeof BackTest>

/** Everything the scope editor shows about an unsaved rule. */
export const RulePreview = z.object({
  sentence: z.string(),
  /** Why it cannot be saved as it is. Empty: it can. */
  problems: z.array(z.string()),
  examples: z.array(
    z.object({ expects: z.enum(['match', 'notMatch']), words: z.array(z.string()), ok: z.boolean() }),
  ),
  backTest: BackTest,
  /** Commands near it that would still be asked, with the reason. */
  stillAsks: z.array(z.object({ text: z.string(), why: z.string() })),
  /** The same rule with the denied cases excluded; null when there is nothing to exclude. */
  excludingDenied: RuleDraft.nullable(),
  /** A narrower rule that would have done for everything allowed so far; null when this one is that. */
  narrower: z.object({ sentence: z.string(), draft: RuleDraft }).nullable(),
})
export type RulePreview = z.infer<typeof RulePreview>

/** What the tester is asked about. */
export const TestSubject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('command'), text: z.string().min(1).max(20_000) }),
  z.object({ kind: z.literal('path'), path: z.string().min(1).max(4096), access: z.enum(['read', 'write']) }),
  z.object({ kind: z.literal('host'), host: z.string().min(1).max(300) }),
  z.object({
    kind: z.literal('tool'),
    server: z.string().min(1).max(200),
    tool: z.string().min(1).max(200),
    readOnlyHint: z.boolean().nullable(),
    destructiveHint: z.boolean().nullable(),
    openWorldHint: z.boolean().nullable(),
  }),
])
export type TestSubject = z.infer<typeof TestSubject>

const VerdictKind = z.enum(['run', 'review', 'forbid'])

export const TestAnswer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('answered'),
    verdict: VerdictKind,
    tier: Tier,
    tierReasons: z.array(z.string()),
    reasoning: z.array(Reason),
    /** The simple commands it was read as, each with its own answer. */
    parts: z.array(z.object({ text: z.string(), verdict: VerdictKind, by: z.string() })),
    fingerprint: z.string(),
    /** With the unsaved rule. null when none was given. */
    withDraft: z.object({ verdict: VerdictKind, reasoning: z.array(Reason) }).nullable(),
  }),
  z.object({ status: z.literal('notUnderstood'), why: z.string() }),
])
export type TestAnswer = z.infer<typeof TestAnswer>

/** An unsaved rule, in place of another one or beside all. */
export const UnsavedRule = z.object({ replaces: z.string().nullable(), rule: RuleDraft })
export type UnsavedRule = z.infer<typeof UnsavedRule>

const Saved = z.object({ status: z.literal('saved'), id: z.string() })
const Refused = z.object({ status: z.literal('refused'), why: z.string() })

export const rulesContract = {
  /** Rules in force, for a folder's sessions or for all (null), with use counts. */
  'rules/watch': event(z.object({ folder: AbsolutePath.nullable() }), RulesState, RulesState),
  'rules/test': call(
    z.object({
      subject: TestSubject,
      /** The folder it would happen in. */
      folder: AbsolutePath,
      sandboxMode: SandboxMode,
      approvalPolicy: ApprovalPolicy,
      draft: UnsavedRule.nullable(),
    }),
    TestAnswer,
  ),
  'rules/preview': call(
    UnsavedRule.extend({ folder: AbsolutePath.nullable(), days: z.int().min(1).max(90) }),
    RulePreview,
  ),
  /** A rule that would answer an open question: closed at its end, as narrow as the question. */
  'rules/suggest': call(
    z.object({ approvalId: ApprovalId }),
    z.discriminatedUnion('status', [
      z.object({
        status: z.literal('suggested'),
        draft: RuleDraft,
        /** Parts of a compound command; those that a rule already answers are marked with its words. */
        parts: z.array(z.object({ text: z.string(), coveredBy: z.string().nullable(), draft: RuleDraft })),
      }),
      Refused,
    ]),
  ),
  'rules/save': call(UnsavedRule, z.discriminatedUnion('status', [Saved, Refused])),
  'rules/remove': call(z.object({ id: z.string() }), z.discriminatedUnion('status', [Saved, Refused])),
  /** The person looked at a rule that was made from a card. */
  'rules/review': call(z.object({ id: z.string() }), z.discriminatedUnion('status', [Saved, Refused])),
  'rules/text': call(
    z.object({ file: z.string() }),
    z.discriminatedUnion('status', [
      z.object({ status: z.literal('read'), text: z.string(), digest: z.string(), editable: z.boolean() }),
      Refused,
    ]),
  ),
  /** Writes a rules file as text. `digest`: of the text that was edited, so that no other edit is lost. */
  'rules/saveText': call(
    z.object({ file: z.string(), text: z.string().max(1_000_000), digest: z.string() }),
    z.discriminatedUnion('status', [
      Saved,
      Refused,
      z.object({ status: z.literal('changedMeanwhile') }),
      z.object({
        status: z.literal('invalid'),
        problems: z.array(z.object({ message: z.string(), line: z.int(), column: z.int() })),
      }),
    ]),
  ),
}

export { RuleDecision, RuleDraft, TokenPattern }
