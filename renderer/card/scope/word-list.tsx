import { type KeyboardEvent, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Short } from '../../ui/short.tsx'

type Props = {
  readonly label: string
  readonly addLabel: string
  readonly hint: string
  readonly words: readonly string[]
  /** Words that must stay. */
  readonly keepsLast: boolean
  onAdd(word: string): void
  onRemove(word: string): void
}

/** A few words with a field for one more. Enter adds; it saves nothing. */
export function WordList({ label, addLabel, hint, words, keepsLast, onAdd, onRemove }: Props) {
  const [text, setText] = useState('')
  function add(): void {
    const word = text.trim()
    if (word === '') return
    onAdd(word)
    setText('')
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    add()
  }
  return (
    <div className="scope-words">
      {words.length > 0 && (
        <ul aria-label={label}>
          {words.map((word) => (
            <li key={word}>
              <span className="token">
                <Short text={word} limit={80} />
              </span>
              {!(keepsLast && words.length === 1) && (
                <button type="button" className="link-button" onClick={() => onRemove(word)}>
                  remove<span className="sr-only"> {word}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <div className="scope-add">
        <TextField
          label={addLabel}
          hint={hint}
          machine
          maxLength={1000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <Button keyHint="Enter" aria-disabled={text.trim() === '' || undefined} onClick={add}>
          Add
        </Button>
      </div>
    </div>
  )
}
