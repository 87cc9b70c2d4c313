import type { ReactNode } from 'react'
import type { ApprovalRequest, Offer } from '../../protocol/approvals.ts'
import type { Reason } from '../../protocol/verdict.ts'
import { Argv } from '../ui/argv.tsx'
import { Pieces } from '../ui/pieces.tsx'
import { Quote } from '../ui/quote.tsx'
import { Spelled } from '../ui/spelled.tsx'
import { Reasoning } from './reasoning.tsx'
import { offerLabel } from './words.ts'

type Props = {
  readonly request: ApprovalRequest
  readonly sentenceId: (offer: Offer['id']) => string
  /** Opens the line of a rule or requirement. */
  readonly onSource?: ((source: NonNullable<Reason['source']>) => void) | null
}

/** As the host labels it. */
const whyHeldLabel = 'Why it was held'

/** What stands behind the six slots, in one order: what answers give, the agent's words, facts, receipt. */
export function Evidence({ request, sentenceId, onSource = null }: Props) {
  const { agentSays, evidence, action, tierReasons, revision, digest } = request
  const steps = request.verdict.reasoning ?? []
  const whyHeld = evidence.some(({ label }) => label === whyHeldLabel)
  return (
    <dl className="card-evidence">
      <Row label="The agent says">
        {agentSays === null ? <span className="card-quiet">nothing</span> : <Quote text={agentSays} />}
      </Row>
      {!whyHeld && steps.length > 0 && (
        <Row label={whyHeldLabel}>
          <Reasoning steps={steps} label="Why it was held, step by step" onOpen={onSource} />
        </Row>
      )}
      {evidence.map(({ label, pieces }, place) => (
        <Row key={place} label={label} hatched={label === 'Not inspectable'}>
          <Pieces
            pieces={pieces}
            limit={800}
            lines={pieces.some(({ text }) => text.includes('\n')) ? 'many' : 'one'}
          />
          {label === whyHeldLabel && steps.length > 0 && (
            <Reasoning steps={steps} label="Why it was held, step by step" onOpen={onSource} />
          )}
        </Row>
      ))}
      {action.kind === 'command' && (
        <Row label="Runs exactly">
          <Argv argv={action.argv} />
        </Row>
      )}
      {tierReasons.length > 0 &&
        !evidence.some(({ label }) => label.startsWith('Why ') && label.endsWith(request.tier)) && (
          <Row label={`Why ${request.tier}`}>
            <Spelled text={tierReasons.join('; ')} />
          </Row>
        )}
      <Row label="Answers give">
        <ul className="card-sentences">
          {request.offers.map((offer) => (
            <li key={offer.id} id={sentenceId(offer.id)}>
              <strong>{offerLabel(offer)}</strong>: {offer.sentence}
            </li>
          ))}
        </ul>
      </Row>
      <Row label="Receipt">
        <span className="mono card-receipt">
          rev {revision} · digest {digest}
        </span>
      </Row>
    </dl>
  )
}

type RowProps = { readonly label: string; readonly hatched?: boolean; readonly children: ReactNode }

function Row({ label, hatched, children }: RowProps) {
  return (
    <div className="card-slot">
      <dt>{label}</dt>
      <dd className={hatched ? 'card-hatched' : undefined}>{children}</dd>
    </div>
  )
}
