import { type ApprovalState, isAllow } from '../../../protocol/approvals.ts'
import type { ApprovalId } from '../../../protocol/ids.ts'
import { subjectName } from '../../card/subject-name.ts'
import { mainFlag, stateLine, tierWords } from '../../card/words.ts'
import { keyOf } from '../../keys/keymap.ts'
import { useInboxRow, useStores } from '../../state/context.tsx'
import { KeptName } from '../../ui/kept-name.tsx'
import { KeyCap } from '../../ui/key-cap.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { TierMark } from '../../ui/tier-mark.tsx'
import { clockWords, Moment, Remaining, useNow } from '../../ui/time.tsx'

/** Two lines: what is asked and for how long; whose, how grave, and the one thing to know. */
export function InboxRowView({ id }: { readonly id: ApprovalId }) {
  const row = useInboxRow(id)
  if (!row) return null
  const { request } = row
  const { state } = request
  const answered = stateLine(request)
  const flag = mainFlag(request)
  const open = state.state === 'waiting' || state.state === 'parked'
  return (
    <>
      <div role="gridcell" className="row-mark">
        {open ? (
          <TierMark tier={request.tier} />
        ) : (
          <span aria-hidden="true">{isYes(request.state) ? '✓' : '✕'}</span>
        )}
      </div>
      <div role="gridcell" className="row-text">
        <div className="row-subject">
          <KeptName text={request.subject} name={subjectName(request.action)} limit={120} />
        </div>
        <div className="row-meta">
          <Spelled text={request.context.session} limit={40} />
          {' · '}
          {open ? tierWords[request.tier] : answered}
          {request.alsoFor && ` · ${request.alsoFor.length + 1} sessions wait`}
          {open && flag !== null && ` · ${flag}`}
        </div>
      </div>
      <div role="gridcell" className="row-side">
        {open ? (
          <>
            <Age sinceMs={request.requestedAtMs} />
            <span>{state.state === 'parked' ? 'parked' : request.stopsAgent ? 'waits' : 'goes on'}</span>
          </>
        ) : state.state === 'releasing' ? (
          <UndoButton id={id} releaseAtMs={state.releaseAtMs} />
        ) : (
          'atMs' in state && <Moment atMs={state.atMs} />
        )}
      </div>
    </>
  )
}

const isYes = (state: ApprovalState): boolean =>
  state.state === 'releasing' || (state.state === 'decided' && isAllow(state.decision))

function Age({ sinceMs }: { readonly sinceMs: number }) {
  return <span className="time">{clockWords(useNow() - sinceMs)}</span>
}

/** Undo stands in the list, where the answer is, with the time it is left. */
function UndoButton({ id, releaseAtMs }: { readonly id: ApprovalId; readonly releaseAtMs: number }) {
  const { inbox } = useStores()
  return (
    <>
      <button
        type="button"
        className="row-undo"
        tabIndex={-1}
        onClick={(event) => {
          event.stopPropagation()
          void inbox.undo(id)
        }}
      >
        undo <KeyCap keys={keyOf('undo')} />
      </button>
      <Remaining untilMs={releaseAtMs} suffix=" left" />
    </>
  )
}
