import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Carrier, maxFrameLength } from '../../protocol/carrier.ts'
import { contract } from '../../protocol/contract.ts'
import { serveContract } from '../../protocol/host-end.ts'
import type { Host } from '../host/host.ts'

const subprotocol = 'gatehouse.v1'

/** Bytes a connection may have waiting to be sent before it is given up on: the page asks again when it is back. */
const maxBuffered = 64 * 1024 * 1024

export function socketCarrier(socket: WebSocket): Carrier {
  return {
    send(frame) {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > maxBuffered) return socket.terminate()
      socket.send(frame, { binary: typeof frame !== 'string' })
    },
    onFrame(listener) {
      socket.on('message', (data: Buffer, binary) =>
        listener(binary ? new Uint8Array(data) : data.toString('utf8')),
      )
    },
    onClose: (listener) => void socket.on('close', listener),
    close: () => socket.close(),
  }
}

const same = (a: string, b: string): boolean => {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}

/**
 * Accepts connections that come from our own page: exact Host and Origin (a page of another site, or a name
 * that was made to point here, has others), and the token. A cookie would not do: every server on this machine
 * would receive it.
 */
export function acceptSockets(
  server: Server,
  host: Host,
  options: { readonly token: string; hosts(): readonly string[] },
): { closeAll(): void } {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxFrameLength,
    handleProtocols: () => subprotocol,
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim())
    const value = (prefix: string): string | null =>
      offered.find((p) => p.startsWith(prefix))?.slice(prefix.length) ?? null
    const hosts = options.hosts()
    const wellKnown =
      new URL(request.url ?? '/', 'http://host').pathname === '/rpc' &&
      hosts.includes(request.headers.host ?? '') &&
      hosts.some((h) => request.headers.origin === `http://${h}`) &&
      offered.includes(subprotocol) &&
      same(value('token.') ?? '', options.token)
    if (!wellKnown) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
      return
    }
    const client = /^[a-zA-Z0-9_-]{1,64}$/.exec(value('client.') ?? '')?.[0] ?? 'unnamed'
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', () => ws.terminate())
      serveContract(contract, host.handlers, socketCarrier(ws), { client, carrier: 'socket' }, host.memory)
    })
  })
  return {
    closeAll() {
      for (const ws of sockets.clients) ws.terminate()
    },
  }
}
