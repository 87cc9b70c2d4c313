import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseUpper } from './list-upper.ts'

const end = '. 0 0\0\0\0'
const parse = (text: string) => parseUpper(Buffer.from(text, 'latin1'))

test('reads kinds, modes, sizes, names of any bytes and link targets', () => {
  const list = `f 644 12\0a\0\0d 755 4096\0b c\0\0D 700 0\0b c/\xff\n\0\0l 777 3\0l\0../x\0w 0 0\0gone\0\0o 644 0\0pipe\0\0${end}`
  expect(parse(list)).toEqual([
    { kind: 'file', mode: 0o644, bytes: 12, path: 'a', target: '' },
    { kind: 'folder', mode: 0o755, bytes: 4096, path: 'b c', target: '' },
    { kind: 'opaque', mode: 0o700, bytes: 0, path: 'b c/\xff\n', target: '' },
    { kind: 'link', mode: 0o777, bytes: 3, path: 'l', target: '../x' },
    { kind: 'deleted', mode: 0, bytes: 0, path: 'gone', target: '' },
    { kind: 'other', mode: 0o644, bytes: 0, path: 'pipe', target: '' },
  ])
  expect(parse(end)).toEqual([])
})

test.each([
  ['nothing at all', ''],
  ['no end', 'f 644 12\0a\0\0'],
  ['a cut record', 'f 644 12\0a'],
  ['something behind the end', `${end}f 644 1\0a\0\0`],
  ['a path that leads up', `f 644 1\0../a\0\0${end}`],
  ['a path that leads up later', `f 644 1\0a/../../b\0\0${end}`],
  ['an absolute path', `f 644 1\0/etc/passwd\0\0${end}`],
  ['an empty name', `f 644 1\0a//b\0\0${end}`],
  ['an unknown kind', `x 644 1\0a\0\0${end}`],
  ['a mode that is none', `f 888 1\0a\0\0${end}`],
  ['a size that is none', `f 644 -1\0a\0\0${end}`],
])('%s is no list', (_what, text) => {
  expect(() => parse(text)).toThrow(/list of rehearsed changes/)
})

test('bytes of any kind give relative paths or a refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        for (const { path } of parseUpper(Buffer.from(bytes)))
          expect(path).not.toMatch(/^\/|(^|\/)\.\.(\/|$)/)
      } catch (error) {
        expect(String(error)).toContain('list of rehearsed changes')
      }
    }),
  )
})
