import { useId } from 'react'

export type Choice<T extends string> = { readonly value: T; readonly label: string; readonly hint?: string }

type Props<T extends string> = {
  readonly label: string
  readonly value: T
  readonly choices: readonly Choice<NoInfer<T>>[]
  onChange(value: NoInfer<T>): void
  /** The label is written elsewhere already. */
  readonly hideLabel?: boolean
  readonly disabled?: boolean
}

/** A few choices side by side: radio buttons underneath, so arrow keys and screen readers know them. */
export function Segmented<T extends string>(props: Props<T>) {
  const { label, value, choices, onChange, hideLabel, disabled } = props
  const name = useId()
  return (
    <fieldset className="segmented" disabled={disabled}>
      <legend className={hideLabel ? 'sr-only' : undefined}>{label}</legend>
      <div className="segments">
        {choices.map((choice) => (
          <label key={choice.value} className="segment">
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
            />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

/** A native select in our clothes: long lists of words, one choice. */
export function Select<T extends string>({ label, value, choices, onChange, hideLabel, disabled }: Props<T>) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? 'sr-only' : undefined}>
        {label}
      </label>
      <select
        id={id}
        className="input select"
        value={value}
        disabled={disabled}
        onChange={(event) => {
          const chosen = choices.find((choice) => choice.value === event.target.value)
          if (chosen) onChange(chosen.value)
        }}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  )
}

type CheckProps = {
  readonly label: string
  readonly hint?: string
  readonly checked: boolean
  onChange(checked: boolean): void
}

export function Checkbox({ label, hint, checked, onChange }: CheckProps) {
  const id = useId()
  return (
    <div className="checkbox">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  )
}
