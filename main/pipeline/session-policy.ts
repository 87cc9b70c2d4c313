import { type Action, type Grant, noGrant } from '../../protocol/action.ts'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import type { PastQuestion } from '../approvals/past-questions.ts'
import type { SessionGrants } from '../approvals/session-grants.ts'
import { noFacts } from '../policy/action-facts.ts'
import { settingsOrigin } from '../policy/boundary-words.ts'
import { judgeAction } from '../policy/judge-action.ts'
import type { RuleLookup } from '../policy/rules/rule-lookup.ts'
import type { CommandDecoder } from '../policy/shell/command-part.ts'
import { locatePath } from './make-action.ts'

/** What policy is for one session: asked anew for every action, so that a change holds for the next one. */
export type SessionPolicy = {
  /** The rules of the session's folder at this moment, for a command that runs in `cwd`. */
  rules(cwd: string): Promise<RuleLookup>
  readonly decode: CommandDecoder
  /** A verdict was made: use counts. */
  noteUse(verdict: Verdict): void
  /** A question was answered: what rules and presets are tried on. */
  noteAnswer(request: ApprovalRequest, outcome: PastQuestion['outcome'], note: string | null): void
}

type Place = {
  readonly settings: Settings
  readonly grants: SessionGrants
  readonly roots: readonly string[]
  /** The person started this program themselves. */
  readonly interactive: boolean
}

/** Gathers the facts that policy cannot see, then judges. @returns the verdict, and the grant it runs with */
export async function judgeInSession(
  action: Action,
  policy: SessionPolicy,
  { settings, grants, roots, interactive }: Place,
): Promise<{ verdict: Verdict; grant: Grant }> {
  // The person started this program themselves; the sandbox bounds it.
  if (interactive) {
    return { verdict: { kind: 'run', origin: settingsOrigin(settings), justification: null }, grant: noGrant }
  }
  const granted = grants.answerTo(action)
  const places =
    action.kind === 'fileChange' ? await Promise.all(action.edits.map((e) => locatePath(e.path, roots))) : []
  const facts = {
    ...noFacts,
    grantedBy: granted?.approvalId ?? null,
    denied: grants.deniedThisTurn(action),
    protectedPath: places.find((p) => p.place === 'protected')?.real ?? null,
    outsidePath: places.find((p) => p.place === 'outside')?.real ?? null,
  }
  const { verdict, grant } = judgeAction(action, facts, {
    settings,
    rules: await policy.rules(action.cwd),
    decode: policy.decode,
  })
  policy.noteUse(verdict)
  return { verdict, grant: verdict.kind === 'run' && granted ? granted.grant : grant }
}
