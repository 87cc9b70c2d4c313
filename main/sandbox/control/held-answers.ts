import type { HeldAnswer, HeldCall } from '../../../protocol/sandbox.ts'
import { isWithin } from '../paths.ts'
import type { HostMessage, LauncherMessage } from './messages.ts'
import { hasRawBytes, toHeldCall } from './messages.ts'

/** A launcher lets fewer calls than this wait; one that says more is not to be believed. */
export const maxHeldCalls = 1024

export type HeldHandlers = {
  readonly onHeld?: ((call: HeldCall, answer: (answer: HeldAnswer) => void) => void) | undefined
  readonly onSettled?: ((id: number, by: 'gone' | 'grant' | 'deny') => void) | undefined
}

/**
 * The waiting calls of one run. Each is answered at most once; an answer that is not exactly one for its call is
 * a denial, and so is every error on the way.
 */
export class HeldAnswers {
  readonly #waiting = new Map<number, HeldCall>()
  readonly #handlers: HeldHandlers
  readonly #send: (message: HostMessage) => void

  constructor(handlers: HeldHandlers, send: (message: HostMessage) => void) {
    this.#handlers = handlers
    this.#send = send
  }

  /** @returns what is wrong with the message; null when it was taken */
  held(message: Extract<LauncherMessage, { type: 'held' }>): string | null {
    const call = toHeldCall(message)
    if (call === null) return 'it held a call that cannot be described'
    if (this.#waiting.has(call.id)) return `it held two calls with the number ${call.id}`
    if (this.#waiting.size >= maxHeldCalls) return `it held more than ${maxHeldCalls} calls`
    this.#waiting.set(call.id, call)
    const deny = (): void => this.#answer(call, { verdict: 'deny', remember: false })
    if (!this.#handlers.onHeld) deny()
    else {
      try {
        this.#handlers.onHeld(call, (answer) => this.#answer(call, answer))
      } catch {
        deny()
      }
    }
    return null
  }

  /** What was answered here at the same moment is not waiting any more, and not told. */
  settled(id: number, by: 'gone' | 'grant' | 'deny'): void {
    if (this.#waiting.delete(id)) this.#handlers.onSettled?.(id, by)
  }

  /** The run is over, or its launcher is. */
  allGone(): void {
    for (const id of this.#waiting.keys()) this.settled(id, 'gone')
  }

  #answer(call: HeldCall, given: HeldAnswer): void {
    // Not by its number alone: an id belongs to one call.
    if (this.#waiting.get(call.id) !== call) return
    this.#waiting.delete(call.id)
    const answer = allowed(call, given) ? given : ({ verdict: 'deny', remember: false } as const)
    this.#send({
      type: 'answer',
      id: call.id,
      verdict: answer.verdict,
      path: answer.verdict === 'directory' ? answer.path : '',
      remember: answer.verdict === 'deny' && answer.remember,
    })
  }
}

/**
 * Whether an answer may be sent for this call. Names with bytes that are no UTF-8 are never granted: a person
 * saw another name. A folder is opened only when the call lies in it.
 */
function allowed(call: HeldCall, answer: HeldAnswer): boolean {
  if (answer.verdict === 'deny') return true
  if ([call.path, call.path2 ?? '', call.directory].some(hasRawBytes)) return false
  if (answer.verdict !== 'directory') return true
  return answer.path !== '/' && answer.path.startsWith('/') && isWithin(call.path, answer.path)
}
