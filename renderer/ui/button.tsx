import type { ComponentProps } from 'react'
import { KeyCap } from './key-cap.tsx'

type Props = Omit<ComponentProps<'button'>, 'type'> & {
  readonly keyHint?: string | undefined
  /** `strong` is bolder ink, never colour. `quiet` has no border. `danger` is for what cannot be taken back. */
  readonly look?: 'plain' | 'strong' | 'quiet' | 'danger'
  readonly submits?: boolean
}

/**
 * A button with its key. `aria-disabled` instead of `disabled` where focus must stay, so that a screen reader
 * can still read why.
 */
export function Button({ keyHint, look = 'plain', submits, className, children, ...rest }: Props) {
  return (
    <button
      {...rest}
      type={submits ? 'submit' : 'button'}
      className={`button button-${look}${className ? ` ${className}` : ''}`}
    >
      <span>{children}</span>
      {keyHint && <KeyCap keys={keyHint} />}
    </button>
  )
}
