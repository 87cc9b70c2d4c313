import { type MouseEvent, type ReactNode, type Ref, useCallback, useId, useState } from 'react'
import type { ApprovalRequest, Offer } from '../../protocol/approvals.ts'
import type { RehearsalState } from '../../protocol/rehearsal.ts'
import { keyOf } from '../keys/keymap.ts'
import { Button } from '../ui/button.tsx'
import { FoldWatch } from '../ui/folds.tsx'
import { Spelled } from '../ui/spelled.tsx'
import { TierMark, TierWord } from '../ui/tier-mark.tsx'
import { Elapsed, Remaining } from '../ui/time.tsx'
import { AnswerBar, type BarVerb } from './answer-bar.tsx'
import { Evidence } from './evidence.tsx'
import { Glance } from './glance.tsx'
import { summaryWords } from './rehearse/words.ts'
import { TypedEcho } from './typed-echo.tsx'
import { allows, headlines, offerLabel, stateLine } from './words.ts'
import './card.css'

type Props = {
  readonly request: ApprovalRequest
  readonly sending: string | null
  readonly failure: string | null
  readonly armed: boolean
  /** Milliseconds the ring takes to fill. */
  readonly armingMs: number
  readonly singleKeys: boolean
  /** `inline`: between the items of a session, with its evidence folded away. */
  readonly variant: 'pane' | 'inline'
  readonly echo: string
  readonly blocked: string | null
  /** The line under the bar: a note or an edited command. */
  readonly panel: ReactNode
  readonly rehearsal: RehearsalState | null
  /** What a rehearsal shows, under the panel. */
  readonly rehearsed: ReactNode
  readonly cardRef: Ref<HTMLElement>
  onEcho(value: string): void
  /** How many folds of the six slots still hide text. */
  onFolds(closed: number): void
  onOffer(offer: Offer, event: MouseEvent | null): void
  onVerb(verb: BarVerb): void
  onUndo(): void
  readonly onOrigin: (() => void) | null
  /** Opens the line of a rule or requirement. */
  readonly onSource: ((source: { readonly file: string; readonly line: number }) => void) | null
}

/** One request with its answers. Knows nothing of lists, hosts or policy. */
export function ApprovalCard(props: Props) {
  const { request, failure, armed, variant, panel, cardRef, onFolds } = props
  const id = useId()
  const [everFolded, setEverFolded] = useState(false)
  const [closed, setClosed] = useState(0)
  const watch = useCallback(
    (count: number) => {
      setClosed(count)
      if (count > 0) setEverFolded(true)
      onFolds(count)
    },
    [onFolds],
  )
  const sentenceId = (offer: Offer['id']): string => `${id}-${offer}`
  const open = request.state.state === 'waiting' || request.state.state === 'parked'
  return (
    <article
      ref={cardRef}
      id={`approval-${request.id}`}
      className={`card card-${variant}`}
      aria-labelledby={`${id}-title`}
      aria-busy={props.sending !== null}
      data-armed={armed}
      tabIndex={-1}
    >
      <CardHead request={request} titleId={`${id}-title`} />
      <FoldWatch onChange={watch}>
        <Glance
          request={request}
          rehearsed={props.rehearsal?.state === 'done' ? summaryWords(props.rehearsal.rehearsal) : null}
          grown={everFolded && closed === 0}
          onOrigin={props.onOrigin}
        />
      </FoldWatch>
      <div className="answer-zone">
        {open ? (
          <OpenBar {...props} sentenceId={sentenceId} />
        ) : (
          <StateBar request={request} onUndo={props.onUndo} />
        )}
      </div>
      {failure !== null && (
        <p className="card-failure" role="alert">
          {failure}
        </p>
      )}
      {open && panel}
      {open && props.rehearsed}
      {variant === 'pane' ? (
        <Evidence request={request} sentenceId={sentenceId} onSource={props.onSource} />
      ) : (
        <details className="card-details">
          <summary>Evidence</summary>
          <Evidence request={request} sentenceId={sentenceId} onSource={props.onSource} />
        </details>
      )}
    </article>
  )
}

