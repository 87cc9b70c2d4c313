import { useEffect } from 'react'
import type { SessionSummary } from '../../protocol/sessions.ts'
import { useConnection, useSessions, useStores } from '../state/context.tsx'
import { isFrozen, isUnbounded } from '../state/sessions.ts'
import { Spelled } from '../ui/spelled.tsx'
import { Elapsed, Remaining } from '../ui/time.tsx'

/** Red lines with words, for exactly four states: host not reached, no boundary, full access, a frozen session. */
export function Strips() {
  const byId = useSessions((state) => state.byId)
  const unbounded = [...byId.values()].filter(isUnbounded)
  return (
    <>
      <ConnectionStrip />
      {unbounded.map((session) => (
        <BoundaryStrip key={session.id} session={session} />
      ))}
      {[...byId.values()].filter(isFrozen).map((session) => (
        <FrozenStrip key={session.id} session={session} />
      ))}
    </>
  )
}

function ConnectionStrip() {
  const status = useConnection()
  const { connection, announcements } = useStores()
  const lost = status.state === 'lost'
  useEffect(() => {
    if (lost) announcements.sayNow('The host is not reached. What is held stays held.')
  }, [lost, announcements])
  if (status.state === 'refused') {
    return (
      <div className="strip" role="alert">
        <strong>This window is not accepted.</strong> <span>{status.why}</span>
      </div>
    )
  }
  if (status.state !== 'lost') return null
  return (
    <div className="strip">
      <strong>
        Host not reached for <Elapsed sinceMs={status.sinceMs} />
      </strong>
      <span className="strip-words">
        Agents are held, not free: the sandbox and held questions do not depend on this window. What is shown
        is from before.
      </span>
      <button type="button" className="strip-button" onClick={() => connection.retry()}>
        Try now
      </button>
    </div>
  )
}

function BoundaryStrip({ session }: { readonly session: SessionSummary }) {
  const { app, announcements } = useStores()
  const { leaseEndsAtMs } = session.settings
  useEffect(() => announcements.sayNow('A session runs without a boundary.'), [announcements])
  return (
    <div className="strip">
      <strong>
        <Spelled text={session.title} limit={40} />{' '}
        {leaseEndsAtMs === null ? 'runs without a boundary' : 'has full access'}
      </strong>
      <span className="strip-words">
        No sandbox and no questions.{' '}
        {leaseEndsAtMs !== null && (
          <>
            Ends in <Remaining untilMs={leaseEndsAtMs} />.
          </>
        )}
      </span>
      <button
        type="button"
        className="strip-button"
        onClick={() => app.open({ kind: 'preset', sessionId: session.id, choice: 'auto' })}
      >
        Take it back
      </button>
    </div>
  )
}

function FrozenStrip({ session }: { readonly session: SessionSummary }) {
  const { app, announcements } = useStores()
  const { sandbox } = session
  useEffect(() => announcements.sayNow('A session is frozen: its sandbox is not proved.'), [announcements])
  if (sandbox.state !== 'frozen') return null
  return (
    <section className="strip" aria-label={`Frozen: ${session.title}`}>
      <strong>
        <Spelled text={session.title} limit={40} />{' '}
        {sandbox.why === 'open'
          ? 'is frozen: its sandbox let something through'
          : 'is frozen: its sandbox is not verified'}
      </strong>
      <span className="strip-words">
        <Spelled text={`${sandbox.target}: ${sandbox.detail}`} limit={160} />
      </span>
      <button
        type="button"
        className="strip-button"
        onClick={() => app.open({ kind: 'sandbox', sessionId: session.id })}
      >
        Look and check again
      </button>
    </section>
  )
}
