import { type KeyboardEvent, useId, useRef, useState } from 'react'
import type { RuleDraft, TokenPattern } from '../../../protocol/rule-draft.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Short } from '../../ui/short.tsx'
import {
  addText,
  addToken,
  removeText,
  removeToken,
  setFixed,
  setOpenEnd,
  setTokenKind,
  type TokenKind,
} from './edit-draft.ts'
import { WordList } from './word-list.tsx'

type Props = {
  readonly draft: RuleDraft
  /** Words of the command it was made from. */
  readonly sample: readonly string[]
  onChange(draft: RuleDraft): void
}

/** One chip for each token and one for the end. Arrows choose a chip; what it may be stands below all of them. */
export function TokenChips({ draft, sample, onChange }: Props) {
  const { subject } = draft
  const tokens = subject.kind === 'command' ? subject.tokens : []
  const openEnd = subject.kind === 'command' && subject.openEnd
  const [wanted, setWanted] = useState(tokens.length - 1)
  const at = Math.min(wanted, tokens.length)
  const row = useRef<HTMLDivElement>(null)
  const id = useId()

  function go(to: number): void {
    const next = Math.min(tokens.length, Math.max(0, to))
    setWanted(next)
    row.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus()
  }
  function onKeyDown(event: KeyboardEvent): void {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tokens.length }[event.key]
    if (to === undefined) return
    event.preventDefault()
    go(to)
  }
  const token = tokens[at]
  const chip = (place: number) => ({
    id: `${id}-${place}`,
    type: 'button' as const,
    role: 'tab',
    tabIndex: place === at ? 0 : -1,
    'aria-selected': place === at,
    'aria-controls': `${id}-panel`,
    onClick: () => setWanted(place),
  })
  return (
    <div className="scope-tokens">
      <div
        ref={row}
        className="scope-chips"
        role="tablist"
        tabIndex={-1}
        aria-label="Tokens of the command"
        onKeyDown={onKeyDown}
      >
        {tokens.map((each, place) => (
          // Tokens have no identity but their place.
          <button key={place} {...chip(place)} className={`scope-chip scope-chip-${each.kind}`}>
            <span className="scope-chip-text">
              <TokenText token={each} />
            </span>
            <span className="scope-chip-kind">{kindWords(each)}</span>
          </button>
        ))}
        <button {...chip(tokens.length)} className={`scope-chip scope-chip-${openEnd ? 'open' : 'end'}`}>
          <span className="scope-chip-text">{openEnd ? '…' : 'end'}</span>
          <span className="scope-chip-kind">{openEnd ? 'anything may follow' : 'no more tokens'}</span>
        </button>
      </div>
      <div id={`${id}-panel`} role="tabpanel" className="scope-token" aria-labelledby={`${id}-${at}`}>
        {token ? (
          <OneToken
            key={at}
            token={token}
            at={at}
            count={tokens.length}
            draft={draft}
            word={sample[at] ?? ''}
            onChange={onChange}
          />
        ) : (
          <TokenEnd draft={draft} openEnd={openEnd} onChange={onChange} />
        )}
      </div>
    </div>
  )
}

function TokenText({ token }: { readonly token: TokenPattern }) {
  switch (token.kind) {
    case 'fixed':
      return token.text === '' ? (
        <span className="spelled">⟨empty⟩</span>
      ) : (
        <Short text={token.text} limit={60} />
      )
    case 'oneOf':
      return <Short text={token.texts.join(' | ')} limit={60} />
    case 'any':
      return '∗'
  }
}

function kindWords(token: TokenPattern): string {
  switch (token.kind) {
    case 'fixed':
      return 'fixed'
    case 'oneOf':
      return `one of ${token.texts.length}`
    case 'any':
      return token.except.length === 0 ? 'anything' : `anything but ${token.except.length}`
  }
}

const kinds = [
  { value: 'fixed', label: 'Fixed' },
  { value: 'oneOf', label: 'One of' },
  { value: 'any', label: 'Anything' },
] as const satisfies readonly { value: TokenKind; label: string }[]

type OneProps = {
  readonly token: TokenPattern
  readonly at: number
  readonly count: number
  readonly draft: RuleDraft
  readonly word: string
  onChange(draft: RuleDraft): void
}

function OneToken({ token, at, count, draft, word, onChange }: OneProps) {
  return (
    <>
      <div className="scope-line">
        <Segmented
          label={`Token ${at + 1} of ${count}`}
          value={token.kind}
          choices={kinds}
          onChange={(kind) => onChange(setTokenKind(draft, at, kind, word))}
        />
        {count > 1 && (
          <Button look="quiet" onClick={() => onChange(removeToken(draft, at))}>
            Remove this token
          </Button>
        )}
      </div>
      {token.kind === 'fixed' && (
        <TextField
          label="Exactly this word"
          machine
          maxLength={10_000}
          value={token.text}
          onChange={(event) => onChange(setFixed(draft, at, event.target.value))}
        />
      )}
      {token.kind === 'oneOf' && (
        <WordListFor draft={draft} at={at} words={token.texts} keepsLast onChange={onChange} />
      )}
      {token.kind === 'any' && (
        <WordListFor draft={draft} at={at} words={token.except} keepsLast={false} onChange={onChange} />
      )}
    </>
  )
}

type ListProps = {
  readonly draft: RuleDraft
  readonly at: number
  readonly words: readonly string[]
  readonly keepsLast: boolean
  onChange(draft: RuleDraft): void
}

function WordListFor({ draft, at, words, keepsLast, onChange }: ListProps) {
  return (
    <WordList
      label={keepsLast ? 'One of these words' : 'Any one word except these'}
      addLabel={keepsLast ? 'One more word' : 'Except'}
      hint={keepsLast ? 'Exactly as it is typed.' : 'A word, or a pattern such as release/*.'}
      words={words}
      keepsLast={keepsLast}
      onAdd={(text) => onChange(addText(draft, at, text))}
      onRemove={(text) => onChange(removeText(draft, at, text))}
    />
  )
}

type EndProps = { readonly draft: RuleDraft; readonly openEnd: boolean; onChange(draft: RuleDraft): void }

function TokenEnd({ draft, openEnd, onChange }: EndProps) {
  return (
    <>
      <div className="scope-line">
        <Segmented
          label="After the last token"
          value={openEnd ? 'open' : 'closed'}
          choices={[
            { value: 'closed', label: 'No more tokens' },
            { value: 'open', label: 'Anything may follow' },
          ]}
          onChange={(value) => onChange(setOpenEnd(draft, value === 'open'))}
        />
        <Button look="quiet" onClick={() => onChange(addToken(draft, ''))}>
          Add a token
        </Button>
      </div>
      <p className={openEnd && draft.decision === 'allow' ? 'scope-warning' : 'field-hint'}>
        {openEnd && draft.decision === 'allow'
          ? 'Options such as --force then ride along without a question. Close it unless you mean that.'
          : openEnd
            ? 'Whatever follows, the rule holds.'
            : 'The command must end here: no option can ride along behind it.'}
      </p>
    </>
  )
}
