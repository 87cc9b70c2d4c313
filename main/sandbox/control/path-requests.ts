import { lstatSync } from 'node:fs'
import type { HostMessage } from './messages.ts'
import { hasRawBytes } from './messages.ts'
import { errnoWords } from './path-answers.ts'

type Kind = 'grant' | 'revoke' | 'mask'
const answeredBy = { granted: 'grant', revoked: 'revoke', masked: 'mask' } as const

/** `grant`, `revoke` and `mask` on their way to one launcher, each with whoever waits for its answer. */
export class PathRequests {
  readonly #waiting = new Map<string, ((problem: string | null) => void)[]>()
  readonly #send: (message: HostMessage) => void
  #over: string | null = null

  constructor(send: (message: HostMessage) => void) {
    this.#send = send
  }

  /** @returns null, or why it was not possible */
  ask(kind: Kind, path: string): Promise<string | null> {
    if (this.#over !== null) return Promise.resolve(this.#over)
    if (!/^\/[^\0]+$/.test(path) || hasRawBytes(path)) {
      return Promise.resolve(`${JSON.stringify(path)} is no path of a single place.`)
    }
    return new Promise((resolve) => {
      const key = `${kind} ${path}`
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve])
      if (kind !== 'grant') this.#send({ type: kind, path })
      else {
        const directory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
        this.#send({ type: kind, path, directory })
      }
    })
  }

  /** The oldest waiting request of this kind for this path; an answer that nobody waits for says nothing. */
  answered(type: keyof typeof answeredBy, path: string, errno: number): void {
    const resolve = this.#waiting.get(`${answeredBy[type]} ${path}`)?.shift()
    resolve?.(errno === 0 ? null : errnoWords(errno))
  }

  /** Nothing will be answered any more. */
  end(why: string): void {
    this.#over ??= why
    for (const waiting of this.#waiting.values()) for (const resolve of waiting) resolve(why)
    this.#waiting.clear()
  }
}
