import { expect, test } from 'vitest'
import { agoSteps } from './proof-words.ts'

// prettier-ignore
test.each([
  [-500, '0 s ago'],
  [0, '0 s ago'],
  [3_999, '3 s ago'],
  [9_999, '9 s ago'],
  [14_999, '10 s ago'],
  [15_000, '15 s ago'],
  [59_999, '55 s ago'],
  [60_000, '1 min ago'],
  [3_599_999, '59 min ago'],
  [7_200_000, '2 h ago'],
])('%i ms: %s', (ms, words) => {
  expect(agoSteps(ms)).toBe(words)
})
