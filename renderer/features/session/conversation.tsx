import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import type { ItemId } from '../../../protocol/ids.ts'
import { useItem, useSessionState } from '../../state/context.tsx'
import type { OpenSessionStore } from '../../state/session.ts'
import { Button } from '../../ui/button.tsx'
import { type ItemContext, ItemView } from './item-view.tsx'
import { plural } from './words.ts'

export type ConversationHandle = {
  /** Brings an item into view. `focus` puts the keyboard there as well. */
  show(itemId: string, focus: boolean): void
}

type Props = {
  readonly session: OpenSessionStore
  readonly context: ItemContext
  readonly handle: Ref<ConversationHandle>
}

/** Height of an item before it was measured, in CSS pixels. */
const firstGuess = 96
/** Close enough to the end to count as "at the end", in CSS pixels. */
const nearEnd = 48

/**
 * All items in order. Only those in view are drawn, and they measure themselves.
 *
 * The list stays at its end as long as the person has not scrolled up; after that nothing moves under the
 * eye, and a button counts what arrived below.
 */
export const Conversation = memo(function Conversation({ session, context, handle }: Props) {
  const ids = useSessionState(session, (state) => state.ids)
  const scroller = useRef<HTMLDivElement>(null)
  const [readUpTo, setReadUpTo] = useState(ids.length)
  const [atEnd, setAtEnd] = useState(true)
  const [marked, setMarked] = useState<string | null>(null)
  // oxlint-disable-next-line react/incompatible-library -- its functions change on purpose, and no compiler memoizes here
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    // Items only ever join at the end, so their place is their key; both must be cheap, since all of them
    // are asked again for each item that joins.
    estimateSize: () => firstGuess,
    overscan: 6,
    paddingEnd: 12,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: nearEnd,
  })

  // The first drawing with items starts at the newest one.
  const opened = useRef(false)
  useLayoutEffect(() => {
    if (opened.current || ids.length === 0) return
    opened.current = true
    virtual.scrollToEnd()
  }, [ids.length, virtual])

  const shownTo = atEnd ? ids.length : Math.min(readUpTo, ids.length)
  const below = ids.length - shownTo

  useImperativeHandle(
    handle,
    () => ({
      show(itemId, focus) {
        const index = ids.indexOf(itemId as ItemId)
        if (index < 0) return
        // A card can be taller than the pane; its answers stand at its end.
        virtual.scrollToIndex(index, { align: focus ? 'end' : 'center' })
        setMarked(itemId)
        // Two frames: the row has to be drawn before it can take the keyboard.
        requestAnimationFrame(() => {
          requestAnimationFrame(() => {
            const row = scroller.current?.querySelector<HTMLElement>(`[data-item="${CSS.escape(itemId)}"]`)
            // The card takes keys only while it has the focus itself.
            if (focus) (row?.querySelector<HTMLElement>('article.card') ?? row)?.focus()
          })
        })
      },
    }),
    [ids, virtual],
  )

  const onScroll = (): void => {
    const pane = scroller.current
    if (!pane) return
    const end = pane.scrollHeight - pane.scrollTop - pane.clientHeight < nearEnd
    if (end === atEnd) return
    setAtEnd(end)
    if (!end) setReadUpTo(ids.length)
  }

  if (ids.length === 0) {
    return <p className="pane-empty">Nothing was said yet. The first message starts the first turn.</p>
  }
  return (
    <div className="conversation-frame">
      <div
        ref={scroller}
        className="conversation"
        // A scrolling pane must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="group"
        aria-label="Conversation"
        onScroll={onScroll}
      >
        <div
          className="virtual-space"
          role="feed"
          aria-busy="false"
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map((row) => {
            const id = ids[row.index]
            if (id === undefined) return null
            return (
              <article
                key={row.key}
                data-index={row.index}
                data-item={id}
                ref={virtual.measureElement}
                className={`virtual-row conversation-row${marked === id ? ' is-marked' : ''}`}
                tabIndex={-1}
                aria-posinset={row.index + 1}
                aria-setsize={ids.length}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <OneItem session={session} id={id} context={context} />
              </article>
            )
          })}
        </div>
      </div>
      {below > 0 && (
        <Button className="new-below" onClick={() => virtual.scrollToEnd()}>
          {plural(below, 'new', 'new')} below
        </Button>
      )}
    </div>
  )
})

type OneProps = { readonly session: OpenSessionStore; readonly id: ItemId; readonly context: ItemContext }

/** Redraws when its own item changes, not when its neighbours do. */
const OneItem = memo(function OneItem({ session, id, context }: OneProps) {
  const item = useItem(session, id)
  return item ? <ItemView item={item} context={context} /> : null
})
