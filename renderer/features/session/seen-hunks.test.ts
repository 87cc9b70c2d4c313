import { expect, test } from 'vitest'
import { countSeen, markSeen, seenState, toggleSeen } from './seen-hunks.ts'
import { file, hunk } from './test-items.ts'

const first = hunk('h1', 10, [' a', '-b', '+c'])
const again = hunk('h2', 10, [' a', '-b', '+d'])
const elsewhere = hunk('h3', 90, [' y', '-z', '+w'])

test('a hunk is new, then seen, then changed again when its lines change', () => {
  expect(seenState('a', first, [])).toBe('new')
  const seen = [markSeen('a', first)]
  expect(seenState('a', first, seen)).toBe('seen')
  expect(seenState('a', again, seen)).toBe('changedAgain')
  expect(seenState('a', elsewhere, seen)).toBe('new')
  expect(seenState('b', again, seen)).toBe('new')
})

test('marking the changed hunk replaces the old mark, marking twice takes it off', () => {
  const seen = toggleSeen('a', again, [markSeen('a', first)])
  expect(seen.map((mark) => mark.id)).toEqual(['h2'])
  expect(toggleSeen('a', again, seen)).toEqual([])
})

test('a new file that grew after it was seen counts as changed again', () => {
  const seen = [markSeen('n', hunk('n1', 0, ['+a']))]
  expect(seenState('n', hunk('n2', 0, ['+a', '+b']), seen)).toBe('changedAgain')
})

test('counts tell how much is new since the person looked', () => {
  expect(countSeen([file('a', [first, elsewhere])], [markSeen('a', first)])).toEqual({
    hunks: 2,
    seen: 1,
    changedAgain: 0,
    newLines: 2,
  })
})
