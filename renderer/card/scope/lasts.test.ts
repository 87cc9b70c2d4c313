import { expect, test } from 'vitest'
import { endOf, firstLasts, leftWords } from './lasts.ts'

test('a new rule ends by itself after 8 h unless something else is chosen', () => {
  expect(endOf(firstLasts(true, null), 1000, null)).toBe(1000 + 8 * 3_600_000)
})

test('a rule that exists keeps its end, however long the editor is open', () => {
  expect(endOf(firstLasts(false, 5000), 1000, 5000)).toBe(5000)
  expect(endOf(firstLasts(false, null), 1000, null)).toBeNull()
})

test.each([
  [0, 'under 1 min'],
  [-5, 'under 1 min'],
  [11 * 60_000, '11 min'],
  [60 * 60_000, '1 h'],
  [(6 * 60 + 2) * 60_000, '6 h 2 min'],
  [30 * 24 * 3_600_000 - 1, '29 days'],
])('%i ms left is said as %s', (ms, words) => {
  expect(leftWords(ms)).toBe(words)
})
