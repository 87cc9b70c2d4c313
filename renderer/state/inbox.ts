import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ApprovalRequest, Offer } from '../../protocol/approvals.ts'
import type { HostClient } from '../../protocol/contract.ts'
import type { ApprovalId } from '../../protocol/ids.ts'
import type { RuleDraft } from '../../protocol/rule-draft.ts'
import { isStill, type Placed, place, settle, stillAfterKeyMs, type Touch } from './inbox-order.ts'
import { type LoadState, loading, problemOf, ready } from './result.ts'

export type OfferId = Offer['id']

export type InboxRow = {
  readonly request: ApprovalRequest
  /** Which answer is on its way to the host. */
  readonly sending: OfferId | 'park' | 'undo' | null
  /** Why the last answer was not taken, in words. */
  readonly failure: string | null
}

export type InboxStoreState = {
  readonly load: LoadState
  readonly rows: ReadonlyMap<ApprovalId, InboxRow>
  /** The list as it is drawn. It does not move under a hand. */
  readonly shown: readonly Placed[]
  /** Came while the list had to stay still. */
  readonly arrivals: readonly ApprovalId[]
  readonly recentNotes: readonly string[]
  /** When each request this window saw within the last hour was asked. */
  readonly askedAtMs: ReadonlyMap<ApprovalId, number>
}

export type Answer = {
  readonly offerId: OfferId
  readonly note?: string
  readonly editedCommand?: string
  readonly echo?: string
  /** Only with the offer `rule`. */
  readonly rule?: RuleDraft
  readonly lookMs: number
}

/** `refused`: the row carries the reason. */
export type AnswerResult = 'recorded' | 'refused'

export type InboxStore = {
  readonly store: StoreApi<InboxStoreState>
  start(): () => void
  decide(id: ApprovalId, answer: Answer): Promise<AnswerResult>
  undo(id: ApprovalId): Promise<void>
  park(id: ApprovalId, parked: boolean): Promise<void>
  /** The pointer came over the list or left it. */
  pointer(over: boolean): void
  /** A key was pressed in the list or a card. */
  keyPressed(): void
  /** Draws the true order now: a click on the pill. */
  showArrivals(): void
}

export type InboxClock = {
  nowMs(): number
  later(run: () => void, ms: number): () => void
}

