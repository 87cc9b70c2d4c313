import { expect, test } from 'vitest'
import { diffTokens } from './token-diff.ts'

test('an edit is told by the tokens it took and gave', () => {
  expect(diffTokens('git push --force origin main', 'git push origin fix/retry')).toEqual([
    { kind: 'same', text: 'git' },
    { kind: 'same', text: 'push' },
    { kind: 'removed', text: '--force' },
    { kind: 'same', text: 'origin' },
    { kind: 'removed', text: 'main' },
    { kind: 'added', text: 'fix/retry' },
  ])
})

test('an untouched line has no changes, whatever its blanks', () => {
  expect(diffTokens('a  b\n c', 'a b c')?.every(({ kind }) => kind === 'same')).toBe(true)
})

test('everything can be replaced, and by nothing', () => {
  expect(diffTokens('a b', '')).toEqual([
    { kind: 'removed', text: 'a' },
    { kind: 'removed', text: 'b' },
  ])
  expect(diffTokens('', '')).toEqual([])
})

test('lines too long to compare are not compared', () => {
  expect(diffTokens('x '.repeat(50_000), 'y')).toBeNull()
})
