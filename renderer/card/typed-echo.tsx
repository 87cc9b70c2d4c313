import { useId } from 'react'
import { Spelled } from '../ui/spelled.tsx'

type Props = { readonly word: string; readonly value: string; onChange(value: string): void }

/** Critical: the person carries something from the request into the answer. Pasting would defeat that. */
export function TypedEcho({ word, value, onChange }: Props) {
  const id = useId()
  return (
    <div className="card-echo">
      <label htmlFor={id}>
        Type{' '}
        <strong className="mono">
          <Spelled text={word} limit={120} />
        </strong>{' '}
        to allow
      </label>
      <input
        id={id}
        className="input mono"
        value={value}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        onPaste={(event) => event.preventDefault()}
        onDrop={(event) => event.preventDefault()}
        onChange={(event) => onChange(event.target.value)}
      />
      <span className="card-echo-state">
        {value === word ? 'matches' : value === '' ? '' : 'does not match yet'}
      </span>
    </div>
  )
}