const machineClock: InboxClock = {
  nowMs: () => Date.now(),
  later(run, ms) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** Open and just answered requests of all sessions. */
export function createInbox(client: HostClient, clock: InboxClock = machineClock): InboxStore {
  let touch: Touch = { pointerOver: false, lastKeyMs: Number.NEGATIVE_INFINITY }
  let cancelSettle = (): void => {}
  const store = createStore<InboxStoreState>()(() => ({
    load: loading,
    rows: new Map(),
    shown: [],
    arrivals: [],
    recentNotes: [],
    askedAtMs: new Map(),
  }))
  /** Ids the host no longer has; drawn as long as the list must not move. */
  const gone = new Set<ApprovalId>()

  function redraw(rows = store.getState().rows, more: Partial<InboxStoreState> = {}): void {
    const now = clock.nowMs()
    const still = isStill(touch, now)
    const before = store.getState()
    const present = [...rows.values()].map(({ request }) => request).filter(({ id }) => !gone.has(id))
    const next = settle(before.shown, place(present, now), still)
    const drawn = new Set(next.shown.map(({ id }) => id))
    const kept = new Map([...rows].filter(([id]) => !gone.has(id) || drawn.has(id)))
    for (const id of gone) if (!kept.has(id)) gone.delete(id)
    store.setState({
      ...more,
      rows: kept.size === before.rows.size && rows === before.rows ? before.rows : kept,
      shown: samePlaces(before.shown, next.shown) ? before.shown : next.shown,
      arrivals: next.arrivals.join() === before.arrivals.join() ? before.arrivals : next.arrivals,
    })
    // The minute of an answered row, and the end of stillness, pass without an event; look again.
    cancelSettle()
    const wait = still && !touch.pointerOver ? touch.lastKeyMs + stillAfterKeyMs - now : 1000
    if (kept.size > 0) cancelSettle = clock.later(() => redraw(), Math.max(wait, 50))
  }

  function count(requests: readonly ApprovalRequest[]): void {
    const before = store.getState().askedAtMs
    if (requests.every(({ id }) => before.has(id))) return
    const since = clock.nowMs() - 3_600_000
    const asked = new Map([...before].filter(([, atMs]) => atMs > since))
    for (const { id, requestedAtMs } of requests) if (requestedAtMs > since) asked.set(id, requestedAtMs)
    store.setState({ askedAtMs: asked })
  }

  function patch(id: ApprovalId, change: Partial<InboxRow>): void {
    const row = store.getState().rows.get(id)
    if (!row) return
    store.setState({ rows: new Map(store.getState().rows).set(id, { ...row, ...change }) })
  }

  async function attempt(
    id: ApprovalId,
    sending: NonNullable<InboxRow['sending']>,
    run: () => Promise<string | null>,
  ): Promise<AnswerResult> {
    const row = store.getState().rows.get(id)
    if (!row || row.sending !== null) return 'refused'
    patch(id, { sending, failure: null })
    try {
      const failure = await run()
      patch(id, { sending: null, failure })
      return failure === null ? 'recorded' : 'refused'
    } catch (thrown) {
      patch(id, { sending: null, failure: `Your answer was not recorded. ${problemOf(thrown).message}` })
      return 'refused'
    }
  }

  return {
    store,
    start() {
      const stop = client.subscribe(
        'approvals/watch',
        {},
        {
          snapshot({ requests, recentNotes }) {
            const before = store.getState().rows
            gone.clear()
            const rows = new Map(
              requests.map((request) => [request.id, merged(before.get(request.id), request)]),
            )
            // Ids on screen that the snapshot no longer has: keep them drawable until the list may move.
            for (const [id, row] of before) {
              if (rows.has(id)) continue
              rows.set(id, row)
              gone.add(id)
            }
            redraw(rows, { load: ready, recentNotes })
            count(requests)
          },
          change(change) {
            const rows = new Map(store.getState().rows)
            switch (change.type) {
              case 'request':
                gone.delete(change.request.id)
                rows.set(change.request.id, merged(rows.get(change.request.id), change.request))
                redraw(rows)
                return count([change.request])
              case 'gone':
                gone.add(change.id)
                return redraw(rows)
              case 'notes':
                return store.setState({ recentNotes: change.recentNotes })
            }
          },
          failed: (problem) => store.setState({ load: { state: 'failed', problem } }),
        },
      )
      return () => {
        cancelSettle()
        stop()
      }
    },
    decide: (id, { offerId, ...answer }) =>
      attempt(id, offerId, async () => {
        const revision = store.getState().rows.get(id)?.request.revision ?? 0
        const result = await client.call('approvals/decide', { id, revision, offerId, ...answer })
        switch (result.status) {
          case 'recorded':
            return null
          case 'alreadyDecided':
            return `Already answered by ${result.by === 'user' ? 'you, in another window' : 'auto-review'}.`
          case 'changedSinceShown':
            return 'It changed since it was shown, so your answer was not used. Look again, then answer.'
          case 'noLongerNeeded':
            return 'The agent no longer waits for this.'
          case 'notOffered':
            return 'The host does not offer this answer here.'
          case 'echoWrong':
            return 'The typed word does not match. Nothing was allowed.'
          case 'ruleRefused':
            return `The rule was not saved, and nothing was allowed. ${result.why}`
        }
      }),
    async undo(id) {
      await attempt(id, 'undo', async () => {
        const { status } = await client.call('approvals/undo', { id })
        return status === 'restored' ? null : 'Too late to undo: the agent was already told.'
      })
    },
    async park(id, parked) {
      await attempt(id, 'park', async () => {
        const { status } = await client.call('approvals/park', { id, parked })
        return status === 'recorded' ? null : 'The agent no longer waits for this.'
      })
    },
    pointer(over) {
      if (touch.pointerOver === over) return
      touch = { ...touch, pointerOver: over }
      redraw()
    },
    keyPressed() {
      touch = { ...touch, lastKeyMs: clock.nowMs() }
      redraw()
    },
    showArrivals() {
      touch = { pointerOver: false, lastKeyMs: Number.NEGATIVE_INFINITY }
      redraw()
    },
  }
}

/** A failure is about what was shown; once the request changed state it says nothing any more. */
function merged(before: InboxRow | undefined, request: ApprovalRequest): InboxRow {
  if (!before) return { request, sending: null, failure: null }
  const sameState = before.request.state.state === request.state.state
  return { ...before, request, failure: sameState ? before.failure : null }
}

const samePlaces = (a: readonly Placed[], b: readonly Placed[]): boolean =>
  a.length === b.length && a.every((place, at) => place.id === b[at]?.id && place.section === b[at]?.section)

/** Requests that need the person now; parked ones do not count. */
export const needsYou = (state: InboxStoreState): readonly ApprovalRequest[] =>
  [...state.rows.values()]
    .map(({ request }) => request)
    .filter(({ state: { state: now } }) => now === 'waiting')

export const parkedOnes = (state: InboxStoreState): readonly ApprovalRequest[] =>
  [...state.rows.values()]
    .map(({ request }) => request)
    .filter(({ state: { state: now } }) => now === 'parked')

/** The request whose allow can still be taken back, the newest first. */
export function undoable(state: InboxStoreState): ApprovalRequest | null {
  const releasing = [...state.rows.values()].flatMap(({ request }) =>
    request.state.state === 'releasing' ? [{ request, at: request.state.releaseAtMs }] : [],
  )
  return releasing.toSorted((a, b) => b.at - a.at)[0]?.request ?? null
}
