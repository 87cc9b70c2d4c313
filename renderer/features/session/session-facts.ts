import { useEffect, useState } from 'react'
import type { ItemId } from '../../../protocol/ids.ts'
import type { Item } from '../../../protocol/sessions.ts'
import type { OpenSessionStore } from '../../state/session.ts'
import { type DecisionRow, decisionRows } from './decision-rows.ts'
import { type TimelineLine, timelineLines } from './timeline-lines.ts'

/** What is read off all items together. */
export type SessionFacts = {
  readonly lines: readonly TimelineLine[]
  readonly decisions: readonly DecisionRow[]
  /** Messages that wait until the running turn ends. */
  readonly queued: readonly string[]
  /** The newest item that waits for the person; null when none does. */
  readonly heldItemId: ItemId | null
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
  return { lines: timelineLines(items), decisions: decisionRows(items), queued, heldItemId, prompts }
}

/** Words that stream into an item change none of the facts, so at most four passes a second are made. */
const pauseMs = 250

/** The facts of an open session, made anew after changes: at once for the first, then four times a second at most. */
export function useSessionFacts(session: OpenSessionStore): SessionFacts {
  const [facts, setFacts] = useState<SessionFacts>(() => readFacts(session))
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null
    let again = false
    const pass = (): void => {
      setFacts(readFacts(session))
      again = false
      timer = setTimeout(() => {
        timer = null
        if (again) pass()
      }, pauseMs)
    }
    const stop = session.store.subscribe(() => {
      if (timer === null) pass()
      else again = true
    })
    pass()
    return () => {
      stop()
      if (timer !== null) clearTimeout(timer)
    }
  }, [session])
  return facts
}

function readFacts(session: OpenSessionStore): SessionFacts {
  const { ids, items } = session.store.getState()
  const list: Item[] = []
  for (const id of ids) {
    const item = items.get(id)
    if (item) list.push(item)
  }
  return factsOf(list)
}
