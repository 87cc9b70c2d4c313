import { byteFrame, byteWindow, type Carrier, type HostFrame, maxFrameLength } from './carrier.ts'
import {
  type ByteSink,
  type Caller,
  type Contract,
  type EndpointDef,
  type EventSink,
  type HandlersOf,
  HostError,
  type Unsubscribe,
} from './endpoint.ts'

/** Remembers calls by key, so that one sent again after a reconnect runs once and gets the same answer. */
export type CallMemory = {
  once(key: string, run: () => Promise<unknown>): Promise<unknown>
}

type Live = { stop: Unsubscribe; credit(bytes: number): void }
type AnyHandler = (params: unknown, a: unknown, b?: unknown) => unknown

/**
 * Serves a contract to one connection. Every frame is checked; what does not fit is answered with a
 * problem, and a frame that is no frame at all closes the connection. Nothing a client sends throws.
 *
 * @param memory shared by all connections of one host
 */
export function serveContract<C extends Contract>(
  contract: C,
  handlers: HandlersOf<C>,
  carrier: Carrier,
  caller: Caller,
  memory: CallMemory,
): void {
  const live = new Map<number, Live>()
  let closed = false
  const send = (frame: HostFrame): void => {
    if (!closed) carrier.send(JSON.stringify(frame))
  }
  carrier.onClose(() => {
    closed = true
    for (const stream of live.values()) stream.stop()
    live.clear()
  })

  const finish = (i: number): void => {
    const stream = live.get(i)
    live.delete(i)
    stream?.stop()
  }

  function open(i: number, method: string, params: unknown, key: string | undefined): void {
    const problem = (e: unknown): void => {
      finish(i)
      if (e instanceof HostError) send({ i, e: [e.code, e.message] })
      else send({ i, e: ['internal', e instanceof Error ? e.message : 'The host could not do this.'] })
    }
    const def: EndpointDef | undefined = Object.hasOwn(contract, method) ? contract[method] : undefined
    if (!def)
      return problem(new HostError('unknownMethod', `This host has no method “${method.slice(0, 80)}”.`))
    if (live.has(i)) return problem(new HostError('badFrame', `Number ${i} is already in use.`))
    const parsed = def.params.safeParse(params ?? {})
    if (!parsed.success) {
      const where = parsed.error.issues.map((x) => `${x.path.join('.') || 'params'}: ${x.message}`).join('; ')
      return problem(new HostError('badParams', `${method}: ${where}`))
    }
    const handler = (handlers as unknown as Record<string, AnyHandler>)[method] as AnyHandler
    try {
      switch (def.kind) {
        case 'call': {
          const run = async (): Promise<unknown> => def.result.parse(await handler(parsed.data, caller))
          const answer = key === undefined ? run() : memory.once(`${caller.client}/${key}`, run)
          answer.then((r) => send({ i, r }), problem)
          return
        }
        case 'event': {
          let n = 0
          let early: (() => void)[] | null = []
          const later = (deliver: () => void): void => {
            if (early) early.push(deliver)
            else if (live.has(i)) deliver()
          }
          const sink: EventSink<unknown, unknown> = {
            change: (c) => later(() => send({ i, c: def.change.parse(c), n: ++n })),
            reset: (s) => later(() => send({ i, s: def.snapshot.parse(s), n: ++n })),
            end: () =>
              later(() => {
                send({ i, d: 1 })
                finish(i)
              }),
          }
          live.set(i, { stop: () => {}, credit: () => {} })
          const { snapshot, stop } = handler(parsed.data, sink, caller) as {
            snapshot: unknown
            stop: Unsubscribe
          }
          live.set(i, { stop, credit: () => {} })
          send({ i, s: def.snapshot.parse(snapshot), n })
          const waiting = early
          early = null
          for (const deliver of waiting) deliver()
          return
        }
        case 'bytes': {
          let window = byteWindow
          let drain = (): void => {}
          const sink: ByteSink = {
            push(chunk) {
              if (!live.has(i)) return false
              carrier.send(byteFrame(i, chunk))
              window -= chunk.byteLength
              return window > 0
            },
            onDrain(listener) {
              drain = listener
            },
            end() {
              if (!live.has(i)) return
              send({ i, d: 1 })
              finish(i)
            },
          }
          const credit = (size: number): void => {
            const wasShut = window <= 0
            window = Math.min(byteWindow, window + size)
            if (wasShut && window > 0) drain()
          }
          live.set(i, { stop: () => {}, credit })
          const stop = handler(parsed.data, sink, caller) as Unsubscribe
          if (live.has(i)) live.set(i, { stop, credit })
          else stop()
          return
        }
        default:
          def satisfies never
      }
    } catch (e) {
      problem(e)
    }
  }

  carrier.onFrame((frame) => {
    const message = typeof frame === 'string' ? readFrame(frame) : null
    if (!message) return carrier.close()
    if (message.m !== undefined) return open(message.i, message.m, message.p, message.k)
    if (message.x !== undefined) return finish(message.i)
    if (message.w !== undefined) live.get(message.i)?.credit(message.w)
  })
}

type Loose = { i: number; m?: string; p?: unknown; k?: string; x?: 1; w?: number }

function readFrame(frame: string): Loose | null {
  if (frame.length > maxFrameLength) return null
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { i, m, p, k, x, w } = value as Record<string, unknown>
  if (!Number.isSafeInteger(i) || (i as number) < 0 || (i as number) > 0xffffffff) return null
  const loose: Loose = { i: i as number }
  if (typeof m === 'string') {
    loose.m = m
    loose.p = p
    if (typeof k === 'string' && k.length <= 100) loose.k = k
    return loose
  }
  if (x === 1) return { ...loose, x: 1 }
  if (Number.isSafeInteger(w) && (w as number) > 0) return { ...loose, w: w as number }
  return null
}

/** Keeps the newest `limit` calls. Older keys run again, which is why only fresh reconnects send again. */
export function createCallMemory(limit = 2000): CallMemory {
  const seen = new Map<string, Promise<unknown>>()
  return {
    once(key, run) {
      const before = seen.get(key)
      if (before) return before
      const answer = run()
      seen.set(key, answer)
      if (seen.size > limit) {
        const oldest = seen.keys().next().value
        if (oldest !== undefined) seen.delete(oldest)
      }
      return answer
    },
  }
}
