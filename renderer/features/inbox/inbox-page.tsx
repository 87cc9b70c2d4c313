import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { ApprovalRequest } from '../../../protocol/approvals.ts'
import type { ApprovalId } from '../../../protocol/ids.ts'
import { type CardHandle, ConnectedCard } from '../../card/connected-card.tsx'
import { type CommandName, commandFor, isTyping } from '../../keys/keymap.ts'
import { useInbox, useStores } from '../../state/context.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState, ErrorState, Loading } from '../../ui/states.tsx'
import { EmptyInbox } from './empty-inbox.tsx'
import { InboxList } from './inbox-list.tsx'
import { type InboxTab, nextAfterAnswer, rowsOf, step } from './list-rows.ts'
import { useArrivals } from './use-arrivals.ts'
import './inbox.css'

type Selection = { readonly id: ApprovalId | null; readonly byPerson: boolean }

/** List and card. The list never moves focus and never answers by itself. */
export function InboxPage() {
  const { app, inbox } = useStores()
  const load = useInbox((state) => state.load)
  const shown = useInbox((state) => state.shown)
  const rows = useInbox((state) => state.rows)
  const [tab, setTab] = useState<InboxTab>('needs')
  const [selection, setSelection] = useState<Selection>({ id: null, byPerson: false })
  /** On narrow windows the card covers the list. */
  const [cardOpen, setCardOpen] = useState(false)
  const card = useRef<CardHandle>(null)
  const list = useRef<HTMLDivElement>(null)
  const visible = useMemo(() => rowsOf(tab, shown), [tab, shown])
  useArrivals()

  // What is shown beside the list: the chosen one as long as it is listed, otherwise the first.
  const listed = selection.id !== null && visible.some(({ id }) => id === selection.id)
  const currentId = listed ? selection.id : (visible[0]?.id ?? null)
  const byPerson = listed && selection.byPerson
  const current = currentId === null ? null : (rows.get(currentId)?.request ?? null)

  useEffect(() => {
    if (current) app.setScope(current.sessionId)
  }, [app, current])

  // The reserved chord works on the whole page; letters only where focus is in list or card.
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event.target) || app.store.getState().overlay !== null) return
      if (commandFor(event, ['everywhere']) !== 'allowOnceChord') return
      card.current?.press({
        nativeEvent: event,
        repeat: event.repeat,
        preventDefault: () => event.preventDefault(),
      })
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [app])

  function choose(id: ApprovalId | null): void {
    if (id !== null) setSelection({ id, byPerson: true })
  }

  function openCard(id: ApprovalId | null): void {
    choose(id)
    setCardOpen(true)
    // After the card is drawn; the person asked for it.
    requestAnimationFrame(() => card.current?.focus())
  }

  function backToList(): void {
    setCardOpen(false)
    requestAnimationFrame(() => list.current?.focus())
  }

  function onListKey(event: KeyboardEvent): void {
    inbox.keyPressed()
    const moves: Partial<Record<CommandName, () => ApprovalId | null | undefined>> = {
      next: () => step(visible, currentId, 1),
      previous: () => step(visible, currentId, -1),
      first: () => visible[0]?.id,
      last: () => visible.at(-1)?.id,
    }
    const command = commandFor(event.nativeEvent, ['list'])
    const move = command === null ? undefined : moves[command]
    if (move) choose(move() ?? null)
    else if (command === 'evidence') {
      if (!event.repeat) openCard(currentId)
    } else {
      // The same letters as in the card, for the card that is in view.
      if (card.current?.press(event)) event.stopPropagation()
      return
    }
    event.preventDefault()
  }

  function onAnswered(answered: ApprovalRequest): void {
    const next = nextAfterAnswer(visible, rows, answered)
    // Serious ones do not slide under a hand that is answering.
    setSelection({ id: next ?? answered.id, byPerson: false })
    // Focus goes to the row below, never to a button. On a narrow window that is the list itself.
    if (list.current?.contains(document.activeElement) !== true) backToList()
  }

  if (load.state === 'loading') return <Loading what="Reading held requests" />
  if (load.state === 'failed') {
    return (
      <ErrorState title="The held requests could not be read." fix={load.problem.message}>
        <Button onClick={() => location.reload()}>Read again</Button>
      </ErrorState>
    )
  }
  return (
    <div className={cardOpen ? 'inbox inbox-card-open' : 'inbox'}>
      <InboxList
        tab={tab}
        placed={visible}
        currentId={currentId}
        listRef={list}
        onTab={setTab}
        onChoose={choose}
        onOpen={openCard}
        onKeyDown={onListKey}
      />
      <section className="inbox-detail" aria-label="Request">
        {current && currentId !== null ? (
          <>
            <div className="inbox-back">
              <Button look="quiet" keyHint="Escape" onClick={backToList}>
                Back to the list
              </Button>
            </div>
            <ConnectedCard
              id={currentId}
              byPerson={byPerson}
              handle={card}
              onAnswered={onAnswered}
              onLeave={backToList}
              onOrigin={(request) => app.go({ page: 'session', id: request.sessionId })}
            />
          </>
        ) : tab === 'needs' ? (
          <EmptyInbox />
        ) : (
          <EmptyState
            title={tab === 'parked' ? 'Nothing is parked.' : 'Nothing was answered in the last minute.'}
          >
            {tab === 'parked'
              ? 'Not now (Z) on a card keeps a request here; its agent keeps waiting.'
              : 'Older answers stand in their session, under Decisions.'}
          </EmptyState>
        )}
      </section>
    </div>
  )
}
