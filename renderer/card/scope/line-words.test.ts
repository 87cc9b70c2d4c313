import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineOfWords, wordsOfLine } from './line-words.ts'

test.each([
  ['git push origin main', ['git', 'push', 'origin', 'main']],
  ['  a\t b ', ['a', 'b']],
  [`git commit -m 'a b' "c d"`, ['git', 'commit', '-m', 'a b', 'c d']],
  [`a'b'"c"d`, ['abcd']],
  ["''", ['']],
  ['a\\ b', ['a b']],
  ['"a\\"b"', ['a"b']],
  ['git show HEAD~1', ['git', 'show', 'HEAD~1']],
  ['', []],
])('%s has the words %j', (line, words) => {
  expect(wordsOfLine(line)).toEqual({ words, problem: null })
})

test.each([
  'a && b',
  'a | b',
  'a; b',
  'echo $HOME',
  'echo "$HOME"',
  'echo `x`',
  'ls *',
  'a > b',
  "a 'b",
  'a "b',
  'a \\',
  'ls ~',
])('%s is more than one plain command', (line) => {
  expect(wordsOfLine(line).problem).not.toBeNull()
})

test('any words are read back as they were written', () => {
  const words = fc.array(fc.string({ unit: 'binary' }), { maxLength: 8 })
  fc.assert(
    fc.property(words, (list) => {
      expect(wordsOfLine(lineOfWords(list))).toEqual({ words: list, problem: null })
    }),
    { numRuns: 300 },
  )
})
