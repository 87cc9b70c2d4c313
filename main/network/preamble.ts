import type { Socket } from 'node:net'
import { z } from 'zod'
import type { Clock } from '../platform/clock.ts'

const token = z.string().max(200)
const flow = z.int().min(0)

/** What the relay says about a connection before its first byte. */
export const Preamble = z.discriminatedUnion('kind', [
  z.strictObject({ token, flow, kind: z.literal('http') }),
  z.strictObject({ token, flow, kind: z.literal('socks') }),
  z.strictObject({
    token,
    flow,
    kind: z.literal('direct'),
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65_535),
  }),
])
export type Preamble = z.infer<typeof Preamble>

const longest = 1024
const silenceMs = 5000

/** Reads the line; null when it is none. Never throws. */
export function readPreamble(line: string): Preamble | null {
  try {
    return Preamble.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}

/**
 * Takes the first line off a connection and hands over with the rest still unread and the socket paused. A line that
 * is too long or wrong, an end or five seconds without a whole line: the connection is closed and nobody is called.
 */
export function takePreamble(socket: Socket, clock: Clock, take: (preamble: Preamble) => void): void {
  let read: Buffer = Buffer.alloc(0)
  const stop = (): void => {
    stopWaiting()
    socket.off('data', onData).off('end', refuse).off('close', stop)
  }
  const refuse = (): void => {
    stop()
    socket.destroy()
  }
  const onData = (chunk: Buffer): void => {
    read = read.length === 0 ? chunk : Buffer.concat([read, chunk])
    const end = read.subarray(0, longest).indexOf(0x0a)
    if (end === -1) {
      if (read.length >= longest) refuse()
      return
    }
    const preamble = readPreamble(read.toString('utf8', 0, end))
    if (preamble === null) return refuse()
    stop()
    socket.pause()
    const rest = read.subarray(end + 1)
    if (rest.length > 0) socket.unshift(rest)
    take(preamble)
  }
  const stopWaiting = clock.after(silenceMs, refuse)
  socket.on('data', onData).on('end', refuse).on('close', stop)
}
