import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import type { RuleDraft } from '../../../protocol/rule-draft.ts'
import { commandFor, isTyping, keyOf } from '../../keys/keymap.ts'
import { usePreferences } from '../../state/context.tsx'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Loading, Notice } from '../../ui/states.tsx'
import { BackTestPanel } from './back-test.tsx'
import { isBlank, sampleOf } from './edit-draft.ts'
import { Examples } from './examples.tsx'
import { endOf, firstLasts, type Lasts } from './lasts.ts'
import { RuleKind } from './rule-kind.tsx'
import { PathScope, Terms } from './terms.tsx'
import { TokenChips } from './token-chips.tsx'
import { type PreviewState, previewDays, usePreview } from './use-preview.ts'
import './scope.css'

/** The key or click that answered: `code` of the key, `Enter` for a click. */
export type Hand = { readonly code: string; readonly repeat: boolean }

export type ScopeProps = {
  readonly initial: RuleDraft
  /** When a draft is gone on with: what was chosen before. */
  readonly initialLasts?: Lasts | null
  /** The id of the rule that is edited; null for one that does not exist yet. */
  readonly replaces: string | null
  /** Words of the question it is made from; empty when there is none. */
  readonly words: readonly string[]
  /** Where the questions of the past are looked for; null: everywhere. */
  readonly folder: string | null
  readonly places: readonly string[]
  /** What the rule says and what it is about may be changed as well. */
  readonly free: boolean
  readonly saveLabel: string
  readonly savedWords: string
  /** Why nothing can be saved now, whatever the rule says. */
  readonly blocked: string | null
  readonly failure: string | null
  readonly sending: boolean
  /** Above the tokens: the parts of a compound command. */
  readonly above?: ReactNode
  onSave(rule: RuleDraft, hand: Hand): void
  readonly onOnce: ((hand: Hand) => void) | null
  /** Told of every change. */
  onDraft?(rule: RuleDraft, lasts: Lasts): void
  onClose(): void
}

const click: Hand = { code: 'Enter', repeat: false }

