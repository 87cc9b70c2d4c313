import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, type Ref, useImperativeHandle, useRef } from 'react'

export type VirtualListHandle = { scrollTo(index: number, align?: 'start' | 'center' | 'end' | 'auto'): void }

type Props = {
  readonly count: number
  readonly label: string
  /** Height of one row in CSS pixels, or the first guess for it when rows differ. */
  readonly rowHeight: number | ((index: number) => number)
  /** Rows measure themselves; for rows whose height is not known before they are drawn. */
  readonly measured?: boolean
  readonly keyOf: (index: number) => string
  readonly children: (index: number) => ReactNode
  readonly className?: string
  readonly role?: 'list' | 'feed' | 'log'
  readonly handle?: Ref<VirtualListHandle>
  onScroll?(state: { readonly atEnd: boolean }): void
}

/** Draws only the rows in view: a hundred thousand items cost as much as thirty. */
export function VirtualList(props: Props) {
  const {
    count,
    label,
    rowHeight,
    measured,
    keyOf,
    children,
    className,
    role = 'list',
    handle,
    onScroll,
  } = props
  const scroller = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoised by a compiler
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: typeof rowHeight === 'number' ? () => rowHeight : rowHeight,
    getItemKey: keyOf,
    overscan: 8,
  })
  useImperativeHandle(
    handle,
    () => ({ scrollTo: (index, align = 'auto') => virtual.scrollToIndex(index, { align }) }),
    [virtual],
  )
  return (
    <div
      ref={scroller}
      className={`virtual${className ? ` ${className}` : ''}`}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling pane must be reachable by keyboard
      tabIndex={0}
      role="group"
      aria-label={label}
      onScroll={(event) => {
        const pane = event.currentTarget
        onScroll?.({ atEnd: pane.scrollHeight - pane.scrollTop - pane.clientHeight < 24 })
      }}
    >
      <div className="virtual-space" role={role} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((row) => (
          <div
            key={row.key}
            data-index={row.index}
            ref={measured ? virtual.measureElement : undefined}
            className="virtual-row"
            role={role === 'list' ? 'listitem' : undefined}
            style={{ transform: `translateY(${row.start}px)`, ...(measured ? {} : { height: row.size }) }}
          >
            {children(row.index)}
          </div>
        ))}
      </div>
    </div>
  )
}
