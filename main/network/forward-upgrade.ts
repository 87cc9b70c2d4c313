import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { responseHeaders } from './forward-headers.ts'
import { passBack, startRequest, type Way } from './forward-request.ts'
import { plainAnswer } from './refusal.ts'
import { join } from './tunnel.ts'
import { answerRaw } from './write-answer.ts'

/** Passes a WebSocket handshake on. After a yes of the server the two ends are joined; a no is passed back. */
export function forwardUpgrade(req: IncomingMessage, client: Socket, way: Way, via: string): void {
  const up = startRequest(req, way, via, 'websocket')
  const { socket } = way.route.passage
  const onClose = (): void => void socket.destroy()
  client.once('close', onClose)
  up.on('upgrade', (from, _socket, head) => {
    if (from.headers.upgrade?.toLowerCase() !== 'websocket') {
      answerRaw(client, plainAnswer(502, 'upstream failure: the server answered with another protocol.'))
      socket.destroy()
      return
    }
    client.off('close', onClose)
    const headers = responseHeaders(from.rawHeaders)
    let text = `HTTP/1.1 101 ${from.statusMessage ?? ''}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
    for (let i = 0; i + 1 < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`
    client.write(`${text}\r\n`, 'latin1')
    if (head.length > 0) socket.unshift(head)
    join(client, socket)
  })
  up.on('response', (from) => {
    const res = new ServerResponse(req)
    res.shouldKeepAlive = false
    res.assignSocket(client)
    res.once('finish', () => client.destroySoon())
    passBack(from, res)
  })
  up.on('error', (error) => answerRaw(client, plainAnswer(502, `upstream failure: ${error.message}`)))
  up.end()
}
