import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { RefusalAnswer } from './refusal.ts'

/** Answers a request whose connection may go on afterwards, unless `last`. */
export function answer(res: ServerResponse, { status, headers, body }: RefusalAnswer, last: boolean): void {
  if (res.headersSent || res.destroyed) {
    res.destroy()
    return
  }
  res.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
    ...(last ? { connection: 'close' } : {}),
  })
  res.end(body)
}

/** Answers on a connection that the HTTP server no longer reads, and closes it. */
export function answerRaw(socket: Socket, { status, headers, body }: RefusalAnswer): void {
  const lines = Object.entries({
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  sayLast(socket, `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`)
}

/** Closes a connection once the other end can have read these last words; what it still says is not read. */
export function sayLast(socket: Socket, words: string | Uint8Array): void {
  if (socket.destroyed) return
  socket.on('error', () => {})
  socket.resume()
  socket.end(words, () => socket.destroySoon())
}
