import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allowsHost, deniesHost, type HostPattern, matchesGlob, parseHostPattern } from './host-pattern.ts'
import { type Host, parseHost } from './parse-host.ts'

const pattern = (source: string): HostPattern => {
  const read = parseHostPattern(source)
  if (!read.ok) throw new Error(`${source} ${read.reason}`)
  return read.pattern
}
const host = (text: string): Host => {
  const read = parseHost(text)
  if (!read.ok) throw new Error(`${text} ${read.reason}`)
  return read.host
}

// prettier-ignore
test.each([
  // pattern                 host                      allow   deny
  ['example.com', 'EXAMPLE.com.', true, true],
  ['example.com', 'api.example.com', false, false],
  ['example.com', 'notexample.com', false, false],
  [' API.Example.COM.:80 ', 'api.example.com', true, true],
  ['*.example.com', 'a.b.c.example.com', true, true],
  ['*.example.com', 'example.com', false, false],
  ['*.example.com', 'notexample.com', false, false],
  ['**.example.com', 'example.com', true, true],
  ['**.example.com', 'a.example.com', true, true],
  ['**.example.com', 'example.com.evil.test', false, false],
  ['*.com', 'example.com', true, true],
  ['*', 'anything.test', true, true],
  ['*', '10.0.0.1', true, true],
  ['api.*.com', 'api.example.com', true, true],
  ['api.*.com', 'xapi.example.com', false, false],
  ['*example.com', 'notexample.com', true, true],
  ['*example.com', 'example.com', true, true],
  ['d*.api.example.com', 'deep.api.example.com', true, true],
  ['127.0.0.1', '127.0.0.1', true, true],
  ['127.0.0.1', '127.1', false, true],
  ['127.0.0.1', '0x7f.1', false, true],
  ['127.0.0.1', '[::ffff:127.0.0.1]', false, true],
  ['10.0.0.1', '64:ff9b::a00:1', false, true],
  ['127.1', '127.0.0.1', false, true],
  ['::ffff:10.0.0.1', '10.0.0.1', false, true],
  ['10.0.0.1', '010.0.0.1', false, true],
  ['[::1]:443', '0:0:0:0:0:0:0:1', true, true],
  ['fe80::1', 'fe80::1%eth0', false, true],
  ['xn--bcher-kva.example', 'bücher.example', false, true],
  ['*', 'bücher.example', false, true],
])('%s, host %s: allow %s, deny %s', (source, text, allow, deny) => {
  expect([allowsHost(pattern(source), host(text)), deniesHost(pattern(source), host(text))]).toEqual([
    allow,
    deny,
  ])
})

// prettier-ignore
test.each([
  ['', 'names no host'],
  ['**', 'has **'],
  ['a.**.com', 'has **'],
  ['***.com', 'has **'],
  ['*.', 'names no host'],
  ['**.', 'names no host'],
  ['*:443', 'names no host'],
  ['*.*', 'names no host'],
  ['https://example.com', 'has a scheme'],
  ['example.com/x', 'has a path'],
  ['10.0.0.0/8', 'has a path or an address range'],
  ['.example.com', 'starts with a dot'],
  ['bücher.example', 'has characters outside ASCII'],
  ['[abc.example.com', 'has brackets'],
  ['[*]', 'has brackets'],
  ['a[bc].com', 'has brackets'],
  ['fe80::1%eth0', 'has a zone'],
  ['a?.com', 'has "?"'],
  ['{a,b}.com', 'has "{"'],
  ['a b.com', 'has " "'],
  ['user@a.com', 'has "@"'],
  ['a\\.com', 'has "\\"'],
  ['a.com:x', 'has ":"'],
  ['a\0.com', 'has characters'],
])('%j is refused: it %s', (source, reason) => {
  const read = parseHostPattern(source)
  expect(read.ok ? 'accepted' : read.reason).toContain(reason)
})

test('a deny rule speaks wherever the same allow rule would', () => {
  const part = fc.constantFrom('*', 'a', 'b', '.', 'com', '127', '0', '1')
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.array(part, { minLength: 1, maxLength: 6 }),
      (p, h) => {
        const read = parseHostPattern(p.join(''))
        const target = parseHost(h.join(''))
        if (!read.ok || !target.ok) return
        if (allowsHost(read.pattern, target.host)) expect(deniesHost(read.pattern, target.host)).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})

test('a glob says what the same regular expression says', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 })
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 6 })
  fc.assert(
    fc.property(glob, text, (g, t) => {
      const same = new RegExp(`^${g.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(t)
      expect(matchesGlob(g, t)).toBe(same)
    }),
    { numRuns: 300 },
  )
})

test('a pattern of many stars does not hang', () => {
  const started = performance.now()
  expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(253))).toBe(false)
  expect(performance.now() - started).toBeLessThan(50)
})

test('a very long text is refused at once', () => {
  expect(parseHostPattern('a'.repeat(1_000_000))).toEqual({ ok: false, reason: 'is longer than any host.' })
})

test('nothing throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (source) => void parseHostPattern(source)),
    { numRuns: 300 },
  )
})
