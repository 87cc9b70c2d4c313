import type { PastCase, RuleDraft, RulePreview, BackTest as Test } from '../../../protocol/rules.ts'
import { keyOf } from '../../keys/keymap.ts'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { dateWords } from '../../ui/time.tsx'
import { exceptionsAdded } from './edit-draft.ts'

type Props = {
  readonly draft: RuleDraft
  readonly preview: RulePreview
  readonly current: boolean
  readonly singleKeys: boolean
  onChange(draft: RuleDraft): void
}

/** What the rule would have answered: what the person denied first, with one key to exclude it. */
export function BackTestPanel({ draft, preview, current, singleKeys, onChange }: Props) {
  const { backTest, stillAsks, excludingDenied, narrower } = preview
  const denied = backTest.cases.filter(({ outcome }) => outcome === 'denied')
  const others = backTest.cases.filter(({ outcome }) => outcome !== 'denied')
  return (
    <div className="scope-test" aria-busy={!current}>
      <section className="scope-part" aria-label="What this rule would have answered">
        <h3>
          What this rule would have answered
          <span className="scope-aside">last {backTest.days} days</span>
        </h3>
        <Counts test={backTest} />
        {denied.length > 0 && (
          <>
            <ul className="scope-cases" aria-label="You denied">
              {denied.map((each) => (
                <DeniedCase key={each.approvalId} past={each} />
              ))}
            </ul>
            {excludingDenied && (
              <div className="scope-exclude">
                <Button
                  look="strong"
                  keyHint={singleKeys ? keyOf('excludeDenied') : undefined}
                  onClick={() => onChange(excludingDenied)}
                >
                  Exclude the {denied.length} denied
                </Button>
                <span className="scope-quiet">
                  <Added before={draft} after={excludingDenied} />
                </span>
              </div>
            )}
          </>
        )}
        {others.length > 0 && (
          <details className="scope-more">
            <summary>
              {others.length} not denied{others.length + denied.length < backTest.asks && ', the newest'}
            </summary>
            <ul className="scope-cases">
              {others.map((each) => (
                <li key={each.approvalId}>
                  <span className="scope-date">{dateWords(each.atMs)}</span>
                  <span className="mono">
                    <Spelled text={each.text} limit={160} />
                  </span>
                  <span className="scope-quiet">
                    {each.outcome === 'allowed' ? 'you allowed' : 'not answered'}
                  </span>
                </li>
              ))}
            </ul>
          </details>
        )}
      </section>
      <section className="scope-part" aria-label="What it still asks about">
        <h3>{draft.decision === 'allow' ? 'What it still asks about' : 'What it leaves alone'}</h3>
        {stillAsks.length === 0 ? (
          <p className="field-hint">Nothing near it was found.</p>
        ) : (
          <ul className="scope-still">
            {stillAsks.map(({ text, why }) => (
              <li key={text}>
                <span className="mono">
                  <Spelled text={text} limit={160} />
                </span>
                <span className="scope-quiet">
                  <Spelled text={why} limit={160} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className="scope-part" aria-label="Wider than needed?">
        <h3>Wider than needed?</h3>
        {narrower ? (
          <div className="scope-exclude">
            <p>
              This would have done for all you allowed: <Spelled text={narrower.sentence} limit={400} />
            </p>
            <Button onClick={() => onChange(narrower.draft)}>Use the narrower rule</Button>
          </div>
        ) : (
          <p className="field-hint">Nothing narrower would have done for what you allowed so far.</p>
        )}
      </section>
    </div>
  )
}

function Counts({ test }: { readonly test: Test }) {
  return (
    <p className="scope-counts">
      <span>
        <strong>{test.asks}</strong> {test.asks === 1 ? 'ask' : 'asks'}
      </span>
      <span>
        <strong>{test.allowed}</strong> you allowed
      </span>
      <span className={test.denied > 0 ? 'scope-denied' : undefined}>
        <strong>{test.denied}</strong> you denied
      </span>
      <span>
        <strong>{test.unanswered}</strong> not answered
      </span>
    </p>
  )
}

function DeniedCase({ past }: { readonly past: PastCase }) {
  return (
    <li className="scope-case-denied">
      <span className="scope-date">
        <span aria-hidden="true">✕ </span>
        {dateWords(past.atMs)}
      </span>
      <span className="mono">
        <Spelled text={past.text} limit={160} />
      </span>
      <span>
        you denied
        {past.note !== null && (
          <>
            : “<Spelled text={past.note} limit={160} />”
          </>
        )}
      </span>
    </li>
  )
}

function Added({ before, after }: { readonly before: RuleDraft; readonly after: RuleDraft }) {
  const words = exceptionsAdded(before, after)
  if (words.length === 0) return 'narrows the rule so that none of them matches'
  return (
    <>
      adds: except <Spelled text={words.join(', ')} limit={160} />
    </>
  )
}
