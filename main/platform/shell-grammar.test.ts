import { beforeAll, expect, test } from 'vitest'
import { loadShellGrammar, maxLength, type ShellGrammar } from './shell-grammar.ts'

let grammar: ShellGrammar
beforeAll(async () => {
  grammar = await loadShellGrammar()
})

test('names the programs of a script, also inside substitutions', () => {
  expect(grammar.parse('ls && (cat f | rm x); echo "$(head y)" `foo` > out')).toEqual({
    programs: ['ls', 'cat', 'rm', 'echo', 'head', 'foo'],
    hasError: false,
  })
})

test('says when it cannot follow', () => {
  expect(grammar.parse('ls (')?.hasError).toBe(true)
})

test('is loaded once', async () => {
  expect(await loadShellGrammar()).toBe(grammar)
})

test('a script that is too long is not read', () => {
  expect(grammar.parse('a'.repeat(maxLength + 1))).toBeNull()
})

test.each(['(', '$(', '`', '{ ', 'case x in ', '<<E\n', '${', 'a=( ', '[[ ', 'a|', '"', '\0', '\u{1F600} '])(
  'a long script of %j is given up on in time, and the next one is read afresh',
  (piece) => {
    const started = process.threadCpuUsage()
    grammar.parse(piece.repeat(maxLength / piece.length))
    // Processor time, because tests run beside others.
    expect(process.threadCpuUsage(started).user / 1_000).toBeLessThan(50)
    expect(grammar.parse('ls -la')).toEqual({ programs: ['ls'], hasError: false })
  },
)
