import type { ActionItem } from '../../../protocol/sessions.ts'
import { Popover } from '../../ui/popover.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { heldWords, type QuietWrites } from './held-words.ts'
import { plural } from './words.ts'

/** What became of the file calls of one command that waited, and what was refused without a question. */
export function HeldSummary({ item }: { readonly item: ActionItem }) {
  const words = item.calls ? heldWords(item.calls) : null
  const quiet = item.quiet ?? []
  const count = item.calls?.quiet ?? quiet.length
  return (
    <>
      {words !== null && <p className="action-facts">{words}</p>}
      {count > 0 && (
        <details className="quiet-list">
          <summary>{quietWords(count)}</summary>
          <QuietList list={quiet} />
        </details>
      )}
    </>
  )
}

const quietWords = (count: number): string => `${plural(count, 'write')} quietly refused`

function QuietList({ list }: { readonly list: NonNullable<ActionItem['quiet']> }) {
  return (
    <ul className="quiet-paths">
      {list.map(({ path, reason }, at) => (
        <li key={at}>
          <span className="mono">
            <Spelled text={path} limit={200} />
          </span>
          {reason !== '' && (
            <>
              : <Spelled text={reason} limit={120} />
            </>
          )}
        </li>
      ))}
    </ul>
  )
}

/** The same for a whole session: a count that opens its list. */
export function QuietProof({ quiet }: { readonly quiet: QuietWrites }) {
  if (quiet.count === 0) return null
  return (
    <Popover
      title="Refused without a question, by the quiet-deny list"
      trigger={
        <button type="button" className="proof proof-link">
          {quietWords(quiet.count)}
        </button>
      }
    >
      <QuietList list={quiet.list} />
    </Popover>
  )
}