function CardHead({ request, titleId }: { readonly request: ApprovalRequest; readonly titleId: string }) {
  const { action, context, tier, kind, requestedAtMs, state, stopsAgent, alsoFor = [] } = request
  return (
    <header className="card-head">
      <div className="card-title">
        <TierMark tier={tier} />
        <h2 id={titleId}>{headlines[kind]}</h2>
        <TierWord tier={tier} />
        <span className="card-held">
          {state.state === 'waiting' || state.state === 'parked' ? (
            <>
              <Elapsed sinceMs={requestedAtMs} prefix="held " /> ·{' '}
              {action.kind === 'fileAccess' || action.kind === 'hostAccess'
                ? 'the process waits'
                : stopsAgent
                  ? 'agent waits'
                  : 'agent goes on'}
            </>
          ) : (
            'answered'
          )}
        </span>
      </div>
      <p className="card-context">
        {alsoFor.length > 0 && (
          <>
            {alsoFor.length + 1} sessions wait, also{' '}
            <Spelled text={alsoFor.map(({ title }) => title).join(', ')} limit={160} />; one answer is for all
            ·{' '}
          </>
        )}
        <Spelled text={context.session} limit={80} /> / turn {context.turn} ·{' '}
        <Spelled text={context.agent} limit={60} /> · <Spelled text={context.folder} limit={120} /> · preset{' '}
        {context.preset}
      </p>
    </header>
  )
}

function OpenBar(props: Props & { readonly sentenceId: (offer: Offer['id']) => string }) {
  const { request, armed, armingMs, blocked, echo, onEcho, rehearsal } = props
  const whyId = useId()
  const whyNot = rehearsal?.state === 'unavailable' ? rehearsal.why : null
  return (
    <>
      <AnswerBar
        request={request}
        sending={props.sending}
        blocked={blocked}
        armed={armed}
        singleKeys={props.singleKeys}
        describedBy={props.sentenceId}
        rehearse={
          rehearsal && {
            off: rehearsal.state === 'checking' || rehearsal.state === 'running' || whyNot !== null,
            whyId: whyNot === null ? undefined : whyId,
          }
        }
        onOffer={props.onOffer}
        onVerb={props.onVerb}
      />
      {request.echo !== null && <TypedEcho word={request.echo} value={echo} onChange={onEcho} />}
      <p className="arming">
        {armed ? <UnderBar request={request} blocked={blocked} /> : <Ring ms={armingMs} />}
        {whyNot !== null && (
          <span id={whyId}>
            Rehearse: not here. <Spelled text={whyNot} limit={300} />
          </span>
        )}
      </p>
    </>
  )
}

/** Why no allow counts; otherwise what each one gives and when it ends, right where it is given. */
function UnderBar({
  request,
  blocked,
}: {
  readonly request: ApprovalRequest
  readonly blocked: string | null
}) {
  if (blocked !== null) return blocked
  return request.offers
    .filter((offer) => allows(offer) && offer.id !== 'outside')
    .map((offer) => (
      <span key={offer.id}>
        {offerLabel(offer)}: {offer.sentence}.
      </span>
    ))
}

/** Fills while the card ignores keys and clicks. With reduced motion it is words only. */
function Ring({ ms }: { readonly ms: number }) {
  return (
    <>
      <svg className="arming-ring" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <circle cx="6" cy="6" r="4.5" pathLength="100" style={{ animationDuration: `${ms}ms` }} />
      </svg>
      just appeared: answers count in a moment
    </>
  )
}

function StateBar({ request, onUndo }: { readonly request: ApprovalRequest; onUndo(): void }) {
  const { state } = request
  return (
    <div className="answer-bar">
      <p className="card-state">
        {stateLine(request)}
        {state.state === 'releasing' && (
          <>
            . The agent is told in <Remaining untilMs={state.releaseAtMs} />
          </>
        )}
      </p>
      {state.state === 'releasing' && (
        <Button keyHint={keyOf('undo')} onClick={onUndo}>
          Undo
        </Button>
      )}
    </div>
  )
}
