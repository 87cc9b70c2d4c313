import { expect, test } from 'vitest'
import { plainOutput, tailOf } from './output-tail.ts'

// prettier-ignore
test.each([
  ['colours go', '\x1b[31mred\x1b[0m', 'red'],
  ['a title is not shown', '\x1b]0;evil\x07ok', 'ok'],
  ['a clipboard sequence is not shown', '\x1b]52;c;aGk=\x1b\\ok', 'ok'],
  ['a rewritten line shows its last form', '10%\r50%\r100%\ndone', '100%\ndone'],
  ['nothing but returns', '\r\r', ''],
  ['line breaks of other systems', 'a\r\nb', 'a\nb'],
  ['an unfinished sequence stays to be spelled', 'a\x1b', 'a\x1b'],
  ['direction marks stay to be spelled', 'a\u202eb', 'a\u202eb'],
])('%s', (_title, output, plain) => {
  expect(plainOutput(output)).toBe(plain)
})

test('the tail counts what stands before it', () => {
  expect(tailOf('1\n2\n3\n4\n', 2)).toEqual({ text: '3\n4', linesBefore: 2 })
  expect(tailOf('1\n', 2)).toEqual({ text: '1', linesBefore: 0 })
})

test('a line of one megabyte and a million line breaks are no trouble', () => {
  expect(plainOutput('x'.repeat(1_000_000))).toHaveLength(1_000_000)
  expect(plainOutput(`${'\r'.repeat(1_000_000)}x`)).toBe('x')
  expect(plainOutput('\x1b]0;'.repeat(200_000))).not.toBe('')
  expect(tailOf('\n'.repeat(1_000_000), 10).text).toBe('')
})
