import { createStore, type StoreApi } from 'zustand/vanilla'
import type { HostClient } from '../../protocol/contract.ts'
import type { ItemId, SessionId } from '../../protocol/ids.ts'
import type { Item, SessionChange, SessionSummary, TerminalInfo } from '../../protocol/sessions.ts'
import { type LoadState, loading, ready } from './result.ts'

export type OpenSessionState = {
  readonly load: LoadState
  readonly summary: SessionSummary | null
  /** In order of appearance. Replaced only when an item joins, so a streaming text does not redraw the list. */
  readonly ids: readonly ItemId[]
  /** Always the same map, so that a delta costs the same in a session of a hundred thousand items. Items are replaced, never changed. */
  readonly items: ReadonlyMap<ItemId, Item>
  readonly terminals: readonly TerminalInfo[]
  readonly live: boolean
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number }
}

export type OpenSessionStore = {
  readonly id: SessionId
  readonly store: StoreApi<OpenSessionState>
  start(): () => void
}

/** Last part of an action's output kept for the timeline; the terminal pane has the rest. */
const outputKept = 16_384

/**
 * One open session, live or past.
 *
 * @param schedule collects changes for one drawing; a page in the background still gets them
 */
export function createOpenSession(
  client: HostClient,
  id: SessionId,
  schedule: (run: () => void) => void = (run) => void setTimeout(run, 16),
): OpenSessionStore {
  let items = new Map<ItemId, Item>()
  let waiting: SessionChange[] = []
  let scheduled = false
  const store = createStore<OpenSessionState>()(() => ({
    load: loading,
    summary: null,
    ids: [],
    items,
    terminals: [],
    live: false,
    usage: { inputTokens: 0, outputTokens: 0 },
  }))

  function flush(): void {
    scheduled = false
    const changes = waiting
    waiting = []
    const before = store.getState()
    const joined: ItemId[] = []
    const left = new Set<ItemId>()
    let next: Partial<OpenSessionState> = {}
    for (const change of changes) {
      switch (change.type) {
        case 'summary':
          next = { ...next, summary: change.summary }
          break
        case 'item':
          if (!items.has(change.item.id)) joined.push(change.item.id)
          items.set(change.item.id, change.item)
          break
        case 'itemGone':
          items.delete(change.itemId)
          left.add(change.itemId)
          break
        case 'delta':
          appendTo(items, change.itemId, change.text)
          break
        case 'terminal':
          next = { ...next, terminals: replaced(next.terminals ?? before.terminals, change.terminal) }
          break
        case 'usage':
          next = { ...next, usage: { inputTokens: change.inputTokens, outputTokens: change.outputTokens } }
          break
      }
    }
    if (joined.length > 0 || left.size > 0) {
      const ids = [...before.ids, ...joined]
      next = { ...next, ids: left.size > 0 ? ids.filter((id) => items.has(id)) : ids }
    }
    store.setState(next)
  }

  return {
    id,
    store,
    start: () => {
      const stop = client.subscribe(
        'sessions/open',
        { id },
        {
          snapshot(snapshot) {
            waiting = []
            items = new Map(snapshot.items.map((item) => [item.id, item]))
            const { summary, terminals, live, usage } = snapshot
            store.setState({
              load: ready,
              summary,
              terminals,
              live,
              usage,
              items,
              ids: snapshot.items.map((item) => item.id),
            })
          },
          change(change) {
            waiting.push(change)
            if (scheduled) return
            scheduled = true
            schedule(flush)
          },
          failed: (problem) => store.setState({ load: { state: 'failed', problem } }),
        },
      )
      return () => {
        waiting = []
        stop()
      }
    },
  }
}

function appendTo(items: Map<ItemId, Item>, id: ItemId, text: string): void {
  const item = items.get(id)
  if (item?.type === 'agent') items.set(id, { ...item, text: item.text + text })
  if (item?.type === 'action') {
    const output = (item.output + text).slice(-outputKept)
    items.set(id, { ...item, output, outputBytes: item.outputBytes + text.length })
  }
}

function replaced(list: readonly TerminalInfo[], terminal: TerminalInfo): readonly TerminalInfo[] {
  const known = list.some(({ id }) => id === terminal.id)
  return known ? list.map((each) => (each.id === terminal.id ? terminal : each)) : [...list, terminal]
}
