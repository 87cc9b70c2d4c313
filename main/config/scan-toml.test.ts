import fc from 'fast-check'
import { parse } from 'smol-toml'
import { expect, test } from 'vitest'
import { keyLines } from './find-key-line.ts'
import { scanToml } from './scan-toml.ts'

const text = `# top
a = 1
"b.c" = 'x' # "quoted"
d.e = """
[not.a.head]
f = \\""" still
"""
list = [ # one
  1, 2, # [x]
  { y = 2 },
]
inline = { p = 1, q = { r = "}" }, "s t" = [1] }
[table]
k = '''
z = 1'''
[table.'in.side']
u\t=\ttrue
[[rows]]
n = 1
[[rows]]
n = 2
[rows.sub]
m = 3
`

test('every key has its line, however it is written', () => {
  const lines = keyLines(text)
  const expected: [string[], number][] = [
    [['a'], 2],
    [['b.c'], 3],
    [['d'], 4],
    [['d', 'e'], 4],
    [['list'], 8],
    [['list', '2', 'y'], 10],
    [['inline', 'q', 'r'], 12],
    [['inline', 's t'], 12],
    [['table'], 13],
    [['table', 'k'], 14],
    [['table', 'in.side'], 16],
    [['table', 'in.side', 'u'], 17],
    [['rows', '0', 'n'], 19],
    [['rows', '1', 'n'], 21],
    [['rows', '1', 'sub', 'm'], 23],
  ]
  expect(expected.map(([path]) => [path, lines(path)])).toEqual(expected)
})

test('a key inside a value that is not looked into has the line of that value', () => {
  expect(keyLines(text)(['list', '7'])).toBe(8)
  expect(keyLines(text)(['nothing'])).toBeNull()
})

test('a value ends where the parser says it ends', () => {
  for (const item of scanToml(text)) {
    if (item.kind === 'head') continue
    const value = parse(`v = ${text.slice(item.valueFrom, item.to)}`)['v']
    let there: unknown = parse(text)
    for (const name of item.path) there = (there as Record<string, unknown>)[name]
    expect(JSON.stringify(value), item.path.join('.')).toBe(JSON.stringify(there))
  }
})

const pieces = fc.constantFrom(
  'a',
  'b',
  '"',
  "'",
  '"""',
  "'''",
  '\\',
  '[',
  ']',
  '[[',
  ']]',
  '{',
  '}',
  '=',
  '.',
  ',',
  '#',
  '\n',
  '\r\n',
  ' ',
  '1',
  '\0',
  '\uD800',
  '__proto__',
)

test('any text at all is scanned to an end', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (all) => {
      for (const item of scanToml(all.join(''))) expect(item.to).toBeGreaterThan(item.from)
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['opened lists', '['.repeat(256_000)],
  ['opened tables', 'a={'.repeat(85_000)],
  ['opened lists in a value', `a=${'['.repeat(256_000)}`],
  ['a long dotted key', `${'a.'.repeat(128_000)}a=1`],
  ['many list tables', '[[a]]\n'.repeat(42_000)],
  ['an unclosed text', `a = """${'"" '.repeat(85_000)}`],
  ['a wide inline table', `a = {${Array.from({ length: 30_000 }, (_, i) => `k${i}=1`).join(',')}}`],
])('%s as long as a file may be take no time', (_title, hostile) => {
  // Time of the processor, so that other work on the machine does not count. Anything quadratic takes minutes.
  const from = process.cpuUsage()
  scanToml(hostile)
  expect(process.cpuUsage(from).user / 1000).toBeLessThan(1000)
})
