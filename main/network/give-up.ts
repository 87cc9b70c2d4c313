import type { Socket } from 'node:net'

/** How much a program may say before there is somebody to say it to. */
const keepBytes = 64 * 1024

export type GiveUp = {
  readonly signal: AbortSignal
  /** From here on an end of what the program sends counts as its going, since a killed one looks no different. */
  watchEnd(): void
  /** The wait is over; what was said meanwhile is unread again. */
  stop(): void
}

/**
 * Notices that a program no longer waits.
 *
 * @param reads whether the socket is nobody else's to read: an end is only seen by a reader
 */
export function watchGiveUp(socket: Socket, reads: boolean): GiveUp {
  const controller = new AbortController()
  const leave = (): void => controller.abort()
  let kept: Buffer[] = []
  let size = 0
  let watching = false
  const keep = (chunk: Buffer): void => {
    kept.push(chunk)
    size += chunk.length
    if (size >= keepBytes) socket.pause()
  }
  if (socket.destroyed) leave()
  socket.on('close', leave)
  return {
    signal: controller.signal,
    watchEnd() {
      if (watching) return
      watching = true
      if (socket.readableEnded) return leave()
      socket.on('end', leave)
      if (reads) socket.on('data', keep).resume()
    },
    stop() {
      socket.off('close', leave)
      if (!watching) return
      socket.off('end', leave)
      if (!reads) return
      socket.off('data', keep)
      socket.pause()
      if (kept.length > 0 && !socket.readableEnded) socket.unshift(Buffer.concat(kept))
      kept = []
    },
  }
}
