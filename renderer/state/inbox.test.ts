import { expect, test } from 'vitest'
import type { ApprovalRequest, InboxState } from '../../protocol/approvals.ts'
import type { HostClient } from '../../protocol/contract.ts'
import { HostError } from '../../protocol/endpoint.ts'
import type { ApprovalId } from '../../protocol/ids.ts'
import { createInbox, needsYou, undoable } from './inbox.ts'
import { request } from './test-requests.ts'

type Change = { type: 'request'; request: ApprovalRequest } | { type: 'gone'; id: ApprovalId }

/** A host that answers what it is told to, and a clock that moves by hand. */
function bench(...requests: ApprovalRequest[]) {
  let now = 10_000
  let timers: { at: number; run: () => void }[] = []
  let on: { snapshot(s: InboxState): void; change(c: Change): void } | null = null
  const calls: { method: string; params: unknown }[] = []
  let answer: (method: string) => unknown = () => ({ status: 'recorded', releaseAtMs: 0 })
  const client = {
    subscribe(_method: string, _params: unknown, handlers: typeof on) {
      on = handlers
      handlers?.snapshot({ requests, recentNotes: [] })
      return () => {}
    },
    call(method: string, params: unknown) {
      calls.push({ method, params })
      return Promise.resolve().then(() => answer(method))
    },
  } as unknown as HostClient
  const inbox = createInbox(client, {
    nowMs: () => now,
    later(run, ms) {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return () => void (timers = timers.filter((each) => each !== timer))
    },
  })
  inbox.start()
  return {
    inbox,
    calls,
    shown: () => inbox.store.getState().shown.map(({ id }) => id as string),
    arrivals: () => inbox.store.getState().arrivals.map(String),
    arrives: (...more: ApprovalRequest[]) => {
      for (const each of more) on?.change({ type: 'request', request: each })
    },
    gone: (id: string) => on?.change({ type: 'gone', id: id as ApprovalId }),
    snapshot: (...again: ApprovalRequest[]) => on?.snapshot({ requests: again, recentNotes: [] }),
    answers: (next: typeof answer) => {
      answer = next
    },
    passes(ms: number) {
      const until = now + ms
      for (;;) {
        const due = timers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0]
        if (!due) break
        timers = timers.filter((each) => each !== due)
        now = due.at
        due.run()
      }
      now = until
    },
  }
}

const id = (text: string): ApprovalId => text as ApprovalId

test('under the pointer nothing is inserted, removed or reordered; arrivals wait in the pill', () => {
  const { inbox, shown, arrivals, arrives, gone, passes } = bench(request('a'), request('b'))
  inbox.pointer(true)
  arrives(request('c', { tier: 'critical' }), request('a', { tier: 'critical' }))
  gone('b')
  passes(60_000)
  expect(shown()).toEqual(['a', 'b'])
  expect(arrivals()).toEqual(['c'])

  inbox.pointer(false)
  expect(shown()).toEqual(['a', 'c'])
  expect(arrivals()).toEqual([])
})

test('a key keeps the list still for two seconds, then it moves by itself', () => {
  const { inbox, shown, arrives, passes } = bench(request('a'))
  inbox.keyPressed()
  arrives(request('z', { tier: 'critical' }))
  passes(1999)
  expect(shown()).toEqual(['a'])
  passes(1)
  expect(shown()).toEqual(['z', 'a'])
})

test('the pill shows the true order at once', () => {
  const { inbox, shown, arrives } = bench(request('a'))
  inbox.pointer(true)
  arrives(request('z', { tier: 'critical' }))
  inbox.showArrivals()
  expect(shown()).toEqual(['z', 'a'])
})

test('a row whose request left stays drawable while the list is still', () => {
  const { inbox, gone } = bench(request('a'), request('b'))
  inbox.pointer(true)
  gone('a')
  expect(inbox.store.getState().rows.has(id('a'))).toBe(true)
  inbox.pointer(false)
  expect(inbox.store.getState().rows.has(id('a'))).toBe(false)
})

test('a fresh snapshot after a reconnect follows the same stillness', () => {
  const { inbox, shown, snapshot } = bench(request('a'), request('b'))
  inbox.pointer(true)
  snapshot(request('b'), request('c'))
  expect(shown()).toEqual(['a', 'b'])
  inbox.pointer(false)
  expect(shown()).toEqual(['b', 'c'])
})

test('an answered row leaves after its minute without any event', () => {
  const { shown, passes } = bench(
    request('a', { state: { state: 'decided', decision: 'accept', by: 'user', atMs: 10_000 } }),
  )
  passes(59_000)
  expect(shown()).toEqual(['a'])
  passes(2_000)
  expect(shown()).toEqual([])
})

test('an answer carries the revision that was shown, and a second one does not go out meanwhile', async () => {
  const { inbox, calls } = bench(request('a', { revision: 4 }))
  const first = inbox.decide(id('a'), { offerId: 'once', lookMs: 900 })
  const second = inbox.decide(id('a'), { offerId: 'once', lookMs: 901 })
  expect(await Promise.all([first, second])).toEqual(['recorded', 'refused'])
  expect(calls).toEqual([
    { method: 'approvals/decide', params: { id: 'a', revision: 4, offerId: 'once', lookMs: 900 } },
  ])
})

test('every refusal of the host is told on the row, and the answer can be tried again', async () => {
  const { inbox, answers } = bench(request('a'))
  for (const status of ['alreadyDecided', 'changedSinceShown', 'noLongerNeeded', 'notOffered', 'echoWrong']) {
    answers(() => ({ status, by: 'user', revision: 2 }))
    expect(await inbox.decide(id('a'), { offerId: 'once', lookMs: 0 })).toBe('refused')
    expect(inbox.store.getState().rows.get(id('a'))).toMatchObject({
      sending: null,
      failure: expect.any(String),
    })
  }
})

test('a lost host leaves the row answerable with the reason', async () => {
  const { inbox, answers } = bench(request('a'))
  answers(() => {
    throw new HostError('refused', 'The host is gone.')
  })
  expect(await inbox.decide(id('a'), { offerId: 'deny', lookMs: 0 })).toBe('refused')
  expect(inbox.store.getState().rows.get(id('a'))?.failure).toBe(
    'Your answer was not recorded. The host is gone.',
  )
})

test('parked ones do not count as needing the person', () => {
  const { inbox } = bench(request('a'), request('p', { state: { state: 'parked', atMs: 0 } }))
  expect(needsYou(inbox.store.getState()).map(({ id }) => id)).toEqual(['a'])
})

test('undo means the newest allow that is not released yet', () => {
  const { inbox } = bench(
    request('a', { state: { state: 'releasing', offerId: 'once', releaseAtMs: 1 } }),
    request('b', { state: { state: 'releasing', offerId: 'once', releaseAtMs: 2 } }),
  )
  expect(undoable(inbox.store.getState())?.id).toBe('b')
})
