import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { type Lab, makeLab, readAll, readUntil } from './testing/lab.ts'

let lab: Lab
let port = 0
let requests = 0
beforeAll(async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow', localhost: 'allow' } })
  port = await lab.serve(
    createServer((_req, res) => {
      requests++
      res.end('reached')
    }),
  )
})
afterAll(() => lab.close())

const send = (bytes: string): Promise<string> => {
  const client = lab.connect('http')
  client.end(bytes, 'latin1')
  return readAll(client)
}

// prettier-ignore
test.each([
  ['two Host headers', 'GET http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nHost: a.test:PORT\r\n\r\n'],
  ['another Host', 'GET http://a.test:PORT/ HTTP/1.1\r\nHost: b.test:PORT\r\n\r\n'],
  ['another port in Host', 'GET http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:1\r\n\r\n'],
  ['no port in Host', 'GET http://a.test:PORT/ HTTP/1.1\r\nHost: a.test\r\n\r\n'],
  ['no Host', 'GET http://a.test:PORT/ HTTP/1.1\r\n\r\n'],
  ['a list in Host', 'GET http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT, b.test\r\n\r\n'],
  ['origin form', 'GET / HTTP/1.1\r\nHost: a.test:PORT\r\n\r\n'],
  ['asterisk form', 'OPTIONS * HTTP/1.1\r\nHost: a.test:PORT\r\n\r\n'],
  ['https in absolute form', 'GET https://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\n\r\n'],
  ['ftp in absolute form', 'GET ftp://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\n\r\n'],
  ['user name', 'GET http://u:p@a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\n\r\n'],
  [
    'user name that looks like a host',
    'GET http://a.test:PORT@evil.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n',
  ],
  ['backslash', 'GET http://a.test:PORT\\@evil.test/ HTTP/1.1\r\nHost: a.test:PORT\r\n\r\n'],
  ['fragment', 'GET http://a.test:PORT/#x HTTP/1.1\r\nHost: a.test:PORT\r\n\r\n'],
  ['no host in the target', 'GET http:///x HTTP/1.1\r\nHost: a.test:PORT\r\n\r\n'],
  ['port 0', 'GET http://a.test:0/ HTTP/1.1\r\nHost: a.test:0\r\n\r\n'],
  ['port out of range', 'GET http://a.test:65616/ HTTP/1.1\r\nHost: a.test:65616\r\n\r\n'],
  ['percent in the host', 'GET http://a%2etest:PORT/ HTTP/1.1\r\nHost: a%2etest:PORT\r\n\r\n'],
  ['letters beyond ASCII', 'GET http://\u00e4.test:PORT/ HTTP/1.1\r\nHost: \u00e4.test:PORT\r\n\r\n'],
  [
    'length and coding',
    'POST http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'two lengths',
    'POST http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n',
  ],
  [
    'a list of lengths',
    'POST http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nContent-Length: 0, 0\r\n\r\n',
  ],
  ['a signed length', 'POST http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nContent-Length: +0\r\n\r\n'],
  [
    'unknown coding',
    'POST http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'coding not last',
    'POST http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n',
  ],
  [
    'two codings',
    'POST http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'coding in HTTP/1.0',
    'POST http://a.test:PORT/ HTTP/1.0\r\nHost: a.test:PORT\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['folded header', 'GET http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nX: a\r\n b\r\n\r\n'],
  ['space before the colon', 'GET http://a.test:PORT/ HTTP/1.1\r\nHost : a.test:PORT\r\n\r\n'],
  ['bare line feeds', 'GET http://a.test:PORT/ HTTP/1.1\nHost: a.test:PORT\n\n'],
  ['carriage return in a value', 'GET http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nX: a\rb\r\n\r\n'],
  ['NUL in a value', 'GET http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nX: a\0b\r\n\r\n'],
  [
    'Connection names Content-Length',
    'POST http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nConnection: content-length\r\nContent-Length: 0\r\n\r\n',
  ],
  [
    'Connection names Host',
    'GET http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\nConnection: close, host\r\n\r\n',
  ],
  ['HTTP/0.9', 'GET http://a.test:PORT/\r\n\r\n'],
  ['HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['TLS on the plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['CONNECT without port', 'CONNECT a.test HTTP/1.1\r\nHost: a.test\r\n\r\n'],
  ['CONNECT with a URL', 'CONNECT http://a.test:PORT/ HTTP/1.1\r\nHost: a.test:PORT\r\n\r\n'],
  ['CONNECT with another Host', 'CONNECT a.test:PORT HTTP/1.1\r\nHost: b.test:PORT\r\n\r\n'],
  [
    'CONNECT with a body',
    'CONNECT a.test:PORT HTTP/1.1\r\nHost: a.test:PORT\r\nContent-Length: 3\r\n\r\nabc',
  ],
  ['CONNECT with a user name', 'CONNECT u@a.test:PORT HTTP/1.1\r\nHost: a.test:PORT\r\n\r\n'],
])('%s is 400, and nothing goes out', async (_, bytes) => {
  const text = await send(bytes.replaceAll('PORT', String(port)))
  expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  expect(text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
  expect(text).not.toContain('reached')
  expect(requests).toBe(0)
})

test('a head that is too long is 431, however it is too long', async () => {
  const head = `GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n`
  expect(await send(`${head}X: ${'y'.repeat(40_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  expect(await send(`${head}${'a:b\r\n'.repeat(8000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  expect(requests).toBe(0)
})

test('a second Host header behind two thousand others is seen', async () => {
  const head = `GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n`
  expect(await send(`${head}${'a:b\r\n'.repeat(2100)}Host: b.test\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /)
})

test('a request that has been here before goes no further', async () => {
  let via = ''
  const other = await lab.serve(
    createServer((req, res) => {
      via = String(req.headers.via)
      res.end()
    }),
  )
  const get = (more: string): string =>
    `GET http://a.test:${other}/ HTTP/1.1\r\nHost: a.test:${other}\r\n${more}Connection: close\r\n\r\n`
  expect(await send(get(''))).toContain('200 OK')
  expect(await send(get(`Via: ${via}\r\n`))).toMatch(/^HTTP\/1\.1 400 [^]*been through this proxy/)
})

test('who is slow with a head is cut off, on a fresh connection and on a kept one', async () => {
  const clock = new FakeClock()
  const slow = await makeLab({ domains: { 'a.test': 'allow' }, clock })
  try {
    const at = await slow.serve(createServer((_req, res) => res.end('reached')))
    const get = `GET http://a.test:${at}/ HTTP/1.1\r\nHost: a.test:${at}\r\n`
    const [fresh, kept] = [slow.connect('http'), slow.connect('http')]
    kept.write(`${get}\r\n`)
    await readUntil(kept, 'reached')
    fresh.write(get)
    kept.write(get)
    const [one, two] = [readAll(fresh), readAll(kept)]
    const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))
    for (let i = 0; i < 4; i++) {
      await turn()
      clock.advance(15_000)
    }
    expect(await one).toBe('')
    expect(await two).toBe('')
  } finally {
    await slow.close()
  }
})
