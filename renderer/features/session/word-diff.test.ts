import { expect, test } from 'vitest'
import { wordDiff } from './word-diff.ts'

const marks = (parts: readonly { text: string; changed: boolean }[] | undefined): string | undefined =>
  parts?.map((part) => (part.changed ? `[${part.text}]` : part.text)).join('')

test('only the words that differ are marked', () => {
  const pair = wordDiff('await sleep(base * 2)', 'await sleep(jitter * 2)')
  expect([marks(pair?.del), marks(pair?.add)]).toEqual([
    'await sleep([base] * 2)',
    'await sleep([jitter] * 2)',
  ])
})

test('both sides always spell the whole line', () => {
  const pair = wordDiff('const a = one(1, 2)', 'const bee = one(2, 3, 4)')
  expect(pair?.del.map((part) => part.text).join('')).toBe('const a = one(1, 2)')
  expect(pair?.add.map((part) => part.text).join('')).toBe('const bee = one(2, 3, 4)')
})

test('characters outside the basic plane and invisible ones are kept whole', () => {
  const pair = wordDiff('x = "👍🏽"; done', 'x = "👍\u202e"; done')
  expect(pair?.add.map((part) => part.text).join('')).toBe('x = "👍\u202e"; done')
})

// prettier-ignore
test.each([
  ['equal lines', 'same', 'same'],
  ['an empty side', '', 'x'],
  ['lines with nothing in common', 'alpha beta', 'return 0'],
  ['a line of one megabyte', 'a '.repeat(500_000), 'b '.repeat(500_000)],
  ['more words than the table holds', 'a '.repeat(900), 'a '.repeat(901)],
])('no marks for %s', (_title, del, add) => {
  expect(wordDiff(del, add)).toBeNull()
})
