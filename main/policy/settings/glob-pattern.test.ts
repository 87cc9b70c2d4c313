import { expect, test } from 'vitest'
import { globPattern } from './glob-pattern.ts'

// prettier-ignore
test.each([
  // pattern         matches                                             does not
  ['*.env', ['x.env', '.env', 'd.env/inside'], ['a/x.env', 'env', 'x.envy']],
  ['**/*.env', ['x.env', '.env', 'a/.env', '.hid/x/y.env'], ['x.en', 'a/env']],
  ['**/.env*', ['.env', 'a/.env.local', 'a/.env/b'], ['a/env', 'x.env']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b', 'a/b/c'], ['b', 'ab', 'x/a/b']],
  ['keys/**', ['keys/x', 'keys/a/b', 'keys'], ['key', 'keys2/x']],
  ['**', ['x', 'a/b'], []],
  ['id_?sa', ['id_rsa', 'id_dsa'], ['id_rrsa', 'id_sa']],
  ['[a-c]x', ['ax', 'cx'], ['dx', 'x', 'aax']],
  ['[!a-c]x', ['dx', '.x'], ['ax', 'x']],
  ['[]]x', [']x'], ['x', 'ax']],
  ['[x', ['[x'], ['x']],
  ['{a,b/c}.pem', ['a.pem', 'b/c.pem'], ['c.pem', 'b.pem']],
  ['{a,{b,c}}x', ['ax', 'bx', 'cx'], ['x', 'dx']],
  ['{a', ['{a'], ['a']],
  ['[{]a[}]', ['{a}'], ['a']],
  ['a[*]b', ['a*b'], ['axb']],
  ['a.b+(c)^$', ['a.b+(c)^$'], ['axb']],
] as const)('%s', (pattern, yes, no) => {
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
