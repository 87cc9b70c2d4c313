import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react'
import { KeptName } from '../../ui/kept-name.tsx'
import { Short } from '../../ui/short.tsx'
import { spelledText } from '../../ui/spell-out.ts'
import { timeWords } from '../../ui/time.tsx'
import type { Mark, TimelineLine } from './timeline-lines.ts'

const markWords: Record<Mark, string> = {
  held: 'held',
  running: 'running',
  done: 'done',
  nonZero: 'ended with a problem',
  refused: 'refused',
  unfinished: 'unfinished',
  info: '',
  problem: 'problem',
}

type Props = {
  readonly lines: readonly TimelineLine[]
  /** false until all lines were read. */
  readonly complete: boolean
  /** Shows the item in the conversation. */
  onJump(itemId: string): void
}

/** One line per act with how it was allowed. A list box: arrow keys choose, Enter jumps. */
export const Timeline = memo(function Timeline({ lines, complete, onJump }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const name = useId()
  const [chosen, setChosen] = useState<string | null>(null)
  const current = useMemo(
    () => (chosen === null ? -1 : lines.findIndex((line) => line.key === chosen)),
    [lines, chosen],
  )
  // New functions make the list measure all its lines again, so they change with the lines only.
  // oxlint-disable-next-line react/exhaustive-deps -- a new function is how the list hears of new lines
  const keyAt = useCallback((index: number) => index, [lines])
  const sizeAt = useCallback((index: number) => (lines[index]?.kind === 'turn' ? 28 : 44), [lines])
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: sizeAt,
    getItemKey: keyAt,
    overscan: 10,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: 60,
  })
  const opened = useRef(false)
  useEffect(() => {
    if (opened.current || lines.length === 0) return
    opened.current = true
    virtual.scrollToEnd()
  }, [lines.length, virtual])

  const choose = (index: number): void => {
    const line = lines[index]
    if (!line) return
    setChosen(line.key)
    virtual.scrollToIndex(index, { align: 'auto' })
  }
  const step = (from: number, by: 1 | -1): void => {
    for (let at = from + by; at >= 0 && at < lines.length; at += by) {
      if (lines[at]?.kind === 'act') return choose(at)
    }
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.metaKey || event.ctrlKey || event.altKey) return
    const start = current === -1 ? lines.length : current
    if (event.key === 'ArrowDown' || event.key === 'j') step(current, 1)
    else if (event.key === 'ArrowUp' || event.key === 'k') step(start, -1)
    else if (event.key === 'Home') step(-1, 1)
    else if (event.key === 'End') step(lines.length, -1)
    else if (event.key === 'Enter') {
      const line = lines[current]
      if (line?.kind === 'act') onJump(line.itemId)
    } else return
    event.preventDefault()
  }

  if (lines.length === 0)
    return <p className="pane-empty">{complete ? 'Nothing happened yet.' : 'Reading…'}</p>
  const active = current >= 0 ? `${name}-${current}` : undefined
  return (
    <div
      ref={scroller}
      className="timeline"
      tabIndex={0}
      role="listbox"
      aria-label="Timeline"
      aria-activedescendant={active}
      onKeyDown={onKeyDown}
    >
      <div className="virtual-space" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((row) => {
          const line = lines[row.index]
          if (!line) return null
          const place = { transform: `translateY(${row.start}px)`, height: row.size }
          if (line.kind === 'turn') {
            return (
              <div key={row.key} className="virtual-row timeline-turn" role="presentation" style={place}>
                Turn {line.turn}
              </div>
            )
          }
          return (
            // The list box itself holds the focus and the keys.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
            <div
              key={row.key}
              id={`${name}-${row.index}`}
              className={`virtual-row timeline-act mark-${line.mark}`}
              role="option"
              aria-selected={row.index === current}
              style={place}
              onClick={() => {
                setChosen(line.key)
                onJump(line.itemId)
              }}
            >
              <Act line={line} />
            </div>
          )
        })}
      </div>
    </div>
  )
})

type ActLine = Extract<TimelineLine, { kind: 'act' }>

function Act({ line }: { readonly line: ActLine }) {
  return (
    <>
      <span className="timeline-time">{timeWords(line.atMs)}</span>
      <MarkShape mark={line.mark} />
      <span
        className={line.machine ? 'timeline-subject mono' : 'timeline-subject'}
        title={spelledText(line.subject, 400)}
      >
        <KeptName text={line.subject} name={line.name} limit={160} />
      </span>
      <span className="timeline-allowed">
        {[line.allowed, line.outcome].filter((word) => word !== '').length === 0 ? (
          markWords[line.mark]
        ) : (
          <Short text={[line.allowed, line.outcome].filter((word) => word !== '').join(' · ')} limit={120} />
        )}
      </span>
    </>
  )
}

const shapes: Record<Mark, string> = {
  held: 'M5 3v8M9 3v8',
  running: 'M4 3l7 4-7 4z',
  done: 'M3 7.5l3 3 5-7',
  nonZero: 'M7 3v5M7 10.2v.8',
  refused: 'M3.5 3.5l7 7M10.5 3.5l-7 7',
  unfinished: 'M3 7h2M6.5 7h1M9 7h2',
  info: 'M7 6.8v.4',
  problem: 'M7 3v5M7 10.2v.8',
}

/** A shape for the eye; the same is said in words on the line. */
export function MarkShape({ mark }: { readonly mark: Mark }) {
  return (
    <svg
      className="mark"
      width="14"
      height="14"
      viewBox="0 0 14 14"
      role="img"
      aria-label={markWords[mark] || 'note'}
    >
      <path d={shapes[mark]} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="square" />
    </svg>
  )
}
