import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseHost } from './parse-host.ts'

// prettier-ignore
test.each([
  // input                    canonical                  port   spelling
  ['example.com', 'example.com', null, 'usual'],
  ['  Example.COM.:443 ', 'example.com', 443, 'usual'],
  ['a.com..', 'a.com', null, 'usual'],
  ['a_b.example.com', 'a_b.example.com', null, 'usual'],
  ['single:8080', 'single', 8080, 'usual'],
  ['8.8.8.8:53', '8.8.8.8', 53, 'usual'],
  ['127.0.0.1.', '127.0.0.1', null, 'usual'],
  ['127.1', '127.0.0.1', null, 'unusual'],
  ['2130706433', '127.0.0.1', null, 'unusual'],
  ['0x7f000001:80', '127.0.0.1', 80, 'unusual'],
  ['0177.0.0.1', '127.0.0.1', null, 'unusual'],
  ['0x7f.0.0.0x1', '127.0.0.1', null, 'unusual'],
  ['[::1]:443', '::1', 443, 'usual'],
  ['::1', '::1', null, 'usual'],
  ['[FD00:0:0::0001]', 'fd00::1', null, 'usual'],
  ['::ffff:10.0.0.1', '::ffff:a00:1', null, 'usual'],
  ['[fe80::1%25eth0]:80', 'fe80::1', 80, 'unusual'],
  ['bücher.example', 'xn--bcher-kva.example', null, 'unicode'],
  ['１２７.0.0.1', '127.0.0.1', null, 'unicode'],
  ['127。0。0。1', '127.0.0.1', null, 'unicode'],
  ['exa\u00admple.com', 'example.com', null, 'unicode'],
])('%s is %s', (input, canonical, port, spelling) => {
  expect(parseHost(input)).toMatchObject({ ok: true, port, host: { canonical, spelling } })
})

test.each([
  ['010.0.0.1', '8.0.0.1', '10.0.0.1'],
  ['127.0.0.010', '127.0.0.8', '127.0.0.10'],
])('%s is read as %s and also as %s', (input, octal, decimal) => {
  expect(parseHost(input)).toMatchObject({
    ok: true,
    host: { canonical: octal, alsoRead: { text: decimal } },
  })
})

// prettier-ignore
test.each([
  ['', 'names no host'],
  [' . ', 'names no host'],
  [':443', 'names no host'],
  ['http://x.com', 'has a scheme'],
  ['x.com/path', 'has "/"'],
  ['10.0.0.0/8', 'has "/"'],
  ['user@x.com', 'has "@"'],
  ['%31%32%37.0.0.1', 'has "%"'],
  ['a b', 'has U+0020'],
  ['a\0b', 'has U+0000'],
  ['a\\b', 'has "\\"'],
  ['*.a.com', 'has "*"'],
  ['a..b', 'is not a valid name'],
  ['-a.com', 'is not a valid name'],
  [`${'a'.repeat(64)}.com`, 'is not a valid name'],
  [`${'a.'.repeat(130)}com`, 'is not a valid name'],
  ['1.2.3.4.5', 'is neither a name nor an address'],
  ['foo.1', 'is neither a name nor an address'],
  ['256.1.1.1', 'is neither a name nor an address'],
  ['\ud800.com', 'is neither a name nor an address'],
  ['a.com:0', 'has a port'],
  ['a.com:99999', 'has a port'],
  ['a.com:', 'has a port'],
  ['[::1]x', 'has a port'],
  ['[abc]', 'has colons or brackets'],
  ['[127.0.0.1]', 'has colons or brackets'],
  ['1::2::3', 'has colons or brackets'],
])('%j is refused: it %s', (input, reason) => {
  const read = parseHost(input)
  expect(read.ok ? 'accepted' : read.reason).toContain(reason)
})

test('what was read once is read the same again', () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.ipV4Extended()), (text) => {
      const read = parseHost(text)
      if (!read.ok) return
      expect(parseHost(read.host.canonical)).toMatchObject({
        host: { canonical: read.host.canonical, spelling: 'usual' },
      })
    }),
    { numRuns: 300 },
  )
})

test('a very long text is refused at once', () => {
  expect(parseHost('a'.repeat(1_000_000))).toEqual({ ok: false, reason: 'is longer than any host.' })
})

test('nothing throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl()), (text) => void parseHost(text)),
    { numRuns: 300 },
  )
})
