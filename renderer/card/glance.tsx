import type { ReactNode } from 'react'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import { Pieces } from '../ui/pieces.tsx'
import { Spelled } from '../ui/spelled.tsx'

type Props = {
  readonly request: ApprovalRequest
  /** What a rehearsal showed, in place of what is foreseen. */
  readonly rehearsed?: string | null
  /** Something was unfolded: the zone may grow, because the person made it. */
  readonly grown: boolean
  /** Opens the item a value came from. */
  readonly onOrigin: (() => void) | null
}

/** The six slots: same labels, same order, same places on every card. An empty one says "none". */
export function Glance({ request, rehearsed = null, grown, onOrigin }: Props) {
  const { slots, contradictions } = request
  return (
    <dl className={grown ? 'card-glance card-glance-grown' : 'card-glance'}>
      <Slot label="Wants" well>
        <Pieces pieces={slots.wants} limit={160} />
      </Slot>
      <Slot label="Changes">
        {rehearsed === null ? (
          <Pieces pieces={slots.changes} limit={240} />
        ) : (
          <>
            Rehearsed: <Spelled text={rehearsed} limit={240} />
          </>
        )}
      </Slot>
      <Slot label="Scope">
        <Pieces pieces={slots.scope} limit={240} />
      </Slot>
      <Slot label="Origin">
        <Pieces pieces={slots.origin.pieces} limit={240} />
        {onOrigin && slots.origin.itemId && (
          <>
            {' '}
            <button type="button" className="link-button" onClick={onOrigin}>
              show
            </button>
          </>
        )}
      </Slot>
      <Slot label="Reach">
        <Pieces pieces={slots.reach} limit={240} />
      </Slot>
      <Slot label="History">
        <Ticks ticks={slots.history.ticks} />
        <Pieces pieces={slots.history.pieces} limit={240} />
      </Slot>
      {contradictions.length > 0 && (
        <Slot label="Does not match" warning>
          {contradictions.map((text) => (
            <span key={text}>
              <Spelled text={text} limit={240} />{' '}
            </span>
          ))}
        </Slot>
      )}
    </dl>
  )
}

type SlotProps = {
  readonly label: string
  readonly well?: boolean
  readonly warning?: boolean
  readonly children: ReactNode
}

function Slot({ label, well, warning, children }: SlotProps) {
  return (
    <div className={warning ? 'card-slot card-slot-warning' : 'card-slot'}>
      <dt>{label}</dt>
      <dd className={well ? 'card-well' : undefined}>{well ? <div>{children}</div> : children}</dd>
    </div>
  )
}

const tickWords = { allowed: 'allowed', denied: 'denied', unanswered: 'not answered' } as const

/** Earlier answers, oldest first: filled for denied, open for allowed, dashed for none. The words follow in text. */
function Ticks({ ticks }: { readonly ticks: ApprovalRequest['slots']['history']['ticks'] }) {
  if (ticks.length === 0) return null
  return (
    <span className="card-ticks" role="img" aria-label={ticks.map((tick) => tickWords[tick]).join(', ')}>
      {ticks.map((tick, place) => (
        <span key={place} className={`card-tick card-tick-${tick}`} />
      ))}
    </span>
  )
}
