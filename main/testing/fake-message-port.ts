import { EventEmitter } from 'node:events'

/**
 * One end of a MessageChannel as Electron's main process has it: what is posted is cloned, arrives later,
 * and queues until `start`; closing one end tells the other.
 */
export class FakeMessagePort extends EventEmitter {
  #other: FakeMessagePort | null = null
  #queue: unknown[] | null = []
  #closed = false

  get closed(): boolean {
    return this.#closed
  }

  /** @internal used by createFakePorts */
  join(other: FakeMessagePort): void {
    this.#other = other
  }

  postMessage(message: unknown): void {
    const clone = structuredClone(message)
    queueMicrotask(() => this.#other?.receive(clone))
  }

  start(): void {
    const waiting = this.#queue ?? []
    this.#queue = null
    for (const message of waiting) this.emit('message', { data: message, ports: [] })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    const other = this.#other
    queueMicrotask(() => other?.lost())
  }

  private receive(message: unknown): void {
    if (this.#closed) return
    if (this.#queue) this.#queue.push(message)
    else this.emit('message', { data: message, ports: [] })
  }

  private lost(): void {
    if (this.#closed) return
    this.#closed = true
    this.emit('close')
  }
}

/** Two joined ends, as `new MessageChannelMain()` makes them. */
export function createFakePorts(): readonly [FakeMessagePort, FakeMessagePort] {
  const one = new FakeMessagePort()
  const two = new FakeMessagePort()
  one.join(two)
  two.join(one)
  return [one, two]
}

/** The one cast: proves our use of the port, not Electron's behaviour. */
export const asPort = (port: FakeMessagePort): Electron.MessagePortMain =>
  port as unknown as Electron.MessagePortMain
