import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { createGuard, type Guard, watchHands } from './guard.ts'

// One for the page: what is held down does not belong to any card.
const guard: Guard = createGuard()
if (typeof window !== 'undefined') watchHands(guard, window)

export type ArmingFacts = {
  /** Changes with everything shown: the request and its revision. */
  readonly key: string
  /** The person chose this card, rather than it having come up by itself. */
  readonly byPerson: boolean
  readonly delayMs: number
}

/** @returns `readyAtMs` for the ring, and the two questions an answer must ask */
export function useGuard({ key, byPerson, delayMs }: ArmingFacts): {
  readonly armed: boolean
  mayAnswer(what: string, repeat: boolean): boolean
  answered(what: string): void
} {
  const card = useRef({}).current
  // Before anything of the new request can be clicked, so not in an effect that runs after painting.
  const shownKey = useRef<string | null>(null)
  const chosen = useRef(byPerson)
  if (shownKey.current !== key) {
    const again = shownKey.current !== null && sameRequest(shownKey.current, key)
    shownKey.current = key
    chosen.current = byPerson && !again
    guard.enter(card, { key, byPerson: chosen.current, delayMs })
  }
  useEffect(() => {
    guard.enter(card, { key: shownKey.current ?? '', byPerson: chosen.current, delayMs })
    return () => guard.leave(card)
  }, [card, delayMs])
  const readyAtMs = useSyncExternalStore(guard.subscribe, () => guard.readyAtMs(card))
  const [, redraw] = useState(0)
  const waitMs = readyAtMs - Date.now()
  useEffect(() => {
    if (waitMs <= 0 || !Number.isFinite(waitMs)) return
    const timer = setTimeout(() => redraw((count) => count + 1), waitMs + 1)
    return () => clearTimeout(timer)
  }, [waitMs])
  return {
    armed: waitMs <= 0,
    mayAnswer: (what, repeat) => guard.mayAnswer(card, what, repeat),
    answered: (what) => guard.answered(what),
  }
}

/** Keys are `id@revision`: another revision of a request came without the person's doing. */
const sameRequest = (a: string, b: string): boolean => a.split('@')[0] === b.split('@')[0]
