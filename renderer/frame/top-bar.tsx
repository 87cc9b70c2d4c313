import { presetOf } from '../../protocol/settings.ts'
import { keyOf } from '../keys/keymap.ts'
import { useApp, useInbox, useSessionSummary, useSessions, useStores } from '../state/context.tsx'
import { needsYou, parkedOnes } from '../state/inbox.ts'
import { isLive } from '../state/sessions.ts'
import { Button } from '../ui/button.tsx'
import { Spelled } from '../ui/spelled.tsx'

const titles = {
  inbox: 'Inbox',
  sessions: 'Sessions',
  session: 'Session',
  rules: 'Rules',
  settings: 'Settings',
  start: 'Open folder',
} as const

/** Where we are, how much waits, and the preset of the session in hand. */
export function TopBar() {
  const page = useApp((state) => state.route.page)
  const { app } = useStores()
  return (
    <header className="top-bar">
      <h1 className="top-title">{titles[page]}</h1>
      <PageCounts />
      <div className="top-actions">
        <PresetButton />
        <Button keyHint={keyOf('palette')} onClick={() => app.open({ kind: 'palette' })}>
          Commands
        </Button>
      </div>
    </header>
  )
}

function PageCounts() {
  const page = useApp((state) => state.route.page)
  const waiting = useInbox((state) => needsYou(state).length)
  const parked = useInbox((state) => parkedOnes(state).length)
  const live = useSessions((state) => [...state.byId.values()].filter(isLive).length)
  const all = useSessions((state) => state.ids.length)
  const counts =
    page === 'sessions' ? `${live} live · ${all - live} ended` : `${waiting} need you · ${parked} parked`
  return page === 'inbox' || page === 'sessions' ? <span className="top-counts">{counts}</span> : null
}

function PresetButton() {
  const { app } = useStores()
  const scopeId = useApp((state) => state.scopeId)
  const session = useSessionSummary(scopeId)
  if (!session || !isLive(session)) return null
  const { preset, sandboxMode, approvalPolicy } = session.settings
  const words = preset ? presetOf(preset).name : `${sandboxMode}, ${approvalPolicy}`
  return (
    <>
      <span className="top-label" id="preset-of">
        Preset of <Spelled text={session.title} limit={32} />
      </span>
      <Button
        keyHint={keyOf('preset')}
        aria-haspopup="dialog"
        onClick={() => app.open({ kind: 'preset', sessionId: session.id, choice: null })}
      >
        {words} · {sandboxMode}
      </Button>
    </>
  )
}
