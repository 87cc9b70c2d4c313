import { expect, test } from 'vitest'
import { z } from 'zod'
import { byteFrame, type Carrier } from './carrier.ts'
import { createClientEnd } from './client-end.ts'
import { type ByteSink, bytes, call, type EventSink, event, type HandlersOf, HostError } from './endpoint.ts'
import { createCallMemory, serveContract } from './host-end.ts'

const contract = {
  add: call(z.object({ a: z.int(), b: z.int() }), z.object({ sum: z.int() })),
  count: event(z.object({}), z.object({ n: z.int() }), z.object({ to: z.int() })),
  output: bytes(z.object({ fromOffset: z.int() })),
}
type C = typeof contract

/** Two carriers joined in memory; frames are copied as a wire would. */
function wire(): { host: Carrier; client: Carrier; cut(): void; sent: (string | Uint8Array)[] } {
  const sent: (string | Uint8Array)[] = []
  let open = true
  const make = () => ({ frame: [] as ((f: string | Uint8Array) => void)[], close: [] as (() => void)[] })
  const [a, b] = [make(), make()]
  const cut = (): void => {
    if (!open) return
    open = false
    for (const end of [a, b]) for (const listener of end.close) listener()
  }
  const end = (own: typeof a, other: typeof a): Carrier => ({
    send: (f) => {
      if (!open) return
      sent.push(f)
      queueMicrotask(() => other.frame.forEach((l) => l(f)))
    },
    onFrame: (l) => void own.frame.push(l),
    onClose: (l) => void own.close.push(l),
    close: cut,
  })
  return { host: end(a, b), client: end(b, a), cut, sent }
}

function setUp(more: Partial<HandlersOf<C>> = {}) {
  let ran = 0
  const sinks: EventSink<{ n: number }, { to: number }>[] = []
  const outputs: { sink: ByteSink; from: number }[] = []
  const handlers: HandlersOf<C> = {
    add: ({ a, b }) => {
      ran += 1
      return { sum: a + b }
    },
    count: (_p, sink) => {
      sinks.push(sink)
      return { snapshot: { n: 0 }, stop: () => {} }
    },
    output: ({ fromOffset }, sink) => {
      outputs.push({ sink, from: fromOffset })
      return () => {}
    },
    ...more,
  }
  const memory = createCallMemory()
  const client = createClientEnd(contract, 'test')
  const attach = () => {
    const w = wire()
    serveContract(contract, handlers, w.host, { client: 'c1', carrier: 'test' }, memory)
    client.attach(w.client)
    return w
  }
  return { client, attach, sinks, outputs, ran: () => ran, handlers, memory }
}
const soon = () => new Promise((r) => setTimeout(r, 5))

test('a call is answered', async () => {
  const t = setUp()
  t.attach()
  expect(await t.client.call('add', { a: 2, b: 3 })).toEqual({ sum: 5 })
})

test('a call made while nothing is connected waits', async () => {
  const t = setUp()
  const sum = t.client.call('add', { a: 1, b: 1 })
  t.attach()
  expect(await sum).toEqual({ sum: 2 })
})

test('a call whose answer got lost is sent again and runs once', async () => {
  let release = (): void => {}
  let ran = 0
  const t = setUp({
    add: async ({ a, b }) => {
      ran += 1
      await new Promise<void>((r) => (release = r))
      return { sum: a + b }
    },
  })
  const first = t.attach()
  const sum = t.client.call('add', { a: 2, b: 2 })
  await soon()
  first.cut()
  t.attach()
  await soon()
  release()
  expect(await sum).toEqual({ sum: 4 })
  expect(ran).toBe(1)
})

test('an event begins with a snapshot, then changes; a reconnect brings a new snapshot', async () => {
  const t = setUp()
  const seen: unknown[] = []
  t.client.subscribe('count', {}, { snapshot: (s) => seen.push(s), change: (c) => seen.push(c) })
  const first = t.attach()
  await soon()
  t.sinks[0]?.change({ to: 1 })
  await soon()
  first.cut()
  t.attach()
  await soon()
  t.sinks[1]?.change({ to: 2 })
  t.sinks[0]?.change({ to: 99 })
  await soon()
  expect(seen).toEqual([{ n: 0 }, { to: 1 }, { n: 0 }, { to: 2 }])
})

test('a gap in the running numbers asks for a new snapshot', async () => {
  const client = createClientEnd(contract, 'test')
  const w = wire()
  const asked: string[] = []
  w.host.onFrame((f) => void asked.push(String(f)))
  client.attach(w.client)
  const seen: unknown[] = []
  client.subscribe('count', {}, { snapshot: (s) => seen.push(s), change: (c) => seen.push(c) })
  w.host.send(JSON.stringify({ i: 1, s: { n: 0 }, n: 0 }))
  w.host.send(JSON.stringify({ i: 1, c: { to: 2 }, n: 2 }))
  await soon()
  expect(seen).toEqual([{ n: 0 }])
  expect(asked.map((f) => JSON.parse(f))).toMatchObject([
    { m: 'count' },
    { i: 1, x: 1 },
    { i: 2, m: 'count' },
  ])
})

