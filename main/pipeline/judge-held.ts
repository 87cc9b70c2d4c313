import type { FileAccessAction, Grant } from '../../protocol/action.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import type { SessionGrants } from '../approvals/session-grants.ts'
import { noFacts } from '../policy/action-facts.ts'
import { judgeAction } from '../policy/judge-action.ts'
import { pathsOf } from '../policy/judge-file-access.ts'
import { changesWhatRunsLater } from '../policy/tier.ts'
import { type HeldPlace, outsideIn, ownIn, protectedIn } from './held-action.ts'
import type { SessionPolicy } from './session-policy.ts'

/**
 * Judges a call that waits. What the session was given counts, but room around a protected place, or around
 * one that decides what runs later, does not reach into it: there only the exact path and git metadata do.
 */
export async function judgeHeld(
  action: FileAccessAction,
  policy: SessionPolicy,
  settings: Settings,
  grants: SessionGrants,
  place: HeldPlace,
): Promise<{ verdict: Verdict; grant: Grant }> {
  const { held } = action
  const protectedPath = protectedIn(held, place)
  const found = grants.answerTo(action)
  const grave = protectedPath !== null || pathsOf(held).some((p) => changesWhatRunsLater(p, place.home))
  const named = found !== null && pathsOf(held).every((p) => found.grant.writePaths.includes(p))
  const granted = grave && !named && found?.grant.gitMetadata !== true ? null : found
  const facts = {
    ...noFacts,
    grantedBy: granted?.approvalId ?? null,
    denied: grants.deniedThisTurn(action),
    protectedPath,
    outsidePath: held.kind === 'write' ? outsideIn(held, place) : null,
    ownPath: ownIn(held, place),
  }
  const { verdict, grant } = judgeAction(action, facts, {
    settings,
    rules: await policy.rules(action.cwd),
    decode: policy.decode,
  })
  policy.noteUse(verdict)
  return { verdict, grant: verdict.kind === 'run' && granted ? granted.grant : grant }
}
