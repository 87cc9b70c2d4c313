import { type Duplex, duplexPair } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { HeldAnswer, HeldCall } from '../../../protocol/sandbox.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { maxHeldCalls } from './held-answers.ts'
import type { StartMessage } from './messages.ts'
import { helloMs, RunControl, type RunHandlers } from './run-control.ts'

const start: StartMessage = {
  type: 'start',
  protocol: 1,
  seccomp: 'closed',
  nesting: false,
  hold: 'writes',
  roots: ['/ws'],
  closed: [],
  masks: [],
  deniedGlobs: [],
  grantedReads: [],
  standInFolders: [],
  standInFiles: [],
  memoryBytes: 0,
  pids: 0,
  cpuPercent: 0,
  openFiles: 0,
  fileBytes: 0,
  cgroup: '',
  grows: true,
  proxy: '',
  proxyToken: '',
}
const hello = { type: 'hello', protocol: 1, pid: 42, token: '' }
const up = { type: 'up', inner: 44, holds: true, grows: true, why: '', limits: '', httpPort: 0, socksPort: 0 }
const exit = { type: 'exit', code: 3, signal: 0, waited: 0, passed: 0 }
const held = (id = 1, path = '/out/file') => ({
  type: 'held',
  id,
  kind: 'write',
  call: 'openat',
  path,
  requested: path,
  directory: '/out',
  path2: '',
  exists: false,
  isDirectory: false,
  flags: [],
  pid: 50,
  exe: '/bin/sh',
  cwd: '/ws',
  argv: ['sh'],
  chain: [],
})

/** A launcher that says what a test tells it to. */
class Peer {
  readonly heard: Record<string, unknown>[] = []
  readonly calls: { call: HeldCall; answer: (answer: HeldAnswer) => void }[] = []
  readonly settled: string[] = []
  readonly limits: string[] = []
  readonly clock = new FakeClock()
  broken = 0
  readonly control: RunControl
  readonly #end: Duplex

  constructor(handlers: RunHandlers = {}, message: Partial<StartMessage> = {}) {
    const [near, far] = duplexPair()
    this.#end = far
    far.on('error', () => {})
    far.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString('utf8').split('\n').filter(Boolean))
        this.heard.push(JSON.parse(line) as Record<string, unknown>)
    })
    this.control = new RunControl(
      { ...start, ...message },
      {
        onHeld: (call, answer) => this.calls.push({ call, answer }),
        onSettled: (id, by) => this.settled.push(`${id} ${by}`),
        onLimit: (what, words) => this.limits.push(`${what} ${words}`),
        ...handlers,
      },
      this.clock,
      () => this.broken++,
    )
    this.control.expect(42)
    this.control.attach(near)
  }

  async say(...messages: readonly (object | string)[]): Promise<void> {
    for (const message of messages) {
      this.#end.write(typeof message === 'string' ? message : `${JSON.stringify(message)}\n`)
    }
    for (let i = 0; i < 4; i++) await turn()
  }

  async leave(): Promise<void> {
    this.#end.end()
    for (let i = 0; i < 4; i++) await turn()
  }

  answers = () => this.heard.filter(({ type }) => type === 'answer')
}

let peer: Peer
beforeEach(() => {
  peer = new Peer()
})

describe('a run that goes well', () => {
  test('finds its boundary in the line it inherited, once', async () => {
    await turn()
    expect(peer.heard).toEqual([start])
    await peer.say(hello)
    expect(peer.heard).toEqual([start])
  })

  test('is up, ends, and is reported', async () => {
    await peer.say(hello, up)
    expect(await peer.control.up).toEqual({ holds: true, grows: true, why: '', limits: '' })
    expect(peer.control.inner).toBe(44)
    await peer.say({ type: 'limit', what: 'memory', words: 'over' }, exit)
    await peer.leave()
    expect(await peer.control.closed).toEqual({
      up: true,
      problem: null,
      exit: { code: 3, signal: 0 },
      broken: null,
    })
    expect(peer.limits).toEqual(['memory over'])
    expect(peer.broken).toBe(0)
    peer.clock.advance(helloMs)
    expect(peer.broken).toBe(0)
  })

  test('a start that went wrong is reported with its reason', async () => {
    await peer.say(hello, { type: 'problem', what: 'cwd', errno: 2, words: 'No such file' })
    await peer.leave()
    expect(await peer.control.closed).toMatchObject({ up: false, problem: { what: 'cwd' }, broken: null })
    expect(await peer.control.up).toMatchObject({ holds: false, why: 'No such file' })
    expect(peer.broken).toBe(0)
  })

  test('without a boundary the channel closes when the launcher becomes the command', async () => {
    peer = new Peer({}, { seccomp: 'none' })
    await peer.say(hello, { ...up, holds: false })
    await peer.leave()
    expect(await peer.control.closed).toMatchObject({ up: true, exit: null, broken: null })
    expect(peer.broken).toBe(0)
    expect(await peer.control.ask('grant', '/out')).toBe('The run has no boundary.')
  })
})

