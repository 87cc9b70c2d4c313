import { expect, test } from 'vitest'
import { splitArgv } from './split-argv.ts'

// prettier-ignore
test.each([
  ['spaces divide', 'npm  run\ttest', ['npm', 'run', 'test']],
  ['single quotes keep everything', `a 'b "$c" \\d'`, ['a', 'b "$c" \\d']],
  ['double quotes keep spaces', 'a "b c"', ['a', 'b c']],
  ['\\ in double quotes', 'a "b\\"c\\$d\\e"', ['a', 'b"c$d\\e']],
  ['a backslash keeps a space', 'a b\\ c', ['a', 'b c']],
  ['parts of one word join', `--x="a b"'c'd`, ['--x=a bcd']],
  ['a backslash joins two lines', 'a \\\n b', ['a', 'b']],
  ['a variable stays as it is typed', 'echo $HOME *', ['echo', '$HOME', '*']],
])('%s', (_title, line, argv) => {
  expect(splitArgv(line)).toMatchObject({ argv, problem: null })
})

test('characters that only a shell would act on are named', () => {
  expect(splitArgv(`make | tee log > out "a|b" '*'`).literal).toEqual(['|', '>'])
})

// prettier-ignore
test.each([
  ['nothing', '   ', 'Nothing to start yet.'],
  ['an open single quote', "a 'b", "A ' is not closed."],
  ['an open double quote', 'a "b\\"', 'A " is not closed.'],
  ['a single backslash', 'a \\', 'The line ends with a single \\.'],
  ['an empty argument', "a ''", 'Argument 2 is empty; a program is not started with an empty argument.'],
  ['a NUL character', 'a\0b', 'An argument contains a NUL character.'],
  ['too many arguments', 'a '.repeat(201), '201 arguments; at most 200 can be started.'],
])('%s is refused with a sentence', (_title, line, problem) => {
  expect(splitArgv(line).problem).toBe(problem)
})

test('a line of one megabyte is split without giving up', () => {
  expect(splitArgv(`x ${'"'.repeat(1_000_000)}`).argv).toEqual(['x', ''])
})
