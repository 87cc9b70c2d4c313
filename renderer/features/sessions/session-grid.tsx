import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import type { SessionId } from '../../../protocol/ids.ts'
import type { SessionSummary } from '../../../protocol/sessions.ts'
import { commandFor } from '../../keys/keymap.ts'
import { stateWords } from '../../state/sessions.ts'
import { Short } from '../../ui/short.tsx'
import { dateWords, timeWords } from '../../ui/time.tsx'

type Props = { readonly sessions: readonly SessionSummary[]; onOpen(id: SessionId): void }

const columns = ['Session', 'State', 'Started', 'Turns', 'Decisions'] as const
const rowHeight = 56

/** A grid of rows: j, k and arrows choose, Enter opens. Draws only the rows in view. */
export function SessionGrid({ sessions, onOpen }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const name = useId()
  const [chosen, setChosen] = useState<SessionId | null>(null)
  const found = sessions.findIndex(({ id }) => id === chosen)
  const current = found === -1 ? 0 : found
  // oxlint-disable-next-line react/incompatible-library -- its functions change on purpose, and no compiler memoizes here
  const virtual = useVirtualizer({
    count: sessions.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => sessions[index]?.id ?? index,
    overscan: 10,
    scrollPaddingStart: 32,
  })
  const choose = (index: number): void => {
    const session = sessions[Math.min(sessions.length - 1, Math.max(0, index))]
    if (!session) return
    setChosen(session.id)
    virtual.scrollToIndex(sessions.indexOf(session), { align: 'auto' })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const command = commandFor(event, ['list'])
    if (command === 'next') choose(current + 1)
    else if (command === 'previous') choose(current - 1)
    else if (command === 'first') choose(0)
    else if (command === 'last') choose(sessions.length - 1)
    else if (event.key === 'PageDown') choose(current + 10)
    else if (event.key === 'PageUp') choose(current - 10)
    else if (command === 'evidence' && !event.repeat) {
      const session = sessions[current]
      if (session) onOpen(session.id)
    } else return
    event.preventDefault()
  }
  return (
    <div
      ref={scroller}
      className="session-grid"
      role="grid"
      tabIndex={0}
      aria-label="Sessions"
      aria-rowcount={sessions.length + 1}
      aria-activedescendant={`${name}-${current}`}
      onKeyDown={onKeyDown}
    >
      <div role="row" aria-rowindex={1} className="session-row session-columns">
        {columns.map((column) => (
          <span key={column} role="columnheader">
            {column}
          </span>
        ))}
      </div>
      <div className="virtual-space" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((row) => {
          const session = sessions[row.index]
          if (!session) return null
          return (
            // The grid itself holds the focus and the keys.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={row.key}
              id={`${name}-${row.index}`}
              role="row"
              aria-rowindex={row.index + 2}
              aria-selected={row.index === current}
              className="virtual-row session-row"
              style={{ transform: `translateY(${row.start}px)`, height: row.size }}
              onClick={() => onOpen(session.id)}
            >
              <Cells session={session} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Cells({ session }: { readonly session: SessionSummary }) {
  const { counts } = session
  return (
    <>
      <span role="gridcell">
        <strong>
          <Short text={session.title} limit={100} />
        </strong>
        <span className="session-where">
          <span className="mono">
            <Short text={session.folder} limit={100} />
          </span>
          {session.branch !== null && (
            <>
              {' @ '}
              <Short text={session.branch} limit={60} />
            </>
          )}
          {' · '}
          <Short text={session.agentName} limit={40} />
        </span>
      </span>
      <span role="gridcell" className={`session-standing standing-${session.state}`}>
        {stateWords(session)}
        {(session.logProblem ?? session.stateReason) !== null && (
          <span className="session-problem">
            <Short
              text={session.logProblem === null ? (session.stateReason ?? '') : `log: ${session.logProblem}`}
              limit={90}
            />
          </span>
        )}
      </span>
      <span role="gridcell" className="session-number">
        {dateWords(session.startedAtMs)}, {timeWords(session.startedAtMs)}
      </span>
      <span role="gridcell" className="session-number">
        {session.turns}
      </span>
      <span role="gridcell">
        {counts.allowed} allowed, {counts.denied} denied
        {counts.unanswered > 0 && `, ${counts.unanswered} not answered`}
        <span className="session-where">{counts.byItself} ran without a question</span>
      </span>
    </>
  )
}