describe('held calls', () => {
  test('are handed on and answered once', async () => {
    await peer.say(hello, up, held())
    expect(peer.calls[0]?.call).toMatchObject({ id: 1, path: '/out/file', path2: null })
    peer.calls[0]?.answer({ verdict: 'once' })
    peer.calls[0]?.answer({ verdict: 'path' })
    await turn()
    expect(peer.answers()).toEqual([{ type: 'answer', id: 1, verdict: 'once', path: '', remember: false }])
  })

  test.each<[HeldAnswer, string, object]>([
    [{ verdict: 'path' }, '/out/file', { verdict: 'path', path: '' }],
    [{ verdict: 'directory', path: '/out' }, '/out/file', { verdict: 'directory', path: '/out' }],
    [{ verdict: 'deny', remember: true }, '/out/file', { verdict: 'deny', remember: true }],
    // What is not exactly an answer to this call denies it.
    [{ verdict: 'directory', path: '/' }, '/out/file', { verdict: 'deny' }],
    [{ verdict: 'directory', path: '/etc' }, '/out/file', { verdict: 'deny' }],
    [{ verdict: 'directory', path: '/o' }, '/out/file', { verdict: 'deny' }],
    [{ verdict: 'directory', path: 'out' }, '/out/file', { verdict: 'deny' }],
    [{ verdict: 'once' }, '/out/f\udcff', { verdict: 'deny', remember: false }],
    [{ verdict: 'path' }, '/out/f\udcff', { verdict: 'deny' }],
    [{ verdict: 'directory', path: '/out' }, '/out/f\udcff', { verdict: 'deny' }],
    [{ verdict: 'deny', remember: true }, '/out/f\udcff', { verdict: 'deny', remember: true }],
  ])('%j for %j', async (answer, path, told) => {
    await peer.say(hello, up, held(1, path))
    peer.calls[0]?.answer(answer)
    await turn()
    expect(peer.answers()).toEqual([expect.objectContaining(told)])
  })

  test('nobody to ask, and somebody who fails, both deny', async () => {
    const failing = () => {
      throw new Error('a fault')
    }
    for (const onHeld of [undefined, failing]) {
      const quiet = new Peer({ onHeld })
      await quiet.say(hello, up, held())
      expect(quiet.answers()).toEqual([expect.objectContaining({ verdict: 'deny' })])
      expect(quiet.broken).toBe(0)
    }
  })

  test('one that is void is told once and not answered any more', async () => {
    await peer.say(hello, up, held(1), held(2), { type: 'withdrawn', id: 1 })
    await peer.say({ type: 'settled', id: 2, by: 'grant' }, { type: 'withdrawn', id: 2 })
    for (const { answer } of peer.calls) answer({ verdict: 'once' })
    await turn()
    expect(peer.settled).toEqual(['1 gone', '2 grant'])
    expect(peer.answers()).toEqual([])
  })

  test('an old answer does not answer a later call of the same number', async () => {
    await peer.say(hello, up, held(1), { type: 'withdrawn', id: 1 }, held(1, '/out/other'))
    peer.calls[0]?.answer({ verdict: 'once' })
    await turn()
    expect(peer.answers()).toEqual([])
  })
})

