import type { Socket } from 'node:net'

/**
 * Joins two connections until both have ended. Each waits for the other's reader; an end on one side is an end on
 * that side only; when one breaks off, so does the other.
 */
export function join(a: Socket, b: Socket): void {
  pour(a, b)
  pour(b, a)
}

function pour(from: Socket, to: Socket): void {
  from.on('error', () => to.destroy())
  from.on('close', () => {
    // After an end in both directions what is written still drains.
    if (!from.readableEnded || !from.writableFinished) to.destroy()
  })
  from.pipe(to)
}
