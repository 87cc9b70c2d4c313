import type { Socket } from 'node:net'
import type { FlowProcess, FlowVia, NetworkFlow } from '../../protocol/network.ts'

/** One connection to one destination, as it is reported. */
export type Flow = {
  readonly id: string
  readonly live: boolean
  now(): NetworkFlow
  /** Reported with the next bytes, not on its own: a kept-alive connection may carry thousands. */
  saw(request: NonNullable<NetworkFlow['request']>): void
  foundProcess(process: FlowProcess): void
  held(why: string): void
  /** What passes through `socket` from here on is what the program sent and got. */
  open(socket: Socket, address: string, why: string): void
  /** For the last time; later ends are of no consequence. */
  end(state: 'closed' | 'refused' | 'withdrawn' | 'failed', why?: string): void
  /** Reports the bytes if there are more than were reported. */
  tick(): void
}

export type FlowStart = {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly via: FlowVia
  readonly request: NetworkFlow['request']
}

/** @param report is called after every change of state */
export function createFlow(start: FlowStart, nowMs: () => number, report: (flow: NetworkFlow) => void): Flow {
  let process: FlowProcess | null = null
  let request = start.request
  let state: NetworkFlow['state'] = 'held'
  let reported = false
  let address: string | null = null
  let why = ''
  let wire: { readonly socket: Socket; readonly read: number; readonly written: number } | null = null
  let endedAt: number | null = null
  let [up, down] = [0, 0]
  const startedAt = nowMs()

  const count = (): void => {
    if (wire === null) return
    up = wire.socket.bytesWritten - wire.written
    down = wire.socket.bytesRead - wire.read
  }
  const now = (): NetworkFlow => ({
    id: start.id,
    host: start.host,
    port: start.port,
    via: start.via,
    request,
    process,
    state,
    address,
    why,
    bytesUp: up,
    bytesDown: down,
    startedAt,
    endedAt,
  })
  const tell = (): void => {
    reported = true
    report(now())
  }
  return {
    id: start.id,
    get live() {
      return endedAt === null
    },
    now,
    saw(next) {
      request = next
    },
    foundProcess(found) {
      process = found
      if (reported) tell()
    },
    held(reason) {
      why = reason
      tell()
    },
    open(socket, to, reason) {
      wire = { socket, read: socket.bytesRead, written: socket.bytesWritten }
      state = 'open'
      address = to
      why = reason
      tell()
    },
    end(last, reason = why) {
      if (endedAt !== null) return
      count()
      state = last
      why = reason
      endedAt = nowMs()
      tell()
    },
    tick() {
      const before = up + down
      count()
      if (up + down !== before && endedAt === null) tell()
    },
  }
}
