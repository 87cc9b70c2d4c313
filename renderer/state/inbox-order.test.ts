import { expect, test } from 'vitest'
import { place, settle } from './inbox-order.ts'
import { request } from './test-requests.ts'

const ids = (requests: Parameters<typeof place>[0], nowMs = 1000): string[] =>
  place(requests, nowMs).map(({ id, section }) => `${section} ${id}`)

test('what stops a whole agent comes first, then Critical to Routine, then the oldest', () => {
  expect(
    ids([
      request('goes-on', { stopsAgent: false, tier: 'critical' }),
      request('new', { requestedAtMs: 20 }),
      request('old', { requestedAtMs: 10 }),
      request('serious', { tier: 'serious', requestedAtMs: 30 }),
      request('critical', { tier: 'critical', requestedAtMs: 40 }),
    ]),
  ).toEqual(['stops critical', 'stops serious', 'stops old', 'stops new', 'continues goes-on'])
})

test('answered ones stay a minute, ones nobody needs five seconds', () => {
  const decided = request('d', { state: { state: 'decided', decision: 'accept', by: 'user', atMs: 0 } })
  const withdrawn = request('w', { state: { state: 'withdrawn', reason: 'turnEnded', atMs: 0 } })
  expect(ids([decided, withdrawn], 4_999)).toEqual(['answered d', 'answered w'])
  expect(ids([decided, withdrawn], 5_000)).toEqual(['answered d'])
  expect(ids([decided, withdrawn], 60_000)).toEqual([])
})

test('the order does not depend on the order of arrival', () => {
  const a = request('a')
  const b = request('b')
  expect(ids([a, b])).toEqual(ids([b, a]))
})

test('a still list keeps rows, places and sections, and counts what came', () => {
  const shown = place([request('a'), request('b')], 0)
  const wanted = place([request('new', { tier: 'critical' }), request('a', { stopsAgent: false })], 0)
  expect(settle(shown, wanted, true)).toEqual({ shown, arrivals: ['new'] })
  expect(settle(shown, wanted, false)).toEqual({ shown: wanted, arrivals: [] })
})

test('an empty list has nothing to keep still', () => {
  const wanted = place([request('a')], 0)
  expect(settle([], wanted, true).shown).toEqual(wanted)
})
