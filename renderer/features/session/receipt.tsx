import type { ReactNode } from 'react'
import type { Escalation } from '../../../protocol/action.ts'
import type { ApprovalRequest } from '../../../protocol/approvals.ts'
import { Evidence } from '../../card/evidence.tsx'
import { Glance } from '../../card/glance.tsx'
import { headlines } from '../../card/words.ts'
import { Argv } from '../../ui/argv.tsx'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { TierMark, TierWord } from '../../ui/tier-mark.tsx'
import { dateWords, durationWords, timeWords } from '../../ui/time.tsx'
import { grantWords } from './action-subject.ts'
import type { DecisionRow } from './decision-rows.ts'
import { Reasoning } from './why.tsx'
import { boundaryWords, plural } from './words.ts'

/** What is on record about one decision: the literal action, the verdict, the answer, and what came of it. */
export function Receipt({ row, onJump }: { readonly row: DecisionRow; onJump(itemId: string): void }) {
  const { item } = row
  const { action, decision } = item
  return (
    // A scrolling pane must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="receipt" aria-label="Receipt" tabIndex={0}>
      <h3>Receipt</h3>
      <dl>
        <Fact label="Wants">
          {action.kind === 'command' && action.script === null ? (
            <Argv argv={action.argv} />
          ) : (
            <pre className="well">
              <Spelled
                text={action.kind === 'command' ? (action.script ?? '') : row.subject}
                lines="many"
                spaces="keep"
                limit={4000}
              />
            </pre>
          )}
        </Fact>
        {item.editedCommand !== null && (
          <Fact label="Ran instead">
            <pre className="well">
              <Spelled text={item.editedCommand} lines="many" spaces="keep" limit={4000} />
            </pre>
            <p>The original did not run.</p>
          </Fact>
        )}
        <Fact label="In">
          <span className="mono">
            <Spelled text={action.cwd} limit={240} />
          </span>
        </Fact>
        {action.escalation !== null && <Scope escalation={action.escalation} />}
        <Fact label="Verdict">
          {row.verdict}: <Spelled text={row.origin} limit={400} />
          {item.verdict?.justification != null && (
            <p>
              <Spelled text={item.verdict.justification} limit={400} />
            </p>
          )}
        </Fact>
        {item.verdict?.reasoning !== undefined && item.verdict.reasoning.length > 0 && (
          <Fact label="Why">
            <Reasoning reasons={item.verdict.reasoning} />
          </Fact>
        )}
        <Fact label="Answer">
          <Spelled text={row.answer} limit={400} />
          {row.by !== '' && ` by ${row.by}`}
        </Fact>
        {decision !== null && (
          <>
            <Fact label="When">
              {dateWords(decision.atMs)}, {timeWords(decision.atMs)}; asked {durationWords(decision.waitedMs)}{' '}
              before, on screen for {durationWords(decision.lookMs)}
            </Fact>
            <Fact label="Note">
              {decision.note === null || decision.note === '' ? (
                'none'
              ) : (
                <Spelled text={decision.note} lines="many" limit={600} />
              )}
            </Fact>
          </>
        )}
        <Fact label="Outcome">{outcomeWords(row)}</Fact>
        {item.violations.length > 0 && (
          <Fact label="Stopped">{plural(item.violations.length, 'attempt')} by the sandbox while it ran</Fact>
        )}
        <Fact label="Turn">{row.turn === 0 ? 'before the first' : row.turn}</Fact>
        {item.approvalId !== null && (
          <Fact label="Recorded as">
            <span className="mono">{item.approvalId}</span>
          </Fact>
        )}
      </dl>
      <Button onClick={() => onJump(item.id)}>Show in the conversation</Button>
      {item.card && <AsShown card={item.card} />}
    </section>
  )
}

/** The card from the record, drawn by the parts that drew it when it was answered. */
function AsShown({ card }: { readonly card: ApprovalRequest }) {
  return (
    <>
      <h3 className="receipt-card-title">The card as it was shown</h3>
      <div className="card card-inline receipt-card">
        <p className="receipt-card-head">
          <TierMark tier={card.tier} /> {headlines[card.kind]} <TierWord tier={card.tier} />
        </p>
        <Glance request={card} grown onOrigin={null} />
        <Evidence request={card} sentenceId={(offer) => `receipt-${card.id}-${offer}`} />
      </div>
    </>
  )
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** What was asked for beyond the sandbox: the smallest grant that would do first. */
function Scope({ escalation }: { readonly escalation: Escalation }) {
  const words = escalation.source === 'declared' ? 'asked by the agent' : 'seen by the sandbox'
  return (
    <Fact label="Scope">
      <ol>
        {escalation.ladder.map((grant, index) => (
          <li key={index}>
            <Spelled text={grantWords(grant)} limit={400} />
          </li>
        ))}
      </ol>
      <p>
        {words}
        {escalation.reason !== null && (
          <>
            ; the reason given: “<Spelled text={escalation.reason} limit={400} />”
          </>
        )}
      </p>
    </Fact>
  )
}

function outcomeWords({ item }: DecisionRow): string {
  if (item.state === 'refused') return 'did not run'
  const parts = [
    ...(item.boundary === null ? [] : [boundaryWords[item.boundary]]),
    ...(item.exitCode === null ? [] : [`exit code ${item.exitCode}`]),
    ...(item.durationMs === null ? [] : [durationWords(item.durationMs)]),
    ...(item.state === 'cutShort' ? ['cut short: the app stopped'] : []),
  ]
  return parts.length === 0 ? 'none recorded' : parts.join(', ')
}
