import { type KeyboardEvent, type PointerEvent, useRef } from 'react'

type Props = {
  readonly label: string
  /** `column` divides side by side, `row` divides above and below. */
  readonly divides: 'column' | 'row'
  /** Size of the pane it belongs to, in CSS pixels. */
  readonly size: number
  readonly min: number
  readonly max: number
  /** The pane stands after the splitter, so dragging towards the start makes it larger. */
  readonly paneAfter?: boolean
  readonly className?: string
  onSize(size: number): void
}

const step = 24

/** A line that can be dragged, or moved with the arrow keys. */
export function Splitter({ label, divides, size, min, max, paneAfter = false, className, onSize }: Props) {
  const from = useRef<{ at: number; size: number } | null>(null)
  const sign = paneAfter ? -1 : 1
  const set = (next: number): void => onSize(Math.round(Math.min(max, Math.max(min, next))))
  const at = (event: PointerEvent): number => (divides === 'column' ? event.clientX : event.clientY)
  const onKeyDown = (event: KeyboardEvent): void => {
    const [less, more] = divides === 'column' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
    if (event.key === more) set(size + sign * step)
    else if (event.key === less) set(size - sign * step)
    else if (event.key === 'Home') set(min)
    else if (event.key === 'End') set(max)
    else return
    event.preventDefault()
  }
  return (
    <div
      className={`splitter splitter-${divides}${className ? ` ${className}` : ''}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={divides === 'column' ? 'vertical' : 'horizontal'}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        from.current = { at: at(event), size }
      }}
      onPointerMove={(event) => {
        if (from.current) set(from.current.size + sign * (at(event) - from.current.at))
      }}
      onPointerUp={() => {
        from.current = null
      }}
    />
  )
}
