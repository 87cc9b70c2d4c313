import { useEffect, useState } from 'react'
import type { ItemId } from '../../../protocol/ids.ts'
import type { Item } from '../../../protocol/sessions.ts'
import type { OpenSessionStore } from '../../state/session.ts'
import { type DecisionRow, decisionRows } from './decision-rows.ts'
import { type QuietWrites, quietOf } from './held-words.ts'
import { type TimelineLine, timelineLines } from './timeline-lines.ts'

/** What is read off all items together. */
export type SessionFacts = {
  /** false while a long session is still being read. */
  readonly complete: boolean
  readonly lines: readonly TimelineLine[]
  readonly decisions: readonly DecisionRow[]
  /** Messages that wait until the running turn ends. */
  readonly queued: readonly string[]
  /** The newest item that waits for the person; null when none does. */
  readonly heldItemId: ItemId | null
  /** What the quiet-deny list refused. */
  readonly quiet: QuietWrites
  /** The first message of each turn, for "Send again". */
  readonly prompts: ReadonlyMap<string, string>
}

export function factsOf(items: readonly Item[]): SessionFacts {
  const queued: string[] = []
  const prompts = new Map<string, string>()
  let heldItemId: ItemId | null = null
  for (const item of items) {
    if (item.type === 'action' && item.state === 'held' && item.approvalId !== null) heldItemId = item.id
    if (item.type !== 'user') continue
    if (item.queued) queued.push(item.text)
    if (item.turnId !== null && !prompts.has(item.turnId)) prompts.set(item.turnId, item.text)
  }
  return {
    complete: true,
    lines: timelineLines(items),
    decisions: decisionRows(items),
    queued,
    heldItemId,
    quiet: quietOf(items),
    prompts,
  }
}

/** At most four passes a second are made over all items. */
const pauseMs = 250

type Pass = { readonly items: readonly Item[]; readonly facts: SessionFacts }

/** The facts of an open session: at once for a first change, then four times a second at most. */
export function useSessionFacts(session: OpenSessionStore): SessionFacts {
  const [pass, setPass] = useState<Pass>(() => openingPass(itemsOf(session)))
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null
    let changed = false
    const look = (): void => {
      changed = false
      setPass((before) => nextPass(before, itemsOf(session)))
      timer = setTimeout(() => {
        timer = null
        if (changed) look()
      }, pauseMs)
    }
    const stop = session.store.subscribe(() => {
      if (timer === null) look()
      else changed = true
    })
    look()
    return () => {
      stop()
      if (timer !== null) clearTimeout(timer)
    }
  }, [session])
  return pass.facts
}

const firstPass = (items: readonly Item[]): Pass => ({ items, facts: factsOf(items) })

/** Up to here all facts are read before the first drawing; longer sessions are drawn first. */
const readAtOnce = 5000
const openingPass = (items: readonly Item[]): Pass =>
  items.length <= readAtOnce ? firstPass(items) : { items: [], facts: { ...factsOf([]), complete: false } }

/** The same pass again when nothing but words of the agent changed: those are in no fact. */
export function nextPass(before: Pass, items: readonly Item[]): Pass {
  const same =
    before.items.length === items.length &&
    items.every((item, index) => item === before.items[index] || item.type === 'agent')
  return same ? before : firstPass(items)
}

function itemsOf(session: OpenSessionStore): readonly Item[] {
  const { ids, items } = session.store.getState()
  const list: Item[] = []
  for (const id of ids) {
    const item = items.get(id)
    if (item) list.push(item)
  }
  return list
}
