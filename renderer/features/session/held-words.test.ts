import { expect, test } from 'vitest'
import { heldWords } from './held-words.ts'

test.each([
  [{ held: 3, granted: 2, denied: 1, quiet: 0 }, '3 file calls waited: 2 granted, 1 denied'],
  [{ held: 1, granted: 0, denied: 0, quiet: 0 }, '1 file call waited: 1 no longer needed'],
  [{ held: 14, granted: 1, denied: 1, quiet: 12 }, '2 file calls waited: 1 granted, 1 denied'],
  [{ held: 12, granted: 0, denied: 0, quiet: 12 }, null],
])('%o is said as %s', (counts, words) => {
  expect(heldWords(counts)).toBe(words)
})
