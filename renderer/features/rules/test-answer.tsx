import type { TestAnswer } from '../../../protocol/rules.ts'
import type { Reason } from '../../../protocol/verdict.ts'
import { Reasoning } from '../../card/reasoning.tsx'
import { VerdictMark, type VerdictName, verdictWords } from '../../card/verdict-mark.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { TierMark, TierWord } from '../../ui/tier-mark.tsx'

type Answered = Extract<TestAnswer, { status: 'answered' }>
type Props = {
  readonly answer: TestAnswer
  readonly current: boolean
  onOpen(source: NonNullable<Reason['source']>): void
}

/** The verdict by word and shape, why it has its tier, and the whole way to it. */
export function TestAnswerView({ answer, current, onOpen }: Props) {
  if (answer.status === 'notUnderstood') {
    return (
      <section className="tester-answer" aria-label="Answer" aria-busy={!current}>
        <p className="tester-verdict">Not read</p>
        <p>
          <Spelled text={answer.why} limit={500} />
        </p>
      </section>
    )
  }
  return (
    <section className="tester-answer" aria-label="Answer" aria-busy={!current}>
      <p className="tester-verdict" role="status">
        <VerdictMark verdict={answer.verdict} size={20} />
        {verdictWords[answer.verdict]}
        <span className="tester-tier">
          <TierMark tier={answer.tier} />
          <TierWord tier={answer.tier} />
        </span>
      </p>
      {answer.tierReasons.length > 0 && (
        <p className="rule-quiet">
          <Spelled text={answer.tierReasons.join('; ')} limit={400} />
        </p>
      )}
      <h3>How it was found</h3>
      <Reasoning steps={answer.reasoning} label="How it was found, step by step" onOpen={onOpen} />
      {answer.parts.length > 1 && <Parts parts={answer.parts} />}
    </section>
  )
}

function Parts({ parts }: { readonly parts: Answered['parts'] }) {
  return (
    <>
      <h3>Its {parts.length} commands, the strictest wins</h3>
      <ul className="tester-parts">
        {parts.map(({ text, verdict, by }, place) => (
          <li key={place}>
            <span className="mono">
              <Spelled text={text} limit={200} />
            </span>
            <span>
              <VerdictMark verdict={verdict} size={14} /> {verdictWords[verdict].toLowerCase()}
            </span>
            <span className="rule-quiet">
              <Spelled text={by} limit={120} />
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

const nowWords: Readonly<Record<VerdictName, string>> = {
  run: 'runs',
  review: 'asks you',
  forbid: 'is forbidden',
}
const thenWords: Readonly<Record<VerdictName, string>> = {
  run: 'would run',
  review: 'would ask you',
  forbid: 'would be forbidden',
}

/** `now asks you, would run`: what an unsaved rule changes for this one. */
export function ChangeWords({
  before,
  after,
}: {
  readonly before: VerdictName
  readonly after: VerdictName
}) {
  if (before === after) {
    return (
      <>
        <VerdictMark verdict={before} size={14} /> {nowWords[before]} either way
      </>
    )
  }
  return (
    <>
      now <VerdictMark verdict={before} size={14} /> {nowWords[before]}
      {' → '}
      <strong>
        <VerdictMark verdict={after} size={14} /> {thenWords[after]}
      </strong>
    </>
  )
}
