import type { IPty } from 'node-pty'
import type { Clock } from '../platform/clock.ts'
import { isRunning } from './process-tree.ts'

/** While paused: how often to look whether the program still runs, in milliseconds. */
const lookMs = 20

/**
 * Hands on what a PTY prints, and stops reading from it while paused. node-pty drops what it has not read 200 ms
 * after the program's end, so a paused end is read at once and handed on with `resume`.
 */
export function pausableOutput(pty: IPty, clock: Clock, onData: (chunk: Uint8Array) => void) {
  let paused = false
  let ended = false
  let stopLooking = (): void => {}
  /** Output that came while paused, after the program had ended. At most what the kernel's buffer held. */
  let late: Uint8Array[] = []

  function lookForEnd(): void {
    stopLooking = clock.after(lookMs, () => {
      if (!paused || ended) return
      if (isRunning(pty.pid)) lookForEnd()
      else pty.resume()
    })
  }

  return {
    take(chunk: Uint8Array): void {
      if (paused) late.push(chunk)
      else onData(chunk)
    },
    pause(): void {
      if (paused || ended) return
      paused = true
      pty.pause()
      lookForEnd()
    },
    resume(): void {
      if (!paused) return
      paused = false
      stopLooking()
      const chunks = late
      late = []
      for (const chunk of chunks) onData(chunk)
      if (!ended) pty.resume()
    },
    /** The program was ended: what it printed last is read, although nobody wants it yet. */
    readOn(): void {
      if (paused && !ended) pty.resume()
    },
    end(): void {
      ended = true
      stopLooking()
    },
  }
}
