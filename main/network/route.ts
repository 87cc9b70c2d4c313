import { Agent } from 'node:http'
import type { Passage } from './passage.ts'
import type { Target } from './read-request.ts'

/** A connection to a server, for requests one after the other. */
export type Route = {
  readonly passage: Passage
  /** Speaks on this connection and no other. */
  readonly agent: Agent
  goesTo(target: Target): boolean
  close(): void
}

export function createRoute(passage: Passage): Route {
  const { socket, destination } = passage
  const agent = new Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 })
  let given = false
  agent.createConnection = () => {
    if (given) throw new Error('The server has closed the connection.')
    given = true
    return socket
  }
  return {
    passage,
    agent,
    goesTo: ({ host, port }) =>
      host === destination.host && port === destination.port && !socket.destroyed && !socket.readableEnded,
    close: () => socket.destroy(),
  }
}