describe('paths that are opened and closed while it runs', () => {
  test('each waits for its own answer', async () => {
    const grant = peer.control.ask('grant', '/out')
    const mask = peer.control.ask('mask', '/out')
    const again = peer.control.ask('grant', '/out')
    await peer.say(hello, up)
    expect(peer.heard.slice(1)).toEqual([
      { type: 'grant', path: '/out', directory: false },
      { type: 'mask', path: '/out' },
      { type: 'grant', path: '/out', directory: false },
    ])
    await peer.say({ type: 'masked', path: '/out', errno: 0 }, { type: 'granted', path: '/out', errno: 13 })
    await peer.say({ type: 'granted', path: '/out', errno: 0 }, { type: 'revoked', path: '/x', errno: 0 })
    expect(await Promise.all([grant, mask, again])).toEqual(['permission denied', null, null])
  })

  test.each(['', 'out', '/', '/a\0b', '/f\udcff'])('no path of a single place: %j', async (path) => {
    await peer.say(hello, up)
    expect(await peer.control.ask('grant', path)).toContain('no path')
    expect(peer.heard).toHaveLength(1)
  })
})

/** Each way a channel can end badly, and what it is called. */
const deaths: readonly [string, (peer: Peer) => Promise<void> | void, RegExp][] = [
  ['its end is closed', (p) => p.leave(), /lost/],
  ['no JSON', (p) => p.say('{"type":\n'), /no message/],
  ['an unknown type', (p) => p.say({ type: 'grant', path: '/' }), /no message: .*grant/],
  ['a held call of another shape', (p) => p.say({ ...held(9), path: '../etc' }), /no message/],
  ['a line without an end', (p) => p.say('x'.repeat(70_000)), /65536 bytes/],
  ['no UTF-8', (p) => p.say(String.fromCharCode(0xdc80), '\n'), /no message|UTF-8/],
  ['hello again', (p) => p.say(hello), /hello twice/],
  ['up again', (p) => p.say(up), /up twice/],
  ['the same call again', (p) => p.say(held(1)), /two calls with the number 1/],
  ['a call after the end', (p) => p.say(exit, held(9)), /held after the end/],
  [
    'too many calls',
    (p) => p.say(...Array.from({ length: maxHeldCalls }, (_, i) => held(100 + i))),
    /more than 1024/,
  ],
]

describe.each(deaths)('a channel that dies: %s', (_, die, words) => {
  test('ends the run, voids its calls and refuses its requests', async () => {
    await peer.say(hello, up, held(1))
    const grant = peer.control.ask('grant', '/out')
    await turn()
    await die(peer)
    const report = await peer.control.closed
    expect(report.broken).toMatch(words)
    expect(peer.broken).toBe(1)
    expect(peer.settled).toContain('1 gone')
    expect(await grant).toBe('The run is over.')
    expect(await peer.control.ask('mask', '/out')).toBe('The run is over.')
    for (const { answer } of peer.calls) answer({ verdict: 'once' })
    await turn()
    expect(peer.answers()).toEqual([])
  })
})

describe('a launcher that does not start well', () => {
  test('one that says nothing is not waited for', async () => {
    peer.clock.advance(helloMs - 1)
    expect(peer.broken).toBe(0)
    peer.clock.advance(1)
    expect(await peer.control.closed).toMatchObject({ up: false, broken: 'it did not say hello' })
    expect(await peer.control.up).toMatchObject({ holds: false, why: 'it did not say hello' })
    expect(peer.broken).toBe(1)
    const [near] = duplexPair()
    peer.control.attach(near)
    expect(near.destroyed).toBe(true)
  })

  test.each([
    ['another process', [{ ...hello, pid: 43 }], 'another process said hello'],
    ['a token where none was given', [{ ...hello, token: 'x' }], 'it said hello twice'],
    ['up before hello', [up], 'it said up too early'],
    ['exit before hello', [exit], 'it said exit too early'],
    ['a call before it is up', [hello, held()], 'it said held too early'],
    [
      'granted before it is up',
      [hello, { type: 'granted', path: '/o', errno: 0 }],
      'it said granted too early',
    ],
  ])('%s', async (_, messages, broken) => {
    await peer.say(...messages)
    expect(await peer.control.closed).toMatchObject({ up: false, broken })
    expect(peer.calls).toEqual([])
    expect(peer.broken).toBe(1)
  })

  test('one on a socket is known by the process that was started', async () => {
    const clock = new FakeClock()
    let broken = 0
    const control = new RunControl(start, {}, clock, () => broken++)
    control.expect(42)
    const [near] = duplexPair()
    control.attachAfterHello(near, 7)
    expect(await control.closed).toMatchObject({ broken: 'another process said hello' })
    expect([near.destroyed, broken]).toEqual([true, 1])
  })

  test('one that stops reading is given up', async () => {
    await peer.say(hello, up)
    const path = `/${'x'.repeat(60_000)}`
    const [near, far] = duplexPair({ highWaterMark: 1 })
    const deaf = new RunControl(start, {}, peer.clock, () => {})
    deaf.expect(42)
    deaf.attachAfterHello(near, 42)
    far.write(`${JSON.stringify(up)}\n`)
    await deaf.up
    for (let i = 0; i < 80; i++) void deaf.ask('mask', path)
    expect(await deaf.closed).toMatchObject({ broken: 'it stopped reading' })
  })
})

