import { type KeyboardEvent, type Ref, useEffect, useRef } from 'react'
import type { ApprovalId } from '../../../protocol/ids.ts'
import { keyOf } from '../../keys/keymap.ts'
import { useInbox, useStores } from '../../state/context.tsx'
import { needsYou, parkedOnes } from '../../state/inbox.ts'
import type { Placed, Section } from '../../state/inbox-order.ts'
import { KeyCap } from '../../ui/key-cap.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { InboxRowView } from './inbox-row.tsx'
import type { InboxTab } from './list-rows.ts'

const sectionWords: Readonly<Record<Section, string>> = {
  stops: 'Stops an agent now',
  continues: 'Agent continues meanwhile',
  answered: 'Answered in the last minute',
  parked: 'Parked: the agent keeps waiting',
}

type Props = {
  readonly tab: InboxTab
  readonly placed: readonly Placed[]
  readonly currentId: ApprovalId | null
  readonly listRef: Ref<HTMLDivElement>
  onTab(tab: InboxTab): void
  onChoose(id: ApprovalId): void
  onOpen(id: ApprovalId): void
  onKeyDown(event: KeyboardEvent): void
}

/** One stop for Tab; J and K or the arrows move within. Nothing in it moves under a hand. */
export function InboxList(props: Props) {
  const { tab, placed, currentId, listRef, onTab, onChoose, onOpen, onKeyDown } = props
  const { inbox } = useStores()
  const waiting = useInbox((state) => needsYou(state).length)
  const parked = useInbox((state) => parkedOnes(state).length)
  const arrivals = useInbox((state) => state.arrivals.length)
  const current = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (currentId !== null) current.current?.scrollIntoView({ block: 'nearest' })
  }, [currentId])

  return (
    <section className="inbox-list" aria-label="Held requests">
      <Tabs
        label="Which requests"
        value={tab}
        onChange={onTab}
        tabs={[
          { id: 'needs', label: 'Needs you', count: waiting },
          { id: 'parked', label: 'Parked', count: parked },
          { id: 'answered', label: 'Answered' },
        ]}
      >
        <div className="inbox-order">
          <span>{tab === 'answered' ? 'Newest first' : 'Blocking first'}</span>
          {arrivals > 0 && (
            <button type="button" className="arrivals" onClick={() => inbox.showArrivals()}>
              {arrivals} new: show
            </button>
          )}
          <span className="inbox-keys">
            <KeyCap keys={keyOf('next')} />
            <KeyCap keys={keyOf('previous')} />
          </span>
        </div>
        <div
          ref={listRef}
          className="inbox-rows"
          role="grid"
          tabIndex={0}
          aria-label="Requests"
          aria-activedescendant={currentId === null ? undefined : rowId(currentId)}
          onKeyDown={onKeyDown}
          onPointerEnter={() => inbox.pointer(true)}
          onPointerLeave={() => inbox.pointer(false)}
        >
          {placed.length === 0 && (
            <div role="row">
              <div role="gridcell" className="inbox-none">
                None.
              </div>
            </div>
          )}
          {placed.map(({ id, section }, index) => (
            <RowWithHeading
              key={id}
              id={id}
              heading={section !== placed[index - 1]?.section ? sectionWords[section] : null}
              current={id === currentId}
              currentRef={id === currentId ? current : null}
              onChoose={onChoose}
              onOpen={onOpen}
            />
          ))}
        </div>
      </Tabs>
    </section>
  )
}

export const rowId = (id: ApprovalId): string => `inbox-row-${id}`

type RowProps = {
  readonly id: ApprovalId
  readonly heading: string | null
  readonly current: boolean
  readonly currentRef: Ref<HTMLDivElement>
  onChoose(id: ApprovalId): void
  onOpen(id: ApprovalId): void
}

function RowWithHeading({ id, heading, current, currentRef, onChoose, onOpen }: RowProps) {
  return (
    <>
      {heading !== null && (
        <div role="row" className="inbox-section">
          <div role="gridcell">{heading}</div>
        </div>
      )}
      <div
        ref={currentRef}
        id={rowId(id)}
        role="row"
        tabIndex={-1}
        className="inbox-row"
        aria-selected={current}
        onClick={(event) => {
          // Focus belongs to the list, where the keys work.
          event.currentTarget.closest<HTMLElement>('[role=grid]')?.focus()
          onChoose(id)
          if (matchMedia('(max-width: 1099px)').matches) onOpen(id)
        }}
        onKeyDown={() => {}}
      >
        <InboxRowView id={id} />
      </div>
    </>
  )
}
