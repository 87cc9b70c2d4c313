import { expect, test } from 'vitest'
import { splitExample } from './split-example.ts'

test.each([
  ['git push', ['git', 'push']],
  ['  a\tb\nc  ', ['a', 'b', 'c']],
  [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
  [`a'b'"c"d`, ['abcd']],
  [`''`, ['']],
  [String.raw`a\ b "\"\$\n" '\x'`, ['a b', String.raw`"$\n`, String.raw`\x`]],
  ['a\\\nb', ['ab']],
  ['a # b\nc', ['a', 'c']],
  ['a#b', ['a#b']],
  ['# only', []],
  ['', []],
  ['$HOME *', ['$HOME', '*']],
  [`a 'b`, null],
  ['a "b', null],
  ['a\\', null],
])('%j', (text, expected) => {
  expect(splitExample(text)).toEqual(expected)
})
