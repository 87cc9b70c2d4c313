import type { Clock } from '../platform/clock.ts'

export type ActiveTimer = {
  /** Stops and goes on: time in between does not count. */
  pause(paused: boolean): void
  cancel(): void
}

/** Calls `done` when `ms` milliseconds of unpaused time are over; 0 never does. */
export function activeTimer(clock: Clock, ms: number, done: () => void): ActiveTimer {
  let left = ms
  let sinceMs = clock.nowMs()
  let stop: (() => void) | null = null
  let over = ms <= 0
  const fire = (): void => {
    over = true
    done()
  }
  const go = (): void => {
    sinceMs = clock.nowMs()
    stop = clock.after(left, fire)
  }
  if (!over) go()
  return {
    pause(paused) {
      if (over || paused === (stop === null)) return
      if (!paused) return go()
      stop?.()
      stop = null
      left = Math.max(0, left - (clock.nowMs() - sinceMs))
    },
    cancel() {
      over = true
      stop?.()
      stop = null
    },
  }
}
