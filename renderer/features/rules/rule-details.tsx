import { type ReactNode, useEffect, useRef } from 'react'
import type { RuleRow } from '../../../protocol/rules.ts'
import { lineOfWords } from '../../card/scope/line-words.ts'
import { keyOf } from '../../keys/keymap.ts'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { dateWords, Moment, timeWords } from '../../ui/time.tsx'
import { ruleDecisionWords } from './rule-words.ts'

type Props = {
  readonly row: RuleRow
  readonly coveredBy: RuleRow | null
  /** The question before a removal is open. */
  readonly removing: boolean
  onEdit(): void
  onRemove(): void
  onRemoving(removing: boolean): void
  onReview(): void
  onText(): void
  onShow(id: string): void
}

const losses: Readonly<Record<RuleRow['decision'], string>> = {
  allow: 'From then on this is asked again.',
  prompt: 'From then on this is no longer asked because of this rule.',
  forbidden: 'From then on this is no longer forbidden by this rule.',
}

/** What stands behind one rule, and what can be done about it. */
export function RuleDetails(props: Props) {
  const { row, coveredBy, removing } = props
  return (
    <div className="rule-details">
      <dl>
        <Fact label="Says">
          <Spelled text={row.sentence} limit={500} />
        </Fact>
        <Fact label="Stands in">
          <span className="mono">
            <Spelled text={row.source.file} limit={200} />
          </span>
          , line {row.source.line}
        </Fact>
        {row.where !== null && (
          <Fact label="Where">
            <span className="mono">
              <Spelled text={row.where} limit={200} />
            </span>
          </Fact>
        )}
        <Fact label="Note">{row.note === null ? 'none' : <Spelled text={row.note} limit={500} />}</Fact>
        {row.draft && (row.draft.match.length > 0 || row.draft.notMatch.length > 0) && (
          <Fact label="Examples">
            <RuleExamples match={row.draft.match} notMatch={row.draft.notMatch} />
          </Fact>
        )}
        {row.coveredBy !== null && (
          <Fact label="Covered">
            {coveredBy ? (
              <>
                <span className="mono">
                  <Spelled text={coveredBy.what} limit={120} />
                </span>{' '}
                answers all that this one answers.{' '}
                <button type="button" className="link-button" onClick={() => props.onShow(coveredBy.id)}>
                  show
                </button>
              </>
            ) : (
              'Another rule answers all that this one answers.'
            )}
          </Fact>
        )}
        <Fact label="Made">
          {row.createdAtMs === null
            ? 'not known'
            : `${dateWords(row.createdAtMs)}, ${timeWords(row.createdAtMs)}`}
          {!row.reviewed && ', from a card, and not looked at since'}
        </Fact>
        <Fact label="Used">
          {row.used === 0 ? (
            'not yet'
          ) : (
            <>
              {row.used} times{row.lastUsedAtMs !== null && ', last '}
              {row.lastUsedAtMs !== null && <Moment atMs={row.lastUsedAtMs} />}
            </>
          )}
        </Fact>
      </dl>
      {removing ? <Confirm {...props} /> : <Actions {...props} />}
    </div>
  )
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

type Examples = {
  readonly match: readonly (readonly string[])[]
  readonly notMatch: readonly (readonly string[])[]
}

function RuleExamples({ match, notMatch }: Examples) {
  const line = (words: readonly string[], says: string) => (
    <li key={`${says} ${words.join('\0')}`}>
      {says}{' '}
      <span className="mono">
        <Spelled text={lineOfWords(words)} limit={160} />
      </span>
    </li>
  )
  return (
    <ul>
      {match.map((words) => line(words, 'must match'))}
      {notMatch.map((words) => line(words, 'must not match'))}
    </ul>
  )
}

function Actions({ row, onEdit, onRemoving, onReview, onText }: Props) {
  const text = (
    <Button keyHint={keyOf('openText')} onClick={onText}>
      Open as text
    </Button>
  )
  if (row.lockedBy !== null) {
    return (
      <div className="rule-actions">
        {text}
        <span className="rule-quiet">
          Locked: only <Spelled text={row.lockedBy} limit={80} /> changes it, in that file.
        </span>
      </div>
    )
  }
  return (
    <div className="rule-actions">
      {!row.reviewed && (
        <Button look="strong" keyHint={keyOf('reviewRule')} onClick={onReview}>
          Mark as reviewed
        </Button>
      )}
      {row.draft && (
        <Button keyHint={keyOf('editRule')} onClick={onEdit}>
          Edit
        </Button>
      )}
      {text}
      <Button keyHint={keyOf('removeRule')} onClick={() => onRemoving(true)}>
        Remove…
      </Button>
      {!row.draft && <span className="rule-quiet">Written by hand: edit it as text.</span>}
    </div>
  )
}

/** In place and not over the page: what goes, what follows from it, and the way back. */
function Confirm({ row, onRemove, onRemoving }: Props) {
  const keep = useRef<HTMLSpanElement>(null)
  // On the way back, so that a second Delete or Enter does not remove it.
  useEffect(() => keep.current?.querySelector('button')?.focus(), [])
  return (
    <div
      className="rule-actions"
      role="presentation"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onRemoving(false)
      }}
    >
      <span>
        Remove this {ruleDecisionWords[row.decision]} rule? {losses[row.decision]}
      </span>
      <Button look="danger" onClick={onRemove}>
        Remove it
      </Button>
      <span ref={keep}>
        <Button keyHint="Escape" onClick={() => onRemoving(false)}>
          Keep it
        </Button>
      </span>
    </div>
  )
}
