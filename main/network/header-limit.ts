import type { Socket } from 'node:net'
import type { Clock } from '../platform/clock.ts'

const headMs = 15_000
/** A kept-alive connection without a request. Clients forget theirs sooner. */
const idleRounds = 8

export type HeaderLimit = {
  /** A request has come whose answer is not done with. */
  readonly busy: boolean
  /** A whole request head is here. */
  arrived(): void
  /** Its answer is done with. */
  answered(): void
}

/**
 * Closes a connection that is slow to say what it wants: the first head has 15 seconds, a later one as much from the
 * first look that saw a part of it. Two minutes without any request are the end as well.
 */
export function limitHeaders(socket: Socket, clock: Clock): HeaderLimit {
  let pending = 0
  let stop = clock.after(headMs, () => socket.destroy())
  socket.once('close', () => stop())

  function wait(base: number, begun: boolean, rounds: number): void {
    stop = clock.after(headMs, () => {
      const begins = socket.bytesRead > base
      if (begun || (!begins && rounds <= 1)) socket.destroy()
      else wait(base, begins, rounds - 1)
    })
  }
  return {
    get busy() {
      return pending > 0
    },
    arrived() {
      pending++
      stop()
    },
    answered() {
      pending--
      if (pending === 0 && !socket.destroyed) wait(socket.bytesRead, false, idleRounds)
    },
  }
}
