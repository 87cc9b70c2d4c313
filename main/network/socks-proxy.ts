import type { Socket } from 'node:net'
import { createFlow } from './flow.ts'
import { openPassage, type PassageDeps } from './passage.ts'
import { canonicalHost } from './read-request.ts'
import {
  readGreeting,
  readSocksRequest,
  type SocksReading,
  type SocksRequest,
  socksCodes,
  socksReply,
} from './read-socks.ts'
import type { Run } from './run.ts'
import { join } from './tunnel.ts'
import { sayLast } from './write-answer.ts'

const handshakeMs = 15_000

/** The proxy for programs that speak SOCKS5: TCP only, names looked up here, no password. */
export async function takeSocks(
  client: Socket,
  run: Run,
  relayFlow: number,
  deps: PassageDeps,
): Promise<void> {
  client.on('error', () => {})
  const stop = deps.clock.after(handshakeMs, () => client.destroy())
  client.once('close', stop)
  const greeting = await take(client, readGreeting)
  if (greeting === null) return
  if (!greeting.withoutPassword || !deps.settings().socks5) return sayLast(client, Buffer.from([5, 0xff]))
  client.write(Buffer.from([5, 0]))
  const request = await take(client, readSocksRequest)
  stop()
  if (request === null) return
  const { command, host, port } = request
  if (host === null) return sayLast(client, socksReply(socksCodes.addressUnknown))
  if (command === 3) reportUdp(request, run, deps)
  if (command !== 1) return sayLast(client, socksReply(socksCodes.commandUnknown))

  const destination = { host: canonicalHost(host), port, protocol: 'socks5_tcp' as const }
  const outcome = await openPassage(
    { run, relayFlow, destination, via: 'socks5', request: null, client, parsed: false },
    deps,
  )
  switch (outcome.kind) {
    case 'open':
      client.write(socksReply(socksCodes.granted))
      return join(client, outcome.socket)
    case 'refused':
      return sayLast(client, socksReply(socksCodes.refused))
    case 'failed':
      return sayLast(
        client,
        socksReply(outcome.refusedByPeer ? socksCodes.peerRefused : socksCodes.unreachable),
      )
    case 'withdrawn':
      client.destroy()
  }
}

/** The relay carries no datagrams, so the program is told that there is no such command, and the person why. */
function reportUdp({ host, port }: SocksRequest, run: Run, deps: PassageDeps): void {
  const flow = createFlow(
    { id: deps.nextId(), host: host ?? '0.0.0.0', port: Math.max(1, port), via: 'socks5-udp', request: null },
    () => deps.clock.nowMs(),
    (now) => deps.gate.onFlow(now, run.name),
  )
  flow.end('refused', 'UDP is not carried out of the sandbox; the program was told so.')
}

/** Reads one message and leaves what follows unread, with the socket paused; null when the connection is over. */
function take<T extends object>(
  client: Socket,
  read: (bytes: Buffer) => SocksReading<T>,
): Promise<(T & { length: number }) | null> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0)
    const stop = (): void => {
      client.off('data', onData).off('end', onEnd).off('close', onEnd).pause()
    }
    const onEnd = (): void => {
      stop()
      client.destroy()
      resolve(null)
    }
    const onData = (chunk: Buffer): void => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
      const reading = read(bytes)
      if ('length' in reading) {
        stop()
        if (bytes.length > reading.length) client.unshift(bytes.subarray(reading.length))
        resolve(reading)
      } else if (reading.kind === 'wrong') onEnd()
    }
    if (client.destroyed) return resolve(null)
    client.on('data', onData).on('end', onEnd).on('close', onEnd).resume()
  })
}
