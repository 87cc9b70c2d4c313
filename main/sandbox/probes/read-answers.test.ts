import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAnswers } from './read-answers.ts'

const opened = { came: 'opened' } as const
const stopped = { came: 'stopped', errno: 30, words: 'Read-only file system' } as const
const line = 'probe write stopped 30 Read-only file system'

// prettier-ignore
test.each([
  ['in order', `${line}\nprobe read opened\n`, ['write', 'read'], [stopped, opened]],
  ['a missing line is no answer', `${line}\n`, ['write', 'read'], [stopped, null]],
  ['another order is no answer', `probe read opened\n${line}\n`, ['write', 'read'], [null, null]],
  ['nothing is believed after a gap', `noise\n${line}\n`, ['write'], [null]],
  ['a line in between ends it', `${line}\nx\nprobe read stopped 2 No\n`, ['write', 'read'], [stopped, null]],
  ['words behind "opened" are strange', 'probe write opened 30 Read-only\n', ['write'], [null]],
  ['an errno of words is strange', 'probe write stopped x Read-only\n', ['write'], [null]],
  ['a carriage return is strange', 'probe write opened\r\n', ['write'], [null]],
  ['nothing', '', ['write'], [null]],
] as const)('%s', (_title, said, kinds, answers) => {
  expect(readAnswers(said, kinds)).toEqual(answers)
})

test('whatever was printed, there is one answer for each attempt', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 400 }),
      fc.array(fc.constantFrom('write', 'read', 'held')),
      (said, kinds) => {
        expect(readAnswers(said, kinds)).toHaveLength(kinds.length)
      },
    ),
  )
})
