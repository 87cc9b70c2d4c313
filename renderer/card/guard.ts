import { type Arming, type ArmingEvent, arm, disarmed, mayAnswer } from '../state/arming.ts'

/** Knows what is held down on this page and when each card on screen may be answered. */
export type Guard = {
  /** A card came on screen, or shows another request or revision. Again with the same key, nothing changes. */
  enter(
    card: object,
    facts: { readonly key: string; readonly byPerson: boolean; readonly delayMs: number },
  ): void
  leave(card: object): void
  /** For the ring and the look of the buttons. */
  armed(card: object): boolean
  /** @param what the key in hand; `Enter` for clicks */
  mayAnswer(card: object, what: string, repeat: boolean): boolean
  /** One key-down answers at most one card, whichever. */
  answered(what: string): void
  subscribe(listener: () => void): () => void
  dispatch(event: ArmingEvent): void
}

export type GuardClock = { nowMs(): number; later(run: () => void, ms: number): void }
const machineClock: GuardClock = {
  nowMs: () => Date.now(),
  later: (run, ms) => void setTimeout(run, ms),
}

export function createGuard(clock: GuardClock = machineClock): Guard {
  /** What is held is the same for every card; each new card starts from it. */
  let hands: Arming = disarmed
  const cards = new Map<object, Arming>()
  const listeners = new Set<() => void>()

  function tell(): void {
    for (const listener of listeners) listener()
  }
  /** Tells now, and again when the card becomes armed. */
  function follow({ readyAtMs }: Arming): void {
    tell()
    const wait = readyAtMs - clock.nowMs()
    if (wait > 0) clock.later(tell, wait)
  }
  function dispatch(event: ArmingEvent): void {
    hands = arm(hands, event)
    for (const [card, before] of cards) {
      const after = arm(before, event)
      cards.set(card, after)
      if (after.readyAtMs !== before.readyAtMs) follow(after)
    }
  }
  return {
    dispatch,
    enter(card, { key, byPerson, delayMs }) {
      const before = cards.get(card)
      // Another revision of a request came without the person's doing, however the request was chosen.
      const again = before?.key != null && requestOf(before.key) === requestOf(key)
      const next = arm(before ?? hands, {
        type: 'current',
        key,
        byPerson: byPerson && !again,
        delayMs,
        atMs: clock.nowMs(),
      })
      if (next === before) return
      cards.set(card, next)
      follow(next)
    },
    leave: (card) => void cards.delete(card),
    armed(card) {
      const state = cards.get(card)
      return state !== undefined && clock.nowMs() >= state.readyAtMs
    },
    mayAnswer(card, what, repeat) {
      const state = cards.get(card)
      return state !== undefined && mayAnswer(state, what, { repeat, atMs: clock.nowMs() })
    },
    answered: (what) => dispatch({ type: 'answered', what }),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

const requestOf = (key: string): string | undefined => key.split('@')[0]

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
