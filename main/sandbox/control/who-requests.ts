import type { FlowProcess } from '../../../protocol/network.ts'
import type { HostMessage } from './messages.ts'

/** Questions to one launcher about who opened a connection, each with whoever waits for its answer. */
export class WhoRequests {
  readonly #waiting = new Map<number, ((process: FlowProcess | null) => void)[]>()
  readonly #send: (message: HostMessage) => void
  #over = false

  constructor(send: (message: HostMessage) => void) {
    this.#send = send
  }

  /** @returns null when nobody is found, for a number that is none, and once the run is over */
  ask(flow: number): Promise<FlowProcess | null> {
    if (this.#over || !Number.isSafeInteger(flow) || flow < 1) return Promise.resolve(null)
    return new Promise((resolve) => {
      const others = this.#waiting.get(flow)
      if (others) return void others.push(resolve)
      this.#waiting.set(flow, [resolve])
      this.#send({ type: 'who', flow })
    })
  }

  /** @returns what is wrong with it: nobody asked; null when it was taken */
  answered(flow: number, process: FlowProcess | null): string | null {
    const waiting = this.#waiting.get(flow)
    if (!waiting) return `it told who opened connection ${flow}, which nobody asked`
    this.#waiting.delete(flow)
    for (const resolve of waiting) resolve(process)
    return null
  }

  /** Nothing will be answered any more. */
  end(): void {
    this.#over = true
    for (const waiting of this.#waiting.values()) for (const resolve of waiting) resolve(null)
    this.#waiting.clear()
  }
}
