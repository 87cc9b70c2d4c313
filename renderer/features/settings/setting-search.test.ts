import { expect, test } from 'vitest'
import { matches } from './setting-search.ts'

test.each([
  ['', 'Theme', true],
  ['  ', 'Theme', true],
  ['THEME', 'theme', true],
  ['policy approval', 'approval_policy on-request', true],
  ['policy never', 'approval_policy on-request', false],
  ['.*', 'approval_policy', false],
])('%j in %j: %j', (query, text, expected) => {
  expect(matches(query, text)).toBe(expected)
})
