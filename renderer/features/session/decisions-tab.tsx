import { type KeyboardEvent, useState } from 'react'
import { Short } from '../../ui/short.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { EmptyState } from '../../ui/states.tsx'
import { durationWords, timeWords } from '../../ui/time.tsx'
import type { DecisionRow } from './decision-rows.ts'
import { Receipt } from './receipt.tsx'
import { plural } from './words.ts'

type Props = { readonly rows: readonly DecisionRow[]; onJump(itemId: string): void }

/** Every question of the session: what, why it was asked, who answered, when, and how long that took. */
export function DecisionsTab({ rows, onJump }: Props) {
  const [openId, setOpenId] = useState<string | null>(null)
  const open = rows.find((row) => row.item.id === openId) ?? rows[0]
  if (!open) {
    return (
      <EmptyState title="Nobody was asked anything in this session.">
        Everything ran inside its sandbox or was known to only read. The timeline lists each act.
      </EmptyState>
    )
  }
  const counts = countsOf(rows)
  const onKeyDown = (event: KeyboardEvent): void => {
    const by =
      event.key === 'ArrowDown' || event.key === 'j'
        ? 1
        : event.key === 'ArrowUp' || event.key === 'k'
          ? -1
          : 0
    if (by === 0 || event.metaKey || event.ctrlKey || event.altKey) return
    const next = rows[rows.indexOf(open) + by]
    event.preventDefault()
    if (!next) return
    setOpenId(next.item.id)
    const pane = event.currentTarget
    requestAnimationFrame(() => {
      pane.querySelector<HTMLElement>('[aria-current=true]')?.scrollIntoView({ block: 'nearest' })
    })
  }
  return (
    <div className="decisions">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- j and k move through the rows */}
      <div
        className="decisions-list"
        // A scrolling pane must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="group"
        aria-label="Decisions"
        onKeyDown={onKeyDown}
      >
        <p className="decisions-counts">{counts}</p>
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Verdict, and where it came from</th>
              <th scope="col">Answer</th>
              <th scope="col">Who</th>
              <th scope="col">When</th>
              <th scope="col">Took</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr
                key={row.item.id}
                className={`decision decision-${row.outcome}`}
                aria-current={row === open}
                onClick={() => setOpenId(row.item.id)}
              >
                <td>
                  <button type="button" className="decision-open mono" onClick={() => setOpenId(row.item.id)}>
                    <Short text={row.subject} limit={160} />
                  </button>
                  {row.edited && <span className="decision-edited">edited before it ran</span>}
                </td>
                <td>
                  {row.verdict}: <Spelled text={row.origin} limit={160} />
                </td>
                <td>
                  <Spelled text={row.answer} limit={160} />
                  {row.note !== null && row.note !== '' && (
                    <span className="decision-note">
                      <Spelled text={row.note} limit={160} />
                    </span>
                  )}
                </td>
                <td>{row.by === '' ? 'nobody' : row.by}</td>
                <td className="time">{timeWords(row.answeredAtMs ?? row.item.atMs)}</td>
                <td className="time">{row.waitedMs === null ? '' : durationWords(row.waitedMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Receipt row={open} onJump={onJump} />
    </div>
  )
}

function countsOf(rows: readonly DecisionRow[]): string {
  const of = (outcome: DecisionRow['outcome']): number => rows.filter((row) => row.outcome === outcome).length
  const parts = [
    `${of('allowed')} allowed`,
    `${of('denied')} denied`,
    ...(of('unanswered') > 0 ? [`${of('unanswered')} not answered`] : []),
    ...(of('forbidden') > 0 ? [`${of('forbidden')} forbidden without a question`] : []),
    ...(of('open') > 0 ? [`${of('open')} waiting`] : []),
  ]
  return `${plural(rows.length, 'decision')}: ${parts.join(', ')}.`
}
