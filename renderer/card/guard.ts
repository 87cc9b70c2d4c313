import { type Arming, type ArmingEvent, arm, disarmed, mayAnswer } from '../state/arming.ts'

/** Knows what is held down on this page and when each card on screen may be answered. */
export type Guard = {
  /** A card came on screen, or shows another request or revision. Calling it again with the same key changes nothing. */
  enter(
    card: object,
    facts: { readonly key: string; readonly byPerson: boolean; readonly delayMs: number },
  ): void
  leave(card: object): void
  /** Unix time in milliseconds from which the card may be answered. */
  readyAtMs(card: object): number
  mayAnswer(card: object, what: string, repeat: boolean): boolean
  /** One key-down answers at most one card, whichever. */
  answered(what: string): void
  subscribe(listener: () => void): () => void
  dispatch(event: ArmingEvent): void
}

export function createGuard(nowMs: () => number = Date.now): Guard {
  /** What is held is the same for every card; each new card starts from it. */
  let hands: Arming = disarmed
  const cards = new Map<object, Arming>()
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  function dispatch(event: ArmingEvent): void {
    hands = arm(hands, event)
    for (const [card, state] of cards) cards.set(card, arm(state, event))
    tell()
  }
  return {
    dispatch,
    enter(card, facts) {
      const before = cards.get(card) ?? hands
      const next = arm(before, { type: 'current', ...facts, atMs: nowMs() })
      // Told to nobody: it is called while its card is drawn, and no other card cares.
      cards.set(card, next)
    },
    leave: (card) => void cards.delete(card),
    readyAtMs: (card) => cards.get(card)?.readyAtMs ?? Number.POSITIVE_INFINITY,
    mayAnswer(card, what, repeat) {
      const state = cards.get(card)
      return state !== undefined && mayAnswer(state, what, { repeat, atMs: nowMs() })
    },
    answered: (what) => dispatch({ type: 'answered', what }),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** How a key is named among what is held. Both Enter keys are one. */
export const handOf = (code: string): string => (code === 'NumpadEnter' ? 'Enter' : code)

/** Feeds a guard from the whole page, before any handler sees the event. */
export function watchHands(guard: Guard, page: Window, nowMs: () => number = Date.now): void {
  const capture = { capture: true }
  page.addEventListener(
    'keydown',
    ({ code, repeat }) => guard.dispatch({ type: 'down', what: handOf(code), repeat, atMs: nowMs() }),
    capture,
  )
  page.addEventListener(
    'keyup',
    ({ code }) => {
      // macOS reports no key-up of a letter as long as Command is down.
      if (code.startsWith('Meta')) guard.dispatch({ type: 'blurred' })
      else guard.dispatch({ type: 'up', what: handOf(code), atMs: nowMs() })
    },
    capture,
  )
  page.addEventListener(
    'pointerdown',
    ({ button }) => guard.dispatch({ type: 'down', what: `Pointer${button}`, repeat: false, atMs: nowMs() }),
    capture,
  )
  for (const end of ['pointerup', 'pointercancel'] as const) {
    page.addEventListener(
      end,
      ({ button }) => {
        if (end === 'pointercancel') guard.dispatch({ type: 'blurred' })
        else guard.dispatch({ type: 'up', what: `Pointer${button}`, atMs: nowMs() })
      },
      capture,
    )
  }
  page.addEventListener('blur', () => guard.dispatch({ type: 'blurred' }))
}
