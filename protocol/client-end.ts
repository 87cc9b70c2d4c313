import { type Carrier, type ClientFrame, readByteFrame } from './carrier.ts'
import {
  type BytesDef,
  type CallDef,
  type ClientOf,
  type ConnectionState,
  type Contract,
  type EventDef,
  HostError,
  type HostProblem,
  type Unsubscribe,
} from './endpoint.ts'

type CallEntry = {
  kind: 'call'
  frame: { m: string; p: unknown; k: string }
  def: CallDef
  ok(value: unknown): void
  failed(e: HostError): void
}
type EventEntry = {
  kind: 'event'
  frame: { m: string; p: unknown }
  def: EventDef
  expected: number | null
  snapshot(value: unknown): void
  change(value: unknown): void
  end(): void
  failed(problem: HostProblem): void
}
type BytesEntry = {
  kind: 'bytes'
  frame: { m: string; p: unknown }
  def: BytesDef
  received: number
  data(chunk: Uint8Array, done: () => void): void
  end(): void
  failed(problem: HostProblem): void
}
type Entry = CallEntry | EventEntry | BytesEntry

export type ClientEnd<C extends Contract> = ClientOf<C> & {
  /** Puts the client on a new carrier: unanswered calls are sent again, subscriptions ask for a new snapshot. */
  attach(carrier: Carrier): void
  /** Gives up: every open call is rejected and every stream ends with a problem. */
  abandon(problem: HostProblem): void
}

/**
 * The screen's end. Survives the loss of its carrier: `attach` a new one and nothing is lost or run twice,
 * because calls carry keys, events ask for a fresh snapshot, and byte streams go on at the offset reached
 * (params of a byte stream have a `fromOffset` for that).
 */
export function createClientEnd<C extends Contract>(contract: C, name: string): ClientEnd<C> {
  const open = new Map<number, Entry>()
  const listeners = new Set<(state: ConnectionState) => void>()
  let carrier: Carrier | null = null
  let state: ConnectionState = 'connecting'
  let next = 1

  const tell = (now: ConnectionState): void => {
    if (state === now) return
    state = now
    for (const listener of listeners) listener(now)
  }
  const send = (frame: ClientFrame): void => carrier?.send(JSON.stringify(frame))

  function resend(i: number, entry: Entry): void {
    if (entry.kind === 'event') entry.expected = null
    if (entry.kind === 'bytes' && entry.received > 0) {
      const p = entry.frame.p as { fromOffset?: number }
      // "The oldest part held" is no place to count from: whoever asked starts again.
      if ((p.fromOffset ?? 0) < 0) {
        open.delete(i)
        entry.failed({ code: 'gap', message: 'The connection was lost. Start again from what is held.' })
        return
      }
      const fromOffset = (p.fromOffset ?? 0) + entry.received
      entry.received = 0
      entry.frame = { ...entry.frame, p: { ...p, fromOffset } }
    }
    send({ i, ...entry.frame })
  }

  /** A gap in the numbers, or something that does not fit its schema: ask again from the start. */
  function restart(i: number, entry: EventEntry): void {
    open.delete(i)
    send({ i, x: 1 })
    const fresh = next++
    open.set(fresh, entry)
    resend(fresh, entry)
  }

  function onText(text: string): void {
    const message = JSON.parse(text) as Record<string, unknown>
    const i = message['i'] as number
    const entry = open.get(i)
    if (!entry) return
    if ('e' in message) {
      open.delete(i)
      const [code, why] = message['e'] as [string, string]
      entry.failed(new HostError(code, why))
      return
    }
    if ('d' in message) {
      open.delete(i)
      if (entry.kind !== 'call') entry.end()
      return
    }
    if (entry.kind === 'call' && 'r' in message) {
      open.delete(i)
      const result = entry.def.result.safeParse(message['r'])
      if (result.success) entry.ok(result.data)
      else entry.failed(new HostError('badResult', `${entry.frame.m}: the host's answer has another shape.`))
      return
    }
    if (entry.kind !== 'event') return
    const n = message['n'] as number
    if ('s' in message) {
      const parsed = entry.def.snapshot.safeParse(message['s'])
      if (!parsed.success) {
        open.delete(i)
        send({ i, x: 1 })
        entry.failed({
          code: 'badResult',
          message: `${entry.frame.m}: the host's snapshot has another shape.`,
        })
        return
      }
      entry.expected = n + 1
      entry.snapshot(parsed.data)
    } else if ('c' in message) {
      if (entry.expected === null) return
      const parsed = entry.def.change.safeParse(message['c'])
      if (n !== entry.expected || !parsed.success) return restart(i, entry)
      entry.expected = n + 1
      entry.change(parsed.data)
    }
  }

  function add(entry: Entry): Unsubscribe {
    const i = next++
    open.set(i, entry)
    if (carrier) send({ i, ...entry.frame })
    return () => {
      // restart() may have moved the entry to another number
      for (const [number, candidate] of open) {
        if (candidate !== entry) continue
        open.delete(number)
        send({ i: number, x: 1 })
      }
    }
  }

  const client = {
    call(m: string, p: unknown) {
      return new Promise((ok, failed) => {
        const k = `${name}.${next}`
        add({ kind: 'call', frame: { m, p, k }, def: contract[m] as CallDef, ok, failed })
      })
    },
    subscribe(
      m: string,
      p: unknown,
      on: {
        snapshot(v: unknown): void
        change(v: unknown): void
        end?(): void
        failed?(e: HostProblem): void
      },
    ) {
      return add({
        kind: 'event',
        frame: { m, p },
        def: contract[m] as EventDef,
        expected: null,
        snapshot: on.snapshot,
        change: on.change,
        end: () => on.end?.(),
        failed: (e) => on.failed?.(e),
      })
    },
    bytes(
      m: string,
      p: unknown,
      on: {
        data(chunk: Uint8Array, done: () => void): void
        end?(): void
        failed?(e: HostProblem): void
      },
    ) {
      return add({
        kind: 'bytes',
        frame: { m, p },
        def: contract[m] as BytesDef,
        received: 0,
        data: on.data,
        end: () => on.end?.(),
        failed: (e) => on.failed?.(e),
      })
    },
    onConnection(listener: (s: ConnectionState) => void) {
      listeners.add(listener)
      listener(state)
      return () => void listeners.delete(listener)
    },
    attach(to: Carrier) {
      carrier = to
      to.onClose(() => {
        if (carrier !== to) return
        carrier = null
        tell('lost')
      })
      to.onFrame((frame) => {
        if (carrier !== to) return
        if (typeof frame === 'string') return onText(frame)
        const read = readByteFrame(frame)
        const entry = read && open.get(read.id)
        if (!read || entry?.kind !== 'bytes') return
        const { id, chunk } = read
        entry.received += chunk.byteLength
        entry.data(chunk, () => {
          if (carrier === to && chunk.byteLength > 0) send({ i: id, w: chunk.byteLength })
        })
      })
      for (const [i, entry] of open) resend(i, entry)
      tell('open')
    },
    abandon(problem: HostProblem) {
      carrier = null
      tell('lost')
      for (const entry of open.values()) entry.failed(new HostError(problem.code, problem.message))
      open.clear()
    },
  }
  return client as unknown as ClientEnd<C>
}
