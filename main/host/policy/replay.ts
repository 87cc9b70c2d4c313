import type { Action } from '../../../protocol/action.ts'
import type { PastCase } from '../../../protocol/rules.ts'
import type { PastQuestion } from '../../approvals/past-questions.ts'
import { type ActionFacts, noFacts } from '../../policy/action-facts.ts'
import { type JudgeContext, type Judgement, judgeAction } from '../../policy/judge-action.ts'
import { pathsOf } from '../../policy/judge-file-access.ts'

/** Judges a question of the past again, with today's files or with unsaved ones. No earlier answer counts. */
export function judgeAgain({ action, kind }: PastQuestion, context: JudgeContext): Judgement {
  return judgeAction(action, factsOf(action, kind), context)
}

function factsOf(action: Action, kind: PastQuestion['kind']): ActionFacts {
  const first =
    action.kind === 'fileChange'
      ? (action.edits[0]?.path ?? null)
      : action.kind === 'fileAccess'
        ? action.held.path
        : null
  return {
    ...noFacts,
    protectedPath: kind === 'writeProtected' ? first : null,
    outsidePath: kind === 'writeOutside' ? first : null,
  }
}

/** What was asked, as one line. */
export function textOf(action: Action): string {
  switch (action.kind) {
    case 'command':
      return action.script ?? action.argv.join(' ')
    case 'fileAccess':
      return `${action.held.kind} ${pathsOf(action.held).join(' -> ')}`
    case 'fileChange':
      return action.edits.map((e) => `${e.change} ${e.path}`).join(', ')
    case 'hostAccess':
      return `reach ${action.host} ${action.port}`
    case 'input':
      return `type ${JSON.stringify(action.text)} into ${action.argv.join(' ')}`
    case 'permissions':
      return `room: ${[...action.grant.writePaths, ...(action.grant.network ? ['network'] : [])].join(', ')}`
  }
}

export const caseOf = (q: PastQuestion): PastCase => ({
  sessionId: q.sessionId,
  approvalId: q.approvalId,
  atMs: q.atMs,
  folder: q.folder,
  text: textOf(q.action).slice(0, 2000),
  words: q.action.kind === 'command' ? q.action.argv.slice(0, 200).map((w) => w.slice(0, 2000)) : [],
  outcome: q.outcome,
  note: q.note,
})

/** Denied ones first, then the newest. */
export const byWeight = (a: PastCase, b: PastCase): number =>
  Number(b.outcome === 'denied') - Number(a.outcome === 'denied') || b.atMs - a.atMs
