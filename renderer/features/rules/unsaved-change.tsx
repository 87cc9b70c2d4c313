import type { RuleRow, TestAnswer, UnsavedRule } from '../../../protocol/rules.ts'
import { usePreview } from '../../card/scope/use-preview.ts'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { ChangeWords } from './test-answer.tsx'

type Props = {
  readonly unsaved: UnsavedRule
  readonly replaced: RuleRow | null
  /** The answer on screen; null while there is none about this draft. */
  readonly answer: TestAnswer | null
  onContinue(): void
  onDrop(): void
}

/** A rule that was edited and not saved: what it would change for the question above, and for the last 30 days. */
export function UnsavedChange({ unsaved, replaced, answer, onContinue, onDrop }: Props) {
  const { rule, replaces } = unsaved
  const { preview } = usePreview(rule, replaces, rule.where)
  // What the rule answers as it stands, to tell what the change adds.
  const before = usePreview(replaced?.draft ?? null, replaces, replaced?.draft?.where ?? null)
  const draft = answer?.status === 'answered' ? answer.withDraft : null
  return (
    <section className="tester-unsaved" aria-label="Unsaved rule">
      <h3>
        {replaced ? 'If you changed ' : 'If you added this rule'}
        {replaced && (
          <span className="mono">
            <Spelled text={replaced.what} limit={80} />
          </span>
        )}{' '}
        <span className="rule-quiet">not saved</span>
      </h3>
      {preview && (
        <p>
          <Spelled text={preview.sentence} limit={400} />
        </p>
      )}
      {answer?.status === 'answered' && draft && (
        <p>
          This one <ChangeWords before={answer.verdict} after={draft.verdict} />
        </p>
      )}
      {preview && (
        <p>
          {preview.backTest.days} days: {added(preview.backTest.asks, before.preview?.backTest.asks ?? 0)}{' '}
          answered,{' '}
          <span className={preview.backTest.denied > 0 ? 'scope-denied' : undefined}>
            {preview.backTest.denied} you had denied
          </span>
        </p>
      )}
      <div className="rule-actions">
        <Button onClick={onContinue}>Go on editing</Button>
        <Button look="quiet" onClick={onDrop}>
          Drop it
        </Button>
      </div>
    </section>
  )
}

const added = (after: number, before: number): string =>
  after === before ? 'no more' : after > before ? `+${after - before}` : `−${before - after}`
