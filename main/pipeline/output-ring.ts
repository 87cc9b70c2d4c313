import type { ByteSink } from '../../protocol/endpoint.ts'
import { HostError } from '../../protocol/endpoint.ts'

type Viewer = { offset: number; readonly sink: ByteSink; blocked: boolean; blockedSinceMs: number }

/** Bytes held of one program's output, and how far a viewer may fall behind before the program waits. */
const capacity = 1024 * 1024
const pauseBehind = 768 * 1024
const resumeBehind = 256 * 1024
/** A viewer that takes nothing for this long no longer holds the program back. Milliseconds. */
const patienceMs = 5000

/**
 * The newest part of what a program printed, for any number of viewers. A viewer that is slow makes the
 * program wait (true back-pressure down to the PTY); one that is stuck is given up on and starts again later.
 */
export class OutputRing {
  readonly #buffer = Buffer.allocUnsafe(capacity)
  readonly #viewers = new Set<Viewer>()
  readonly #onPressure: (wait: boolean) => void
  readonly #nowMs: () => number
  #end = 0
  #closed = false
  #waiting = false

  constructor(options: { onPressure(wait: boolean): void; nowMs(): number }) {
    this.#onPressure = options.onPressure
    this.#nowMs = options.nowMs
  }

  /** All bytes ever written. */
  get length(): number {
    return this.#end
  }

  get #start(): number {
    return Math.max(0, this.#end - capacity)
  }

  write(chunk: Uint8Array): void {
    const part = chunk.byteLength > capacity ? chunk.subarray(chunk.byteLength - capacity) : chunk
    this.#end += chunk.byteLength - part.byteLength
    const at = this.#end % capacity
    const first = Math.min(part.byteLength, capacity - at)
    this.#buffer.set(part.subarray(0, first), at)
    this.#buffer.set(part.subarray(first), 0)
    this.#end += part.byteLength
    for (const viewer of this.#viewers) this.#feed(viewer)
    this.#weigh()
  }

  /** No more will come. Viewers get the rest and their end. */
  close(): void {
    this.#closed = true
    for (const viewer of this.#viewers) this.#feed(viewer)
    this.#weigh()
  }

  /** @param fromOffset -1: the oldest part still held. @throws HostError `gap` when that part is gone */
  attach(fromOffset: number, sink: ByteSink): () => void {
    const offset = fromOffset < 0 ? this.#start : fromOffset
    if (offset < this.#start || offset > this.#end)
      throw new HostError('gap', 'That part of the output is no longer held. Start again from what is.')
    const viewer: Viewer = { offset, sink, blocked: false, blockedSinceMs: 0 }
    this.#viewers.add(viewer)
    sink.onDrain(() => {
      viewer.blocked = false
      this.#feed(viewer)
      this.#weigh()
    })
    this.#feed(viewer)
    return () => {
      this.#viewers.delete(viewer)
      this.#weigh()
    }
  }

  /** The newest `size` bytes. */
  tail(size: number): Uint8Array {
    return this.#slice(Math.max(this.#start, this.#end - size), this.#end)
  }

  #slice(from: number, to: number): Uint8Array {
    const out = Buffer.allocUnsafe(to - from)
    for (let done = 0; done < out.length; ) {
      const at = (from + done) % capacity
      const size = Math.min(out.length - done, capacity - at)
      this.#buffer.copy(out, done, at, at + size)
      done += size
    }
    return out
  }

  #feed(viewer: Viewer): void {
    if (viewer.offset < this.#start) {
      this.#drop(viewer)
      return
    }
    while (!viewer.blocked && viewer.offset < this.#end) {
      const to = Math.min(this.#end, viewer.offset + 64 * 1024)
      const chunk = this.#slice(viewer.offset, to)
      viewer.offset = to
      if (!viewer.sink.push(chunk)) {
        viewer.blocked = true
        viewer.blockedSinceMs = this.#nowMs()
      }
    }
    if (this.#closed && viewer.offset === this.#end) {
      this.#viewers.delete(viewer)
      viewer.sink.end()
    }
  }

  /** Too far behind to catch up without a hole: the viewer is told by an end and attaches again. */
  #drop(viewer: Viewer): void {
    this.#viewers.delete(viewer)
    viewer.sink.end()
  }

  #weigh(): void {
    const now = this.#nowMs()
    const behind = Math.max(
      0,
      ...[...this.#viewers]
        .filter((v) => !v.blocked || now - v.blockedSinceMs < patienceMs)
        .map((v) => this.#end - v.offset),
    )
    const wait = this.#waiting ? behind > resumeBehind : behind > pauseBehind
    if (wait === this.#waiting) return
    this.#waiting = wait
    this.#onPressure(wait)
  }

  /** Called now and then while the program waits, so that a stuck viewer is noticed. */
  reconsider(): void {
    this.#weigh()
  }
}
