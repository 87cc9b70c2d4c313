import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineReader, maxLineBytes } from './line-reader.ts'

function read(...chunks: readonly (string | Uint8Array)[]) {
  const lines: string[] = []
  const problems: string[] = []
  const take = lineReader(
    (line) => lines.push(line),
    (words) => problems.push(words),
  )
  for (const chunk of chunks) take(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
  return { lines, problems }
}

test('lines come whole, however they were cut on the way', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' '))),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      (lines, sizes) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
        const chunks: Uint8Array[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] as number
          chunks.push(bytes.subarray(at, at + size))
          at += size
        }
        expect(read(...chunks)).toEqual({ lines, problems: [] })
      },
    ),
  )
})

test('the rest without an end is no line', () => {
  expect(read('a\nb')).toEqual({ lines: ['a'], problems: [] })
})

test('the memory of a chunk may be used again', () => {
  const chunk = Buffer.from('ab')
  const lines: string[] = []
  const take = lineReader(
    (line) => lines.push(line),
    () => {},
  )
  take(chunk)
  chunk.fill('x')
  take(Buffer.from('\n'))
  expect(lines).toEqual(['ab'])
})

test('a line may be as long as agreed and no longer, and nothing is read after one that is', () => {
  const longest = 'x'.repeat(maxLineBytes)
  expect(read(`${longest}\n`).lines).toEqual([longest])
  const long = read('a\n', longest, 'x', 'b\n', 'c\n')
  expect(long).toEqual({ lines: ['a'], problems: [`a line of more than ${maxLineBytes} bytes`] })
})

test.each([[[0xff]], [[0xc3]], [[0xed, 0xb3, 0xbf]], [[0xc0, 0x80]]])('no UTF-8: %j', (bytes) => {
  expect(read('a\n', Buffer.from([...bytes, 0x0a]), 'b\n')).toEqual({
    lines: ['a'],
    problems: ['a line that is no UTF-8'],
  })
})