/** A rule with everything it would do, before it does anything. */
export function ScopeEditor(props: ScopeProps) {
  const { initial, replaces, words, folder, places, free, onDraft } = props
  const [draft, setDraft] = useState(initial)
  const [lasts, setLasts] = useState<Lasts>(
    () => props.initialLasts ?? firstLasts(replaces === null, initial.endsAtMs),
  )
  // Another part of a compound command begins another rule; nothing of the one before may stay.
  const [begun, setBegun] = useState({ initial, count: 0 })
  if (begun.initial !== initial) {
    setBegun({ initial, count: begun.count + 1 })
    setDraft(initial)
    setLasts(props.initialLasts ?? firstLasts(replaces === null, initial.endsAtMs))
  }
  const { singleKeys } = usePreferences()
  const blank = isBlank(draft)
  const state = usePreview(blank ? null : draft, replaces, folder)
  const root = useRef<HTMLDivElement>(null)
  const { current } = state
  const preview = blank ? null : state.preview
  const whyNot = props.blocked ?? (blank ? 'Type the command it is about first.' : whyNotSaved(state))

  useEffect(() => {
    // The tokens, not a button: nothing may be saved by the key that opened the editor.
    const enter = (): void =>
      root.current
        ?.querySelector<HTMLElement>('.scope-line-field input, [role=tab][aria-selected=true]')
        ?.focus()
    enter()
    // The dialog takes the focus for itself a moment after it opened, and on a click beside everything; the
    // editor's keys would be lost there.
    const popup = root.current?.closest<HTMLElement>('[role=dialog]')
    const back = (event: FocusEvent): void => {
      if (event.target === popup) enter()
    }
    popup?.addEventListener('focusin', back)
    return () => popup?.removeEventListener('focusin', back)
  }, [])

  function change(next: RuleDraft, nextLasts: Lasts = lasts): void {
    setDraft(next)
    setLasts(nextLasts)
    onDraft?.(next, nextLasts)
  }
  function changeLasts(next: Lasts): void {
    change({ ...draft, endsAtMs: endOf(next, Date.now(), initial.endsAtMs) }, next)
  }
  function save(hand: Hand): void {
    if (whyNot !== null || props.sending || hand.repeat) return
    props.onSave({ ...draft, endsAtMs: endOf(lasts, Date.now(), initial.endsAtMs) }, hand)
  }

  function onKeyDown(event: KeyboardEvent): void {
    // Nothing typed here may reach the card or the page below.
    event.stopPropagation()
    const command = commandFor(event.nativeEvent, ['scope'])
    if (command === null) return
    const hand = { code: event.nativeEvent.code, repeat: event.repeat }
    if (command === 'closeScope') {
      event.preventDefault()
      return props.onClose()
    }
    if (command === 'saveRule') {
      event.preventDefault()
      return save(hand)
    }
    if (!singleKeys || event.repeat || isTyping(event.target)) return
    if (command === 'onceOnly' && props.onOnce) {
      event.preventDefault()
      props.onOnce(hand)
    }
    if (command === 'excludeDenied' && preview?.excludingDenied) {
      event.preventDefault()
      if (current) change(preview.excludingDenied)
    }
  }

  return (
    <div ref={root} className="scope" role="presentation" onKeyDown={onKeyDown}>
      <p className="scope-sentence">
        {preview ? <Spelled text={preview.sentence} limit={500} /> : blank && 'It says nothing yet.'}
      </p>
      <div className="scope-body">
        <div className="scope-rule">
          {props.above}
          <section className="scope-part" aria-label="The rule">
            {free && <RuleKind draft={draft} isNew={replaces === null} onChange={change} />}
            {draft.subject.kind === 'command' ? (
              <TokenChips key={begun.count} draft={draft} sample={sampleOf(draft, words)} onChange={change} />
            ) : (
              <PathScope draft={draft} onChange={change} />
            )}
            <Problems problems={preview?.problems ?? []} />
          </section>
          <Terms
            draft={draft}
            lasts={lasts}
            keptMs={replaces === null ? null : initial.endsAtMs}
            places={places}
            onChange={change}
            onLasts={changeLasts}
          />
          {draft.subject.kind === 'command' && (
            <Examples draft={draft} checked={preview?.examples ?? null} onChange={change} />
          )}
        </div>
        <div className="scope-effect">
          {preview ? (
            <BackTestPanel
              draft={draft}
              preview={preview}
              current={current}
              singleKeys={singleKeys}
              onChange={(next) => change(next)}
            />
          ) : blank ? (
            <p className="scope-blank">
              Begin with the command the rule is about. Here then stands what it would have answered in the
              last {previewDays} days, what you denied of that, and what it still asks about.
            </p>
          ) : state.problem !== null ? (
            <Notice level="problem" title="What the rule would do could not be worked out.">
              {state.problem}
            </Notice>
          ) : (
            <Loading what={`Trying the rule on the last ${previewDays} days`} />
          )}
        </div>
      </div>
      <footer className="scope-foot">
        <p className={props.failure === null ? 'scope-why' : 'scope-why scope-red'} role="status">
          {props.failure ?? whyNot ?? props.savedWords}
        </p>
        <div className="panel-actions">
          <Button
            keyHint={keyOf('saveRule')}
            aria-disabled={whyNot !== null || props.sending || undefined}
            onClick={() => save(click)}
          >
            {props.sending ? 'Recording…' : props.saveLabel}
          </Button>
          {props.onOnce && (
            <Button
              keyHint={singleKeys ? keyOf('onceOnly') : undefined}
              aria-disabled={props.blocked !== null || props.sending || undefined}
              onClick={() => props.onOnce?.(click)}
            >
              Allow once only
            </Button>
          )}
          <Button look="quiet" keyHint={keyOf('closeScope')} onClick={props.onClose}>
            Back, nothing saved
          </Button>
        </div>
      </footer>
    </div>
  )
}

/** Why the rule cannot be saved as it is, in words; null: it can. Not known yet counts as no. */
function whyNotSaved({ preview, current, problem }: PreviewState): string | null {
  if (problem !== null) return `It could not be checked, so it cannot be saved. ${problem}`
  if (!preview || !current) return 'Checking the rule…'
  if (preview.problems.length > 0) return 'It cannot be saved as it is: see the problem below the tokens.'
  const red = preview.examples.filter(({ ok }) => !ok).length
  if (red > 0) return `It cannot be saved while ${red === 1 ? 'an example is' : `${red} examples are`} red.`
  return null
}

function Problems({ problems }: { readonly problems: readonly string[] }) {
  if (problems.length === 0) return null
  return (
    <ul className="scope-problems">
      {problems.map((text) => (
        <li key={text} className="scope-red">
          <span aria-hidden="true">✕ </span>
          <Spelled text={text} limit={400} />
        </li>
      ))}
    </ul>
  )
}
