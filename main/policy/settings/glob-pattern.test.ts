import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { globPattern } from './glob-pattern.ts'

/** The launcher, which matches the same patterns in C, is held to the same file. */
const vectors = JSON.parse(
  readFileSync(new URL('../../../native-sandbox/test/glob-vectors.json', import.meta.url), 'utf8'),
) as readonly { readonly pattern: string; readonly yes: readonly string[]; readonly no: readonly string[] }[]

test.each(vectors)('$pattern', ({ pattern, yes, no }) => {
  const { matches } = globPattern(pattern)
  for (const path of yes) expect(matches(path), path).toBe(true)
  for (const path of no) expect(matches(path), path).toBe(false)
})

test('a walk goes only where something can match', () => {
  const { reaches } = globPattern('a/*/secret')
  expect(['', 'a', 'a/b'].map(reaches)).toEqual([true, true, true])
  expect(['b', 'b/a', 'a/b/c', 'a/b/secret'].map(reaches)).toEqual([false, false, false, false])
  expect(globPattern('**/x').reaches('a/b/c/d')).toBe(true)
})

test('hostile patterns end soon, and close more when they cannot be told apart', () => {
  expect(globPattern(`${'*a'.repeat(200)}b`).matches('a'.repeat(250))).toBe(false)
  expect(globPattern(`${'**/'.repeat(200)}x`).matches('a/'.repeat(200))).toBe(false)
  expect(globPattern('{a,b}'.repeat(40)).matches('anything')).toBe(true)
})
