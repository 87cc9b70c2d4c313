import type { z } from 'zod'

/** One question and one answer. */
export type CallDef<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> = {
  readonly kind: 'call'
  readonly params: P
  readonly result: R
}

/** A state that changes: one snapshot, then numbered changes. A gap in the numbers asks for a new snapshot. */
export type EventDef<
  P extends z.ZodType = z.ZodType,
  S extends z.ZodType = z.ZodType,
  C extends z.ZodType = z.ZodType,
> = { readonly kind: 'event'; readonly params: P; readonly snapshot: S; readonly change: C }

/** Raw bytes with credit back-pressure: the sender stops when the receiver has not acknowledged enough. */
export type BytesDef<P extends z.ZodType = z.ZodType> = { readonly kind: 'bytes'; readonly params: P }

export type EndpointDef = CallDef | EventDef | BytesDef
export type Contract = Readonly<Record<string, EndpointDef>>

export const call = <P extends z.ZodType, R extends z.ZodType>(params: P, result: R): CallDef<P, R> => ({
  kind: 'call',
  params,
  result,
})

export const event = <P extends z.ZodType, S extends z.ZodType, C extends z.ZodType>(
  params: P,
  snapshot: S,
  change: C,
): EventDef<P, S, C> => ({ kind: 'event', params, snapshot, change })

export const bytes = <P extends z.ZodType>(params: P): BytesDef<P> => ({ kind: 'bytes', params })

/** Ends a subscription or a byte stream. Calling it twice does nothing. */
export type Unsubscribe = () => void

/** What an event handler gives its changes to. `reset` replaces the state by a new snapshot. */
export type EventSink<S, C> = {
  change(change: C): void
  reset(snapshot: S): void
  end(): void
}

/** What a byte handler writes to. `push` answers false when it must wait for `onDrain`. */
export type ByteSink = {
  push(chunk: Uint8Array): boolean
  onDrain(listener: () => void): void
  end(): void
}

/** Who is asking. `client` is stable over reconnects of one window or tab. */
export type Caller = { readonly client: string; readonly carrier: 'window' | 'socket' | 'test' }

/** The host's end of a contract: one function for each endpoint. */
export type HandlersOf<C extends Contract> = {
  readonly [K in keyof C]: C[K] extends CallDef<infer P, infer R>
    ? (params: z.output<P>, caller: Caller) => z.input<R> | Promise<z.input<R>>
    : C[K] extends EventDef<infer P, infer S, infer Ch>
      ? (
          params: z.output<P>,
          sink: EventSink<z.input<S>, z.input<Ch>>,
          caller: Caller,
        ) => { snapshot: z.input<S>; stop: Unsubscribe }
      : C[K] extends BytesDef<infer P>
        ? (params: z.output<P>, sink: ByteSink, caller: Caller) => Unsubscribe
        : never
}

type CallKeys<C extends Contract> = { [K in keyof C]: C[K] extends CallDef ? K : never }[keyof C] & string
type EventKeys<C extends Contract> = { [K in keyof C]: C[K] extends EventDef ? K : never }[keyof C] & string
type BytesKeys<C extends Contract> = { [K in keyof C]: C[K] extends BytesDef ? K : never }[keyof C] & string

/** `lost` after the carrier closed, `open` while it works. */
export type ConnectionState = 'connecting' | 'open' | 'lost'

/** The screen's end of a contract, whatever carries it. */
export type ClientOf<C extends Contract> = {
  call<K extends CallKeys<C>>(
    method: K,
    params: C[K] extends CallDef<infer P, infer _R> ? z.input<P> : never,
  ): Promise<C[K] extends CallDef<infer _P, infer R> ? z.output<R> : never>
  /** `snapshot` arrives first and again after every reconnect or gap; `change` in between, in order. */
  subscribe<K extends EventKeys<C>>(
    method: K,
    params: C[K] extends EventDef<infer P, infer _S, infer _C> ? z.input<P> : never,
    on: {
      snapshot(s: C[K] extends EventDef<infer _P, infer S, infer _C> ? z.output<S> : never): void
      change(c: C[K] extends EventDef<infer _P, infer _S, infer Ch> ? z.output<Ch> : never): void
      end?(): void
      failed?(problem: HostProblem): void
    },
  ): Unsubscribe
  /** `done` must be called for each chunk once it was used; that is what lets the sender go on. */
  bytes<K extends BytesKeys<C>>(
    method: K,
    params: C[K] extends BytesDef<infer P> ? z.input<P> : never,
    on: {
      data(chunk: Uint8Array, done: () => void): void
      end?(): void
      failed?(problem: HostProblem): void
    },
  ): Unsubscribe
  onConnection(listener: (state: ConnectionState) => void): Unsubscribe
}

/** A problem as it crosses the boundary: `code` for programs, `message` for people. */
export type HostProblem = { readonly code: string; readonly message: string }

/** Thrown by handlers and rejected from `call`. Expected answers are results, not problems. */
export class HostError extends Error {
  override readonly name = 'HostError'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
