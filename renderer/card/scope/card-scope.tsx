import { useEffect, useState } from 'react'
import type { ApprovalRequest } from '../../../protocol/approvals.ts'
import type { RuleDraft } from '../../../protocol/rules.ts'
import { useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Loading, Notice } from '../../ui/states.tsx'
import { ruleUndoMs } from '../words.ts'
import { type Hand, ScopeEditor } from './scope-editor.tsx'

type Part = { readonly text: string; readonly coveredBy: string | null; readonly draft: RuleDraft }
type Suggestion =
  | { readonly state: 'loading' }
  | { readonly state: 'none'; readonly why: string }
  | { readonly state: 'ready'; readonly draft: RuleDraft; readonly parts: readonly Part[] }

type Props = {
  readonly request: ApprovalRequest
  readonly blocked: string | null
  readonly failure: string | null
  readonly sending: boolean
  onSave(rule: RuleDraft, hand: Hand): void
  readonly onOnce: ((hand: Hand) => void) | null
  onClose(): void
}

/** A rule made from a card. It begins as narrow as the question, and grants nothing before it is saved. */
export function CardScope(props: Props) {
  const { request, onClose } = props
  const { client } = useStores()
  const [suggestion, setSuggestion] = useState<Suggestion>({ state: 'loading' })
  // What was asked when the editor opened: another revision is another question.
  const [revision] = useState(request.revision)
  useEffect(() => {
    let stopped = false
    client.call('rules/suggest', { approvalId: request.id }).then(
      (answer) => {
        if (stopped) return
        setSuggestion(
          answer.status === 'refused' ? { state: 'none', why: answer.why } : { ...answer, state: 'ready' },
        )
      },
      (thrown) => {
        if (!stopped) setSuggestion({ state: 'none', why: problemOf(thrown).message })
      },
    )
    return () => {
      stopped = true
    }
  }, [client, request.id])

  const title = (
    <span className="scope-title">
      Edit scope, then answer
      <span className="scope-aside mono">
        <Spelled text={request.subject} limit={90} />
      </span>
    </span>
  )
  // One dialog from the first moment on: with a second one the focus would go back to the page in between.
  return (
    <Dialog title={title} open onClose={onClose} width="wide">
      {suggestion.state === 'ready' ? (
        <Suggested
          {...props}
          suggestion={suggestion}
          blocked={
            revision === request.revision
              ? props.blocked
              : 'The request changed since this was opened. Go back and look again.'
          }
        />
      ) : (
        <div className="scope-none">
          {suggestion.state === 'loading' ? (
            <Loading what="Reading what a rule for this would say" />
          ) : (
            <Notice level="warning" title="No rule can be made from this.">
              <Spelled text={suggestion.why} limit={400} />
            </Notice>
          )}
          <div className="panel-actions">
            <Button look="quiet" keyHint="Escape" onClick={onClose}>
              Back
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  )
}

type SuggestedProps = Props & { readonly suggestion: Extract<Suggestion, { state: 'ready' }> }

function Suggested({ suggestion, request, ...props }: SuggestedProps) {
  const { parts } = suggestion
  const [chosen, setChosen] = useState<number | null>(null)
  const at = chosen ?? parts.findIndex(({ coveredBy }) => coveredBy === null)
  const draft = parts[at]?.draft ?? suggestion.draft
  return (
    <ScopeEditor
      {...props}
      initial={draft}
      replaces={null}
      words={draft.match[0] ?? []}
      folder={request.action.cwd}
      places={[draft.where ?? request.action.cwd]}
      free={false}
      saveLabel="Save rule and allow this one"
      savedWords={`Undo with U for ${ruleUndoMs / 1000} s: only then is the rule saved. Remove it any time in Rules.`}
      above={parts.length > 1 && <Parts parts={parts} at={at} onChoose={setChosen} />}
    />
  )
}

type PartsProps = { readonly parts: readonly Part[]; readonly at: number; onChoose(at: number): void }

/** A compound command: only one part at a time becomes a rule, and what a rule answers already is marked. */
function Parts({ parts, at, onChoose }: PartsProps) {
  return (
    <fieldset className="scope-part scope-parts">
      <legend>Which part of the command</legend>
      {parts.map(({ text, coveredBy }, place) => (
        <label key={place}>
          <input
            type="radio"
            name="scope-part"
            checked={place === at}
            disabled={coveredBy !== null}
            onChange={() => onChoose(place)}
          />
          <span className="mono">
            <Spelled text={text} limit={160} />
          </span>
          <span className="scope-quiet">
            {coveredBy === null ? (
              'asks'
            ) : (
              <>
                covered by <Spelled text={coveredBy} limit={120} />
              </>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