test('whatever is said, nothing throws, nothing is granted, and nobody waits for ever', async () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.constantFrom(hello, up, exit, held(1), held(2), held(1)).map((message) => JSON.stringify(message)),
    fc
      .tuple(fc.constantFrom(held(3), held(4), up), fc.nat(17), fc.jsonValue())
      .map(([message, at, value]) => {
        const names = Object.keys(message)
        return JSON.stringify({ ...message, [names[at % names.length] as string]: value })
      }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
      const fuzzed = new Peer()
      await fuzzed.say(hello, up, ...lines.map((text) => `${text.replaceAll('\n', '')}\n`))
      const grant = fuzzed.control.ask('grant', '/x')
      await fuzzed.leave()
      await grant
      await fuzzed.control.closed
      expect(fuzzed.heard.filter(({ type }) => type !== 'start' && type !== 'grant')).toEqual([])
      expect(fuzzed.settled).toHaveLength(fuzzed.calls.length)
    }),
    { numRuns: 300 },
  )
})

describe('who opened a connection', () => {
  const proxy = { proxy: 'gatehouse-1', proxyToken: 'a-token-of-one-run' }
  const proxiedUp = { ...up, httpPort: 3128, socksPort: 1080 }
  const answer = {
    type: 'who',
    flow: 3,
    pid: 60,
    exe: '/bin/curl',
    cwd: '/ws',
    argv: ['curl'],
    chain: ['50 /bin/sh'],
  }

  async function begin() {
    const asks: ((flow: number) => Promise<unknown>)[] = []
    const onUp = (who: (flow: number) => Promise<unknown>) => void asks.push(who)
    const peer = new Peer({ proxy: { address: 'gatehouse-1', token: 'a-token-of-one-run', onUp } }, proxy)
    await peer.say(hello, proxiedUp)
    return { peer, who: asks[0] ?? (async () => 'never told'), told: () => asks.length }
  }

  test('is asked once for all that want to know, and told to each', async () => {
    const { peer, who, told } = await begin()
    const both = Promise.all([who(3), who(3), peer.control.who(3)])
    await turn()
    expect(peer.heard.filter(({ type }) => type === 'who')).toEqual([{ type: 'who', flow: 3 }])
    await peer.say(answer)
    const process = {
      pid: 60,
      exe: '/bin/curl',
      cwd: '/ws',
      argv: ['curl'],
      chain: [{ pid: 50, exe: '/bin/sh' }],
    }
    expect(await both).toEqual([process, process, process])
    expect([told(), peer.control.ports, peer.broken]).toEqual([1, { http: 3128, socks: 1080 }, 0])
  })

  test('nobody is found, no number is given, or the run is over', async () => {
    const { peer, who } = await begin()
    const unknown = who(4)
    await turn()
    await peer.say({ ...answer, flow: 4, pid: -1, exe: '', cwd: '', argv: [], chain: [] })
    expect([await unknown, await who(0), await who(1.5), await who(Number.NaN)]).toEqual([
      null,
      null,
      null,
      null,
    ])
    const late = who(5)
    await turn()
    await peer.say(exit)
    await peer.leave()
    expect([await late, await who(6)]).toEqual([null, null])
  })

  test.each([
    ['an answer that nobody asked for', [proxiedUp, answer]],
    ['other ports', [{ ...proxiedUp, httpPort: 3129 }]],
    ['no ports', [up]],
    ['an answer before the boundary stands', [answer]],
  ])('%s ends the run', async (_what, lines) => {
    const peer = new Peer({}, proxy)
    await peer.say(hello, ...lines)
    expect(peer.broken).toBe(1)
  })

  test('ports without a proxy end the run', async () => {
    const peer = new Peer()
    await peer.say(hello, proxiedUp)
    expect([peer.broken, peer.control.ports]).toEqual([1, null])
  })
})
