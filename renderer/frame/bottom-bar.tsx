import { useApp, useConnection, useInbox, useSessions } from '../state/context.tsx'
import { needsYou } from '../state/inbox.ts'
import { isLive } from '../state/sessions.ts'
import { Spelled } from '../ui/spelled.tsx'
import { useNow } from '../ui/time.tsx'

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

export function BottomBar() {
  const info = useApp((state) => state.info)
  const agents = useSessions((state) => [...state.byId.values()].filter(isLive).length)
  const held = useInbox((state) => needsYou(state).length)
  const connection = useConnection()
  const link =
    connection.state === 'open'
      ? 'host connected'
      : connection.state === 'lost'
        ? 'host not reached'
        : 'connecting'
  const sandbox =
    info?.sandbox.state === 'available'
      ? `${info.sandbox.backend} ${info.sandbox.version}`
      : info?.sandbox.state === 'unavailable'
        ? 'no sandbox here'
        : null
  return (
    <footer className="bottom-bar">
      <span>
        {plural(agents, 'agent')} · {held} held
      </span>
      <AsksThisHour />
      <span>{link}</span>
      <span className="bottom-end">
        {sandbox !== null && (
          <span>
            <Spelled text={sandbox} limit={60} />
          </span>
        )}
        {info && <span>Gatehouse {info.version}</span>}
      </span>
    </footer>
  )
}

/** What fatigue is measured by. Only what this window saw: a count it cannot vouch for would be worse than none. */
function AsksThisHour() {
  const asked = useInbox((state) => state.askedAtMs)
  const sinceMs = useNow() - 3_600_000
  const asks = [...asked.values()].filter((atMs) => atMs > sinceMs).length
  return <span>{plural(asks, 'question')} seen this hour</span>
}
