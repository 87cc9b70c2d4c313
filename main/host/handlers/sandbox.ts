import type { HostHandlers } from '../../../protocol/contract.ts'
import type { SessionId } from '../../../protocol/ids.ts'
import type { LiveSession } from '../../pipeline/run-session.ts'
import type { HostContext } from '../host-context.ts'
import { sandboxFacts } from '../sandbox-facts.ts'

type Topic = Extract<keyof HostHandlers, `sandbox/${string}`>

/** What proves a session's boundary, and the person's own check of it. */
export function sandboxHandlers({ sessions, sandbox }: HostContext): Pick<HostHandlers, Topic> {
  const live = (id: SessionId): LiveSession | null => {
    const session = sessions.live.get(id)
    return session && !session.ended ? session : null
  }
  const ended = { status: 'refused', why: 'This session has ended.' } as const

  return {
    'sandbox/facts': async ({ sessionId }) => {
      const session = live(sessionId)
      return session ? { status: 'known', facts: await sandboxFacts(session, sandbox) } : ended
    },
    'sandbox/check': async ({ sessionId }) => {
      const session = live(sessionId)
      if (!session) return ended
      await session.check()
      return { status: 'checked', sandbox: session.feed.summary.sandbox }
    },
  }
}
