import { useMemo, useState } from 'react'
import type { SessionSummary } from '../../../protocol/sessions.ts'
import { useSessions, useStores } from '../../state/context.tsx'
import { isLive } from '../../state/sessions.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { EmptyState, ErrorState, Loading } from '../../ui/states.tsx'
import { filterSessions } from './filter-sessions.ts'
import { SessionGrid } from './session-grid.tsx'
import './sessions.css'

/** All sessions, running and past, newest first. */
export function SessionsScreen() {
  const { app } = useStores()
  const load = useSessions((state) => state.load)
  const ids = useSessions((state) => state.ids)
  const byId = useSessions((state) => state.byId)
  const complete = useSessions((state) => state.complete)
  const [filter, setFilter] = useState('')
  const all = useMemo(() => {
    const list = ids.map((id) => byId.get(id)).filter((each): each is SessionSummary => each !== undefined)
    // What runs now stands first; below it the newest first, as the store keeps them.
    return [...list.filter(isLive), ...list.filter((each) => !isLive(each))]
  }, [ids, byId])
  const shown = useMemo(() => filterSessions(all, filter), [all, filter])
  const openFolder = () => app.go({ page: 'start', folder: null })

  if (load.state === 'failed') {
    return (
      <ErrorState title="The list of sessions cannot be read." fix={load.problem.message}>
        <Button onClick={openFolder}>Open a folder</Button>
      </ErrorState>
    )
  }
  if (load.state === 'loading') return <Loading what="Reading the list of sessions…" />
  if (all.length === 0 && complete) {
    return (
      <EmptyState title="No session yet.">
        <p>A session is one agent at work in one folder. Each leaves a record that can be read here.</p>
        <div className="state-actions">
          <Button look="strong" onClick={openFolder}>
            Open a folder
          </Button>
        </div>
      </EmptyState>
    )
  }
  return (
    <div className="sessions">
      <div className="sessions-head">
        <TextField
          label={<span className="sr-only">Filter sessions</span>}
          placeholder="Filter: title, folder, branch, agent, state"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <p role="status">
          {filter.trim() === '' ? `${all.length} sessions` : `${shown.length} of ${all.length} sessions`}
          {!complete && ' · older logs are still being read'}
        </p>
      </div>
      {shown.length === 0 ? (
        <EmptyState title={`No session contains “${filter.trim()}”.`}>
          <Button onClick={() => setFilter('')}>Show all {all.length}</Button>
        </EmptyState>
      ) : (
        <SessionGrid sessions={shown} onOpen={(id) => app.go({ page: 'session', id })} />
      )}
    </div>
  )
}
