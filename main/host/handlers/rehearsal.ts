import type { ApprovalRequest } from '../../../protocol/approvals.ts'
import type { HostHandlers } from '../../../protocol/contract.ts'
import type { ApprovalId } from '../../../protocol/ids.ts'
import type { DecideResult } from '../../approvals/inbox.ts'
import type { SessionRehearsals } from '../../pipeline/rehearse-action.ts'
import type { HostContext } from '../host-context.ts'

type Topic =
  | 'rehearsals/watch'
  | 'rehearsals/start'
  | 'rehearsals/stop'
  | 'rehearsals/discard'
  | 'rehearsals/apply'

const gone = { status: 'refused', why: 'The agent no longer waits for this.' } as const

export function rehearsalHandlers({ inbox, sessions }: HostContext): Pick<HostHandlers, Topic> {
  function find(id: ApprovalId): { request: ApprovalRequest; rehearsals: SessionRehearsals } | null {
    const request = inbox.requests.find((each) => each.id === id)
    const session = request && sessions.live.get(request.sessionId)
    return request && session ? { request, rehearsals: session.rehearsals } : null
  }
  return {
    'rehearsals/watch': ({ id }, sink) => {
      const found = find(id)
      if (!found) return { snapshot: { state: 'unavailable', why: gone.why }, stop: () => {} }
      const { state, stop } = found.rehearsals.watch(found.request, (next) => sink.change(next))
      return { snapshot: state, stop }
    },
    'rehearsals/start': async ({ id, revision }) => {
      const found = find(id)
      if (!found) return gone
      if (found.request.revision !== revision)
        return { status: 'refused', why: 'It changed since it was shown. Look again.' }
      return found.rehearsals.start(found.request)
    },
    'rehearsals/stop': ({ id }) => find(id)?.rehearsals.stop(id) ?? gone,
    'rehearsals/discard': async ({ id }) => (await find(id)?.rehearsals.discard(id)) ?? gone,
    'rehearsals/apply': async ({ id, rehearsalId, ...answer }) => {
      const found = find(id)
      if (!found) return gone
      const why = found.rehearsals.wantApply(id, rehearsalId)
      if (why !== null) return { status: 'refused', why }
      const result = await inbox.decide({ id, offerId: 'once', ...answer }, 'user')
      if (result.status === 'recorded') return { status: 'done' }
      found.rehearsals.runInstead(id)
      return { status: 'refused', why: whyNot(result) }
    },
  }
}

function whyNot(result: Exclude<DecideResult, { status: 'recorded' }>): string {
  switch (result.status) {
    case 'alreadyDecided':
      return 'It was answered already.'
    case 'changedSinceShown':
      return 'It changed since it was shown. Look again.'
    case 'noLongerNeeded':
      return gone.why
    case 'notOffered':
      return 'It cannot be allowed once.'
    case 'echoWrong':
      return 'The typed word does not match. Nothing was allowed.'
    case 'ruleRefused':
      return result.why
  }
}
