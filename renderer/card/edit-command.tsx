import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { commandFor } from '../keys/keymap.ts'
import { Button } from '../ui/button.tsx'
import { Spelled } from '../ui/spelled.tsx'
import { diffTokens } from './token-diff.ts'

type Props = {
  readonly original: string
  readonly sending: boolean
  /** What the answer gives besides, in words: the sentence of the offer it is sent with. */
  readonly sentence: string
  readonly blocked: string | null
  onRun(command: string, event: { readonly repeat: boolean; readonly code: string } | null): void
  /** Changes what is granted instead of what runs; null where no rule can answer this. */
  readonly onRule: (() => void) | null
  onCancel(): void
}

/** The command as it will run instead. Enter only breaks the line; the chord or the button answers. */
export function EditCommand({ original, sending, sentence, blocked, onRun, onRule, onCancel }: Props) {
  const [text, setText] = useState(original)
  const field = useRef<HTMLTextAreaElement>(null)
  const hint = useId()
  useEffect(() => {
    const area = field.current
    area?.focus()
    area?.setSelectionRange(area.value.length, area.value.length)
  }, [])
  const changed = text.trim() !== '' && text !== original
  const off = sending || !changed || blocked !== null

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      return onCancel()
    }
    if (commandFor(event.nativeEvent, ['everywhere']) !== 'allowOnceChord') return
    event.preventDefault()
    event.stopPropagation()
    if (!off) onRun(text, { repeat: event.repeat, code: event.nativeEvent.code })
  }

  return (
    <section className="answer-panel" aria-label="Edit the command">
      <textarea
        ref={field}
        className="input mono"
        aria-label="Command to run instead"
        aria-describedby={hint}
        rows={Math.min(8, Math.max(2, text.split('\n').length))}
        spellCheck={false}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <TokenChanges before={original} after={text} />
      <p id={hint} className="field-hint">
        {blocked ?? `Only the edited command runs: ${sentence}. The original does not run.`}
      </p>
      <div className="panel-actions">
        <Button
          keyHint="Mod+Enter"
          aria-disabled={off || undefined}
          onClick={() => !off && onRun(text, null)}
        >
          Run this instead
        </Button>
        {onRule && <Button onClick={onRule}>Edit the scope instead…</Button>}
        <Button look="quiet" keyHint="Escape" onClick={onCancel}>
          Back
        </Button>
      </div>
    </section>
  )
}

function TokenChanges({ before, after }: { readonly before: string; readonly after: string }) {
  const changes = useMemo(() => diffTokens(before, after), [before, after])
  if (changes === null) return <p className="field-hint">Too long to compare token by token.</p>
  if (changes.every(({ kind }) => kind === 'same')) return <p className="field-hint">No token changed yet.</p>
  return (
    <p className="token-changes" aria-label="What your edit changes">
      {changes.map(({ kind, text }, place) => (
        <TokenChangeMark key={place} kind={kind} text={text} />
      ))}
    </p>
  )
}

function TokenChangeMark({
  kind,
  text,
}: {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}) {
  const spelled = <Spelled text={text} limit={200} />
  if (kind === 'added') return <ins className="token">+{spelled}</ins>
  if (kind === 'removed') return <del className="token">−{spelled}</del>
  return <span className="token">{spelled}</span>
}
