import type { Socket } from 'node:net'
import type { FlowProcess } from '../../protocol/network.ts'
import type { RunEnds } from './gate.ts'
import type { Passage } from './passage.ts'

/** For each run, so that one of them cannot take the others' way out. */
export const connectionLimits = { open: 512, waiting: 256 } as const

/** Looking a process up costs the machine; more than so many at a time are not looked up. */
const lookupsAtOnce = 16

/** One run of a command, as the proxy knows it. */
export type Run = {
  readonly name: string
  readonly removed: boolean
  readonly passages: Set<Passage>
  /** Connections that wait for an answer. */
  waiting: number
  /** Takes a connection in; false when there are too many, or none may come any longer. */
  admit(client: Socket): boolean
  lookForProcess(relayFlow: number, found: (process: FlowProcess) => void): void
  /** Closes everything it has. */
  remove(): void
}

export function createRun({ run: name, who }: RunEnds): Run {
  const clients = new Set<Socket>()
  const passages = new Set<Passage>()
  let removed = false
  let lookups = 0
  return {
    name,
    get removed() {
      return removed
    },
    passages,
    waiting: 0,
    admit(client) {
      if (removed || clients.size >= connectionLimits.open + connectionLimits.waiting) return false
      clients.add(client)
      client.once('close', () => clients.delete(client))
      return true
    },
    lookForProcess(relayFlow, found) {
      if (lookups >= lookupsAtOnce) return
      lookups++
      Promise.resolve()
        .then(() => who(relayFlow))
        .then(
          (process) => process && found(process),
          () => {},
        )
        .finally(() => lookups--)
    },
    remove() {
      removed = true
      for (const client of clients) client.destroy()
      for (const passage of passages) passage.socket.destroy()
    },
  }
}
