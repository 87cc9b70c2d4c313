import { useInbox, useSessions, useStores } from '../../state/context.tsx'
import { isLive } from '../../state/sessions.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/states.tsx'
import { agoWords, useNow } from '../../ui/time.tsx'

/** One sentence with numbers. Nothing to celebrate and nothing to draw. */
export function EmptyInbox() {
  const { app } = useStores()
  const byId = useSessions((state) => state.byId)
  const asked = useInbox((state) => state.askedAtMs)
  const now = useNow()
  const live = [...byId.values()].filter(isLive)
  const working = live.filter(({ state }) => state === 'working' || state === 'starting').length
  const sum = (of: 'byItself' | 'allowed' | 'denied'): number =>
    live.reduce((total, { counts }) => total + counts[of], 0)
  const last = Math.max(0, ...asked.values())
  return (
    <EmptyState title="Nobody is waiting on you.">
      {live.length === 0 ? (
        <p>No agent is running. Open a folder to start one.</p>
      ) : (
        <p>
          {live.length} {live.length === 1 ? 'agent is' : 'agents are'} running, {working} working now. In
          these sessions {sum('byItself')} things ran without a question, {sum('allowed')} were allowed and{' '}
          {sum('denied')} denied.
        </p>
      )}
      {last > 0 && <p>Last question {agoWords(last, now)}.</p>}
      <div className="state-actions">
        <Button onClick={() => app.go({ page: 'start', folder: null })}>Open folder</Button>
        <Button onClick={() => app.go({ page: 'sessions' })}>Sessions</Button>
      </div>
    </EmptyState>
  )
}
