import path from 'node:path'
import type { Action } from '../../../protocol/action.ts'
import type { Tier } from '../../../protocol/approvals.ts'
import type { TestAnswer, TestSubject } from '../../../protocol/rules.ts'
import type { Settings } from '../../../protocol/settings.ts'
import type { Reason } from '../../../protocol/verdict.ts'
import { fingerprintOf } from '../../approvals/fingerprint.ts'
import { locatePath } from '../../pipeline/make-action.ts'
import { noFacts } from '../../policy/action-facts.ts'
import { isBounded, unboundedWords } from '../../policy/boundary-words.ts'
import { type JudgeContext, type Judgement, judgeAction } from '../../policy/judge-action.ts'
import { judgeAlone } from '../../policy/judge-alone.ts'
import { judgeToolCall } from '../../policy/judge-tool-call.ts'
import { judgeHost } from '../../policy/network/judge-host.ts'
import type { NetworkSettings } from '../../policy/network/network-settings.ts'
import { parseHost } from '../../policy/network/parse-host.ts'
import { ruleWords } from '../../policy/rule-words.ts'
import { tierOf } from '../../policy/tier.ts'

export type TestFacts = {
  readonly folder: string
  readonly home: string
  readonly context: JudgeContext
  /** With the unsaved rule; null: none was given. */
  readonly withDraft: JudgeContext | null
  readonly network: NetworkSettings
}

type Tested = { readonly judgement: Judgement; readonly action: Action | null; readonly tier: Tier | null }

/** Answers "would this be allowed?" by asking the judge that real actions are asked of. */
export async function testSubject(subject: TestSubject, f: TestFacts): Promise<TestAnswer> {
  const now = await judgeSubject(subject, f.context, f)
  if ('why' in now) return { status: 'notUnderstood', why: now.why }
  const draft = f.withDraft ? await judgeSubject(subject, f.withDraft, f) : null
  const { verdict, parts } = now.judgement
  const decoded = now.action?.kind === 'command' ? f.context.decode(now.action.argv) : null
  const { tier, reasons } =
    now.action === null
      ? { tier: now.tier ?? 'routine', reasons: [] }
      : tierOf(now.action, {
          folder: f.folder,
          home: f.home,
          grant: now.judgement.grant,
          allowedBefore: 0,
          deniedBefore: 0,
          ranOnce: false,
          foreignOrigin: false,
          decoded,
        })
  return {
    status: 'answered',
    verdict: verdict.kind,
    tier: now.tier ?? tier,
    tierReasons: [...reasons],
    reasoning: [...(verdict.reasoning ?? [])],
    parts: parts.map((p) => ({
      text: p.text,
      verdict: p.verdict ?? judgeAlone(p.text, f.folder, f.context),
      by: p.match ? ruleWords(p.match.rule) : p.brokenBy ? `${p.brokenBy} cannot be read in full` : 'no rule',
    })),
    fingerprint: now.action ? fingerprintOf(now.action, decoded) : '',
    withDraft:
      draft && 'judgement' in draft
        ? {
            verdict: draft.judgement.verdict.kind,
            reasoning: [...(draft.judgement.verdict.reasoning ?? [])],
          }
        : null,
  }
}

async function judgeSubject(
  subject: TestSubject,
  context: JudgeContext,
  f: TestFacts,
): Promise<Tested | { readonly why: string }> {
  switch (subject.kind) {
    case 'command': {
      if (subject.text.includes('\0')) return { why: 'A command cannot contain a NUL character.' }
      const argv = ['bash', '-c', subject.text]
      const action: Action = { kind: 'command', argv, script: subject.text, cwd: f.folder, escalation: null }
      return { judgement: judgeAction(action, noFacts, context), action, tier: null }
    }
    case 'path':
      return judgePath(subject, context, f)
    case 'host':
      return judgeHostQuestion(subject.host, context.settings, f)
    case 'tool': {
      const { server, tool, ...hints } = subject
      const { verdict, tier, reason } = judgeToolCall(
        { server, tool, hints, approvalMode: null },
        context.settings,
      )
      return { judgement: said(verdict, 'settings', reason, context.settings), action: null, tier }
    }
  }
}

async function judgePath(
  subject: Extract<TestSubject, { kind: 'path' }>,
  context: JudgeContext,
  { folder, home }: TestFacts,
): Promise<Tested | { readonly why: string }> {
  if (subject.path.includes('\0')) return { why: 'A path cannot contain a NUL character.' }
  const spelled =
    subject.path === '~' || subject.path.startsWith('~/') ? home + subject.path.slice(1) : subject.path
  const target = path.resolve(folder, spelled)
  const { settings } = context
  if (subject.access === 'read') {
    const closed = settings.deniedReads.find((d) => target === d || target.startsWith(`${d}/`))
    return closed
      ? {
          judgement: said('forbid', 'settings', `${closed} is closed for reading`, settings),
          action: null,
          tier: null,
        }
      : {
          judgement: said('run', 'settings', 'reading is bounded by your account only', settings),
          action: null,
          tier: null,
        }
  }
  const { real, place } = await locatePath(target, [folder, ...settings.extraWritableRoots])
  const grant = { writePaths: place === 'inside' ? [] : [real], network: false, unsandboxed: false }
  const action: Action = {
    kind: 'fileChange',
    edits: [{ path: real, change: 'update', added: 0, removed: 0, diff: '', content: '' }],
    cwd: folder,
    escalation:
      place === 'inside' ? null : { source: 'declared', ladder: [grant], reason: null, violations: [] },
  }
  const facts = {
    ...noFacts,
    protectedPath: place === 'protected' ? real : null,
    outsidePath: place === 'outside' ? real : null,
  }
  return { judgement: judgeAction(action, facts, context), action, tier: null }
}

function judgeHostQuestion(
  text: string,
  settings: Settings,
  { network }: TestFacts,
): Tested | { why: string } {
  const read = parseHost(text)
  if (!read.ok) return { why: `${text.slice(0, 100)} ${read.reason}` }
  const port = read.port ?? 443
  const answer = judgeHost({ host: text, port, protocol: null }, network.rules, {
    allowLocalBinding: network.allowLocalBinding,
    addresses: null,
    lookup: 'none',
  })
  if (answer.decision === 'deny')
    return { judgement: said('forbid', 'config', answer.message, settings), action: null, tier: 'serious' }
  if (!isBounded(settings))
    return {
      judgement: said('run', 'settings', `${unboundedWords(settings)}: the network is open`, settings),
      action: null,
      tier: null,
    }
  const more = ' Until the network can be narrowed to one host, every connection is asked.'
  const kind = settings.approvalPolicy === 'never' ? 'forbid' : 'review'
  return {
    judgement: said(kind, 'config', `${answer.message}${more}`, settings),
    action: null,
    tier: 'serious',
  }
}

function said(
  kind: 'run' | 'review' | 'forbid',
  layer: Reason['layer'],
  text: string,
  settings: Settings,
): Judgement {
  const { sandboxMode, approvalPolicy } = settings
  const reasoning: Reason[] = [{ layer, text, says: kind, decides: true, source: null }]
  const origin = { kind: 'settings', sandboxMode, approvalPolicy } as const
  return {
    verdict: { kind, origin, justification: null, reasoning },
    parts: [],
    grant: { writePaths: [], network: false, unsandboxed: false },
  }
}
