import { useState } from 'react'
import type { RuleDecision, RuleDraft } from '../../../protocol/rule-draft.ts'
import { TextField } from '../../ui/field.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { fromWords, setPath } from './edit-draft.ts'
import { wordsOfLine } from './line-words.ts'

const decisions = [
  { value: 'allow', label: 'Allow' },
  { value: 'prompt', label: 'Ask' },
  { value: 'forbidden', label: 'Forbid' },
] as const satisfies readonly { value: RuleDecision; label: string }[]

type KindProps = { readonly draft: RuleDraft; readonly isNew: boolean; onChange(draft: RuleDraft): void }

/** What the rule says; for one that does not exist yet also what it is about. */
export function RuleKind({ draft, isNew, onChange }: KindProps) {
  const [line, setLine] = useState('')
  const read = wordsOfLine(line)
  return (
    <>
      <div className="scope-line">
        <Segmented
          label="It says"
          value={draft.decision}
          choices={decisions}
          onChange={(decision) => onChange({ ...draft, decision })}
        />
        {isNew && (
          <Segmented
            label="About"
            value={draft.subject.kind}
            choices={[
              { value: 'command', label: 'A command' },
              { value: 'write', label: 'Writing a path' },
            ]}
            onChange={(kind) =>
              onChange(kind === 'write' ? setPath(draft, draft.where ?? '/') : emptied(draft))
            }
          />
        )}
      </div>
      {isNew && draft.subject.kind === 'command' && (
        <div className="scope-line-field">
          <TextField
            label="Begin from a command"
            hint="Its words become the tokens below: all fixed, and nothing may follow."
            machine
            maxLength={4000}
            problem={line === '' ? null : read.problem}
            value={line}
            onChange={(event) => {
              setLine(event.target.value)
              const next = wordsOfLine(event.target.value)
              if (next.words && next.words.length > 0) onChange(fromWords(draft, next.words))
            }}
          />
        </div>
      )}
    </>
  )
}

const emptied = (draft: RuleDraft): RuleDraft => ({
  ...draft,
  subject: { kind: 'command', tokens: [{ kind: 'fixed', text: '' }], openEnd: false },
})
