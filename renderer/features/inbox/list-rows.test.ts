import { expect, test } from 'vitest'
import type { ApprovalId, SessionId } from '../../../protocol/ids.ts'
import type { Placed } from '../../state/inbox-order.ts'
import { request } from '../../state/test-requests.ts'
import { nextAfterAnswer, rowsOf, step } from './list-rows.ts'

const id = (text: string): ApprovalId => text as ApprovalId
const placed = (...ids: string[]): Placed[] => ids.map((each) => ({ id: id(each), section: 'stops' }))
const session = (text: string): { sessionId: SessionId } => ({ sessionId: text as SessionId })
const byId = (...requests: ReturnType<typeof request>[]) =>
  new Map(requests.map((each) => [each.id, { request: each, sending: null, failure: null }]))

test('J and K stop at the ends', () => {
  const rows = placed('a', 'b')
  expect([step(rows, id('a'), -1), step(rows, id('a'), 1), step(rows, id('b'), 1)]).toEqual(['a', 'b', 'b'])
  expect([step(rows, null, 1), step([], null, 1)]).toEqual(['a', null])
})

test('after an answer the next of the same session comes first, then the next of the list', () => {
  const all = byId(
    request('a', session('one')),
    request('b', session('two')),
    request('c', session('one')),
    request('d', session('three')),
  )
  expect(nextAfterAnswer(placed('a', 'b', 'c'), all, request('a', session('one')))).toBe('c')
  expect(nextAfterAnswer(placed('a', 'b', 'c'), all, request('d', session('three')))).toBe('a')
})

test('nothing serious slides under a hand that is answering', () => {
  const all = byId(request('a'), request('b', { tier: 'serious' }))
  expect(nextAfterAnswer(placed('a', 'b'), all, request('a'))).toBeNull()
})

test('answered and parked rows are not next', () => {
  const all = byId(request('a'), request('b', { state: { state: 'parked', atMs: 0 } }))
  expect(nextAfterAnswer(placed('a', 'b'), all, request('a'))).toBeNull()
})

test('parked rows have a tab of their own', () => {
  const rows: Placed[] = [
    ...placed('a'),
    { id: id('p'), section: 'parked' },
    { id: id('d'), section: 'answered' },
  ]
  expect(rowsOf('needs', rows).map((row) => row.id)).toEqual(['a', 'd'])
  expect(rowsOf('parked', rows).map((row) => row.id)).toEqual(['p'])
})
