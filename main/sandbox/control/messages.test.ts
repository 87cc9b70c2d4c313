import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasRawBytes, LauncherMessage, parseMessage, toBytes, toHeldCall } from './messages.ts'

const held = {
  type: 'held',
  id: 7,
  kind: 'write',
  call: 'openat',
  path: '/out/file',
  requested: '../out/file',
  directory: '/out',
  path2: '',
  exists: false,
  isDirectory: false,
  flags: ['O_WRONLY', 'O_CREAT'],
  pid: 12,
  exe: '/usr/bin/touch',
  cwd: '/ws',
  argv: ['touch', '../out/file'],
  chain: ['11 /usr/bin/bash'],
} as const

const who = {
  type: 'who',
  flow: 3,
  pid: 60,
  exe: '/bin/curl',
  cwd: '/ws',
  argv: ['curl'],
  chain: ['50 /bin/sh'],
}

/** One of each kind. */
const valid: readonly Record<string, unknown>[] = [
  { type: 'hello', protocol: 1, pid: 5, token: '' },
  { type: 'up', inner: 9, holds: true, grows: true, why: '', limits: '', httpPort: 0, socksPort: 0 },
  { type: 'problem', what: 'exec', errno: 2, words: 'No such file or directory' },
  held,
  { type: 'withdrawn', id: 7 },
  { type: 'settled', id: 7, by: 'grant' },
  { type: 'granted', path: '/out', errno: 0 },
  { type: 'revoked', path: '/out', errno: 22 },
  { type: 'masked', path: '/out/a b', errno: 0 },
  { type: 'limit', what: 'memory', words: 'over' },
  who,
  { ...who, pid: -1, exe: '', cwd: '', argv: [], chain: [] },
  { type: 'exit', code: -1, signal: 9, waited: 1, passed: 2 },
]

test.each(valid)('$type is read as it was said, and no more', (message) => {
  expect(parseMessage(JSON.stringify({ ...message, later: ['a field of a later version'] }))).toEqual(message)
})

test('a held call gets its absent parts and its parents', () => {
  expect(
    toHeldCall({ ...held, exe: '', cwd: '', flags: [], argv: [], chain: ['3 /a b', '2 '] }),
  ).toMatchObject({
    path2: null,
    exe: null,
    cwd: null,
    chain: [
      { pid: 3, exe: '/a b' },
      { pid: 2, exe: '' },
    ],
  })
})

const paths = [
  '',
  'out',
  './out',
  '/out/',
  '//out',
  '/out//x',
  '/out/..',
  '/out/../etc',
  '/./x',
  '/a\0b',
  '/..',
]
const hostile: readonly unknown[] = [
  '',
  '{',
  'null',
  '[]',
  '7',
  '"held"',
  '{}',
  '{"type":"held"}',
  '{"type":"__proto__"}',
  '{"type":"start"}',
  '{"type":"answer","id":1,"verdict":"once"}',
  '['.repeat(60_000),
  { type: 'hello', protocol: 2, pid: 5, token: '' },
  { type: 'hello', protocol: 1, pid: 0, token: '' },
  { type: 'hello', protocol: 1, pid: 5, token: 'x'.repeat(129) },
  { type: 'up', inner: -1, holds: true, grows: true, why: '', limits: '', httpPort: 0, socksPort: 0 },
  { type: 'up', inner: 1.5, holds: true, grows: true, why: '', limits: '', httpPort: 0, socksPort: 0 },
  { type: 'up', inner: 9, holds: 1, grows: true, why: '', limits: '', httpPort: 0, socksPort: 0 },
  { type: 'up', inner: 9, holds: true, grows: true, why: '', limits: '', httpPort: 65_536, socksPort: 0 },
  { ...who, flow: 0 },
  { ...who, flow: 2 ** 60 },
  { ...who, pid: 0 },
  { ...who, pid: -2 },
  { ...who, chain: ['x /bin/sh'] },
  { ...who, chain: Array.from({ length: 65 }, () => '2 /bin/sh') },
  { ...who, argv: ['a', 1] },
  { type: 'exit', code: 256, signal: 0, waited: 0, passed: 0 },
  { type: 'exit', code: 0, signal: 65, waited: 0, passed: 0 },
  { type: 'exit', code: 0, signal: 0, waited: -1, passed: 0 },
  { type: 'settled', id: 7, by: 'someone' },
  { type: 'limit', what: 'patience', words: '' },
  ...paths.map((path) => ({ ...held, path })),
  ...paths.map((directory) => ({ ...held, directory })),
  ...paths.slice(1).map((path2) => ({ ...held, path2 })),
  ...paths.map((path) => ({ type: 'granted', path, errno: 0 })),
  { ...held, id: 1e300 },
  { ...held, id: '7' },
  { ...held, kind: 'execute' },
  { ...held, argv: 'touch' },
  { ...held, argv: Array.from({ length: 65 }, () => '') },
  { ...held, chain: ['bash'] },
  { ...held, chain: ['-1 /bin/sh'] },
  { ...held, chain: ['99999999999 /bin/sh'] },
  { ...held, flags: [7] },
  { ...held, path: `/${'x'.repeat(9000)}` },
]

test.each(hostile)('is no message: %j', (message) => {
  const line = typeof message === 'string' ? message : JSON.stringify(message)
  expect(parseMessage(line)).toBeNull()
})

describe('bytes that are no UTF-8', () => {
  test('come as lone surrogates and go back to the same bytes', () => {
    const message = parseMessage(JSON.stringify(held).replace('/out/file', String.raw`/out/f\udcff\udc80é`))
    const path = message?.type === 'held' ? message.path : ''
    expect(hasRawBytes(path)).toBe(true)
    expect(toBytes(path)).toEqual(
      Buffer.concat([Buffer.from('/out/f'), Buffer.from([0xff, 0x80]), Buffer.from('é')]),
    )
    expect(message?.type === 'held' && toHeldCall(message)?.path).toBe(path)
  })

  test('are told from whole names, whatever those hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(hasRawBytes(text)).toBe(false)
        expect(toBytes(text)).toEqual(Buffer.from(text))
      }),
    )
  })
})

describe('whatever comes', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.json({ noUnicodeString: false }),
    // A valid message with one field that is something else.
    fc.tuple(fc.constantFrom(...valid), fc.nat(20), fc.jsonValue()).map(([message, at, value]) => {
      const names = Object.keys(message)
      return JSON.stringify({ ...message, [names[at % names.length] as string]: value })
    }),
    // A valid line with one character that is another.
    fc
      .tuple(fc.constantFrom(...valid), fc.nat(300), fc.string({ unit: 'binary', maxLength: 2 }))
      .map(([message, at, text]) => {
        const line = JSON.stringify(message)
        return line.slice(0, at % line.length) + text + line.slice((at % line.length) + 1)
      }),
  )

  test('is a message or nothing, and never throws', () => {
    fc.assert(
      fc.property(anything, (line) => {
        const message = parseMessage(line)
        if (message === null) return
        expect(LauncherMessage.safeParse(message).success).toBe(true)
        if (message.type === 'held') toHeldCall(message)
      }),
      { numRuns: 5000 },
    )
  })
})
