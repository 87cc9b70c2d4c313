import { useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react'
import { createGuard, type Guard, watchHands } from './guard.ts'

// One for the page: what is held down does not belong to any card.
const guard: Guard = createGuard()
if (typeof window !== 'undefined') watchHands(guard, window)

export type ArmingFacts = {
  /** Changes with everything shown: `id@revision`. */
  readonly key: string
  /** The person chose this card, rather than it having come up by itself. */
  readonly byPerson: boolean
  readonly delayMs: number
}

/** Whether the card may be answered now, and the two questions an answer must ask. */
export function useGuard({ key, byPerson, delayMs }: ArmingFacts): {
  readonly armed: boolean
  mayAnswer(what: string, repeat: boolean): boolean
  answered(what: string): void
} {
  const [card] = useState(() => ({}))
  // Before it is painted: there is no moment in which a new request could be clicked on the old one's terms.
  useLayoutEffect(() => guard.enter(card, { key, byPerson, delayMs }), [card, key, byPerson, delayMs])
  useEffect(() => () => guard.leave(card), [card])
  const armed = useSyncExternalStore(guard.subscribe, () => guard.armed(card))
  return {
    armed,
    mayAnswer: (what, repeat) => guard.mayAnswer(card, what, repeat),
    answered: (what) => guard.answered(what),
  }
}
