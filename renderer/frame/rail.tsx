import type { ReactNode } from 'react'
import type { SessionSummary } from '../../protocol/sessions.ts'
import { keyOf } from '../keys/keymap.ts'
import type { Route } from '../state/app.ts'
import { useApp, useInbox, useSessions, useStores } from '../state/context.tsx'
import { needsYou } from '../state/inbox.ts'
import { isLive, isUnbounded, stateWords } from '../state/sessions.ts'
import { Icon, type IconName } from '../ui/icons.tsx'
import { keyWords } from '../ui/key-cap.tsx'
import { Spelled } from '../ui/spelled.tsx'

/** Pages with their counts, and what is alive. Only pages that exist are listed. */
export function Rail() {
  const { app } = useStores()
  const waiting = useInbox((state) => needsYou(state).length)
  const ids = useSessions((state) => state.ids)
  const byId = useSessions((state) => state.byId)
  const live = ids.flatMap((id) => {
    const session = byId.get(id)
    return session && isLive(session) ? [session] : []
  })
  return (
    <nav className="rail" aria-label="Pages and live sessions">
      <ul>
        <RailPage to={{ page: 'inbox' }} icon="inbox" shortcut="goInbox" count={waiting}>
          Inbox
        </RailPage>
        <RailPage to={{ page: 'sessions' }} icon="sessions" shortcut="goSessions" count={live.length}>
          Sessions
        </RailPage>
        <RailPage to={{ page: 'rules', start: null }} icon="bundle" shortcut="goRules">
          Rules
        </RailPage>
        <RailPage to={{ page: 'settings' }} icon="settings" shortcut="goSettings">
          Settings
        </RailPage>
      </ul>
      <button
        type="button"
        className="rail-row rail-action"
        title={keyWords(keyOf('openFolder'))}
        onClick={() => app.go({ page: 'start', folder: null })}
      >
        <Icon name="folder" />
        <span className="rail-name">Open folder</span>
      </button>
      <h2 className="rail-heading" id="live-heading">
        Live sessions
      </h2>
      {live.length === 0 && <p className="rail-none">None.</p>}
      <ul aria-labelledby="live-heading">
        {live.map((session) => (
          <LiveSession key={session.id} session={session} />
        ))}
      </ul>
    </nav>
  )
}

type RailPageProps = {
  readonly to: Route
  readonly icon: IconName
  readonly shortcut: 'goInbox' | 'goSessions' | 'goRules' | 'goSettings'
  readonly count?: number
  readonly children: ReactNode
}

function RailPage({ to, icon, shortcut, count, children }: RailPageProps) {
  const { app } = useStores()
  const current = useApp((state) => state.route.page === to.page)
  return (
    <li>
      <button
        type="button"
        className="rail-row"
        title={keyWords(keyOf(shortcut))}
        aria-current={current ? 'page' : undefined}
        onClick={() => app.go(to)}
      >
        <Icon name={icon} />
        <span className="rail-name">{children}</span>
        {count !== undefined && <span className="count">{count}</span>}
      </button>
    </li>
  )
}

function LiveSession({ session }: { readonly session: SessionSummary }) {
  const { app } = useStores()
  const current = useApp((state) => state.route.page === 'session' && state.route.id === session.id)
  const unbounded = isUnbounded(session)
  return (
    <li>
      <button
        type="button"
        className="rail-row"
        aria-current={current ? 'page' : undefined}
        onClick={() => app.go({ page: 'session', id: session.id })}
      >
        {unbounded && <Icon name="unbounded" />}
        <span className="rail-name">
          <Spelled text={session.title} limit={60} />
        </span>
        <span className="rail-state">{unbounded ? 'no boundary' : stateWords(session)}</span>
      </button>
    </li>
  )
}
