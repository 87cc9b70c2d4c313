import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { KeyCap } from '../ui/key-cap.tsx'
import { Spelled } from '../ui/spelled.tsx'
import { noteStarters } from './words.ts'

type Props = {
  readonly recent: readonly string[]
  readonly sending: boolean
  /** @param by the key in hand */
  onSend(note: string, by: string): void
  onCancel(): void
}

/** One line to the agent with the no. `1` to `4` send an earlier note as long as nothing is typed. */
export function DenyNote({ recent, sending, onSend, onCancel }: Props) {
  const [note, setNote] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      return onCancel()
    }
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || note !== '') return
    const earlier = /^[1-4]$/.test(event.key) ? recent[Number(event.key) - 1] : undefined
    if (earlier === undefined) return
    event.preventDefault()
    onSend(earlier, event.nativeEvent.code)
  }

  return (
    <form
      className="answer-panel"
      aria-label="Deny and tell"
      onSubmit={(event) => {
        event.preventDefault()
        if (note.trim() !== '') onSend(note.trim(), 'Enter')
      }}
    >
      <label className="panel-line">
        <span>Tell the agent why</span>
        <input
          ref={field}
          className="input"
          value={note}
          maxLength={500}
          placeholder="One line. It reaches the agent with the denial."
          onChange={(event) => setNote(event.target.value)}
          onKeyDown={onKeyDown}
        />
      </label>
      <ul className="note-choices">
        {recent.map((earlier, place) => (
          <li key={earlier}>
            <button type="button" className="note-choice" onClick={() => onSend(earlier, 'Enter')}>
              <KeyCap keys={String(place + 1)} /> <Spelled text={earlier} limit={80} />
            </button>
          </li>
        ))}
        {noteStarters.map((starter) => (
          <li key={starter}>
            <button
              type="button"
              className="note-choice"
              onClick={() => {
                setNote(starter)
                field.current?.focus()
              }}
            >
              {starter}
            </button>
          </li>
        ))}
      </ul>
      <div className="panel-actions">
        <Button submits keyHint="Enter" disabled={sending || note.trim() === ''}>
          Deny and tell
        </Button>
        <Button look="quiet" keyHint="Escape" onClick={onCancel}>
          Back
        </Button>
      </div>
    </form>
  )
}