test('bytes stop when nothing is acknowledged, go on when it is, and resume at the offset reached', async () => {
  const t = setUp()
  const first = t.attach()
  const done: (() => void)[] = []
  let size = 0
  t.client.bytes('output', { fromOffset: 0 }, { data: (c, d) => ((size += c.byteLength), done.push(d)) })
  await soon()
  const chunk = new Uint8Array(64 * 1024)
  const sink = t.outputs[0]?.sink as ByteSink
  expect([1, 2, 3, 4].map(() => sink.push(chunk))).toEqual([true, true, true, false])
  let drained = 0
  sink.onDrain(() => drained++)
  await soon()
  done[0]?.()
  await soon()
  expect(drained).toBe(1)
  first.cut()
  t.attach()
  await soon()
  expect(t.outputs[1]?.from).toBe(size)
})

test.each([
  ['no JSON', 'hello'],
  ['an array', '[]'],
  ['null', 'null'],
  ['no number', '{"m":"add"}'],
  ['a fraction', '{"i":1.5,"m":"add"}'],
  ['a negative number', '{"i":-1,"m":"add"}'],
  ['binary', new Uint8Array([1, 2])],
  ['a frame that is too long', `{"i":1,"m":"add","p":"${'x'.repeat(9_000_000)}"}`],
])('%s closes the connection', async (_title, frame) => {
  const t = setUp()
  const w = wire()
  let closed = false
  w.client.onClose(() => (closed = true))
  serveContract(contract, t.handlers, w.host, { client: 'c', carrier: 'test' }, t.memory)
  w.client.send(frame)
  await soon()
  expect(closed).toBe(true)
})

test.each([
  ['an unknown method', { i: 1, m: 'nope' }, 'unknownMethod'],
  ['a method of Object', { i: 1, m: 'toString' }, 'unknownMethod'],
  ['__proto__', { i: 1, m: '__proto__' }, 'unknownMethod'],
  ['wrong params', { i: 1, m: 'add', p: { a: 'x', b: 1 } }, 'badParams'],
  ['no params', { i: 1, m: 'add' }, 'badParams'],
])('%s is answered with a problem and the connection stays', async (_title, frame, code) => {
  const t = setUp()
  const w = wire()
  const got: { e?: [string, string] }[] = []
  w.client.onFrame((f) => void got.push(JSON.parse(String(f))))
  serveContract(contract, t.handlers, w.host, { client: 'c', carrier: 'test' }, t.memory)
  w.client.send(JSON.stringify(frame))
  w.client.send(JSON.stringify({ i: 2, m: 'add', p: { a: 1, b: 1 } }))
  await soon()
  expect(got[0]?.e?.[0]).toBe(code)
  expect(got[1]).toEqual({ i: 2, r: { sum: 2 } })
})

test('a number that is in use, credit and cancel for nothing: nothing breaks', async () => {
  const t = setUp()
  const w = wire()
  const got: unknown[] = []
  w.client.onFrame((f) => void got.push(typeof f === 'string' ? JSON.parse(f) : f))
  serveContract(contract, t.handlers, w.host, { client: 'c', carrier: 'test' }, t.memory)
  for (const frame of [
    { i: 1, m: 'count', p: {} },
    { i: 1, m: 'count', p: {} },
    { i: 9, w: 5 },
    { i: 9, x: 1 },
    { i: 3, w: -5 },
  ])
    w.client.send(JSON.stringify(frame))
  await soon()
  expect(got[0]).toEqual({ i: 1, s: { n: 0 }, n: 0 })
  expect(got[1]).toMatchObject({ i: 1, e: ['badFrame', expect.any(String)] })
})

test("a handler's problem reaches the caller; an answer of another shape does not pass", async () => {
  const t = setUp({
    add: ({ a }) => {
      if (a === 1) throw new HostError('noSum', 'These do not add up.')
      return { sum: 'x' as unknown as number }
    },
  })
  t.attach()
  await expect(t.client.call('add', { a: 1, b: 1 })).rejects.toMatchObject({ code: 'noSum' })
  await expect(t.client.call('add', { a: 2, b: 1 })).rejects.toMatchObject({ code: 'internal' })
})

test('short and foreign byte frames are ignored', async () => {
  const t = setUp()
  const w = t.attach()
  w.host.send(new Uint8Array([1]))
  w.host.send(byteFrame(77, new Uint8Array([1])))
  expect(await t.client.call('add', { a: 1, b: 2 })).toEqual({ sum: 3 })
})
