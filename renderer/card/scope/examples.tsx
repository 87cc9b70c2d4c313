import { useState } from 'react'
import type { RuleDraft, RulePreview } from '../../../protocol/rules.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { addExample, type Expects, removeExample } from './edit-draft.ts'
import { lineOfWords, wordsOfLine } from './line-words.ts'

type Props = {
  readonly draft: RuleDraft
  readonly checked: RulePreview['examples'] | null
  onChange(draft: RuleDraft): void
}

const sameWords = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((word, at) => word === b[at])

/** Tests of the rule: saved with it, run whenever it is read, and it cannot be saved while one is red. */
export function Examples({ draft, checked, onChange }: Props) {
  const [line, setLine] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const rows = (['match', 'notMatch'] as const).flatMap((expects) =>
    draft[expects].map((words) => ({ expects, words })),
  )
  const okOf = (expects: Expects, words: readonly string[]): boolean | null =>
    checked?.find((each) => each.expects === expects && sameWords(each.words, words))?.ok ?? null

  function add(expects: Expects): void {
    const read = wordsOfLine(line)
    if (read.problem !== null) return setProblem(read.problem)
    if (read.words.length === 0) return setProblem('Type a command first.')
    onChange(addExample(draft, expects, read.words))
    setLine('')
    setProblem(null)
  }
  return (
    <section className="scope-part" aria-label="Examples">
      <h3>Examples</h3>
      {rows.length === 0 ? (
        <p className="field-hint">None yet. Each is a test that is kept with the rule.</p>
      ) : (
        <ul className="scope-examples">
          {rows.map(({ expects, words }) => (
            <li key={`${expects} ${words.join('\0')}`} data-ok={okOf(expects, words) ?? undefined}>
              <span className="scope-expects">{expects === 'match' ? 'must match' : 'must not match'}</span>
              <span className="mono scope-example">
                <Spelled text={lineOfWords(words)} limit={160} />
              </span>
              <ExampleState expects={expects} ok={okOf(expects, words)} />
              <button
                type="button"
                className="link-button"
                onClick={() => onChange(removeExample(draft, expects, words))}
              >
                remove<span className="sr-only"> {lineOfWords(words)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="scope-add">
        <TextField
          label="Another command"
          machine
          maxLength={4000}
          value={line}
          problem={problem}
          onChange={(event) => {
            setLine(event.target.value)
            setProblem(null)
          }}
        />
        <Button onClick={() => add('match')}>Must match</Button>
        <Button onClick={() => add('notMatch')}>Must not</Button>
      </div>
    </section>
  )
}

function ExampleState({ expects, ok }: { readonly expects: Expects; readonly ok: boolean | null }) {
  if (ok === null) return <span className="scope-quiet">checking</span>
  if (ok) return <span>✓ ok</span>
  return (
    <strong className="scope-red">✕ red: {expects === 'match' ? 'it does not match' : 'it matches'}</strong>
  )
}
