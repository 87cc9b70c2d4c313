import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Lab, makeLab, readAll, readUntil, until } from './testing/lab.ts'

let lab: Lab
afterEach(() => lab.close())

const seen: IncomingMessage[] = []
const helloServer = () =>
  createServer((req, res) => {
    seen.push(req)
    req.resume().on('end', () => res.end(`hello ${req.url}`))
  })

test('a plain request is passed on, without what is for the proxy', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  const port = await lab.serve(helloServer())
  const client = lab.connect('http')
  client.write(
    `GET http://a.test:${port}/x?y=1 HTTP/1.1\r\nHost: a.test:${port}\r\nProxy-Authorization: Basic eA==\r\nProxy-Connection: keep-alive\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nX-End: 2\r\nAuthorization: Bearer t\r\n\r\n`,
  )
  const text = await readAll(client)
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(text).toContain('hello /x?y=1')
  const headers = seen.at(-1)?.headers ?? {}
  expect(headers).toMatchObject({ host: `a.test:${port}`, 'x-end': '2', authorization: 'Bearer t' })
  expect(Object.keys(headers).filter((name) => name.startsWith('proxy-') || name === 'x-hop')).toEqual([])
  expect(lab.dialled).toEqual([`93.184.216.34 ${port}`])
})

test('a kept connection carries requests to one server, and another host is another decision', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow', 'b.test': 'deny' } })
  const port = await lab.serve(helloServer())
  const client = lab.connect('http')
  for (const path of ['/1', '/2']) {
    client.write(`GET http://a.test:${port}${path} HTTP/1.1\r\nHost: a.test:${port}\r\n\r\n`)
    await readUntil(client, `hello ${path}`)
  }
  expect(lab.dialled).toHaveLength(1)
  client.write(`GET http://b.test:${port}/3 HTTP/1.1\r\nHost: b.test:${port}\r\n\r\n`)
  const refused = await readUntil(client, '\r\n\r\n{')
  expect(refused).toContain('HTTP/1.1 403 Forbidden')
  expect(refused).toContain('x-proxy-error: blocked-by-denylist')
  expect(lab.dialled).toHaveLength(1)
  expect(lab.last().map((flow) => [flow.host, flow.state])).toContainEqual(['b.test', 'refused'])
})

test('requests that were sent together are answered in their order', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  const port = await lab.serve(helloServer())
  const client = lab.connect('http')
  client.write(
    ['/1', '/2', '/3']
      .map((p) => `GET http://a.test:${port}${p} HTTP/1.1\r\nHost: a.test:${port}\r\n\r\n`)
      .join(''),
  )
  const text = await readUntil(client, 'hello /3')
  expect(text.match(/hello \/\d/g)).toEqual(['hello /1', 'hello /2', 'hello /3'])
})

test('a body that is sent in chunks arrives with its trailers, and so does the answer', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  let trailers: NodeJS.Dict<string> = {}
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (d: Buffer) => (body += d.toString()))
    req.on('end', () => {
      trailers = req.trailers
      res.writeHead(200, { trailer: 'x-sum' })
      res.write(body)
      res.addTrailers({ 'x-sum': '7' })
      res.end()
    })
  })
  const port = await lab.serve(server)
  const client = lab.connect('http')
  client.write(
    `POST http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\nTransfer-Encoding: chunked\r\nTrailer: x-end\r\n\r\n5\r\nhello\r\n0\r\nx-end: 1\r\n\r\n`,
  )
  const text = await readUntil(client, 'x-sum: 7')
  expect(text).toContain('hello')
  expect(trailers).toEqual({ 'x-end': '1' })
})

test('a program that waits for "continue" gets it from the server', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  const port = await lab.serve(helloServer())
  const client = lab.connect('http')
  client.write(
    `PUT http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n`,
  )
  await readUntil(client, 'HTTP/1.1 100 Continue\r\n\r\n')
  client.write('abc')
  await readUntil(client, 'hello /')
})

test('events come one by one while the server is still speaking', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  let say: (text: string) => void = () => {}
  const port = await lab.serve(
    createServer((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.flushHeaders()
      say = (text) => void res.write(text)
    }),
  )
  const client = lab.connect('http')
  client.write(`GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n\r\n`)
  await readUntil(client, 'text/event-stream')
  for (const event of ['data: 1', 'data: 2']) {
    const came = readUntil(client, event)
    say(`${event}\n\n`)
    await came
  }
})

test('a WebSocket handshake joins the two ends; a no is passed back', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  const server = helloServer()
  server.on('upgrade', (req, socket) => {
    if (req.url === '/no') return socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nnope')
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-A: 1\r\n\r\nfirst',
    )
    socket.pipe(socket)
  })
  const port = await lab.serve(server)
  const shake = (path: string): string =>
    `GET http://a.test:${port}${path} HTTP/1.1\r\nHost: a.test:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
  const client = lab.connect('http')
  client.write(shake('/'))
  expect(await readUntil(client, 'first')).toContain('X-A: 1')
  client.write('ping')
  await readUntil(client, 'ping')
  const refused = lab.connect('http')
  refused.write(shake('/no'))
  expect(await readAll(refused)).toMatch(/^HTTP\/1\.1 401 Unauthorized[^]*nope$/)
})

test('CONNECT joins the two ends, and an end on one side is only that', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  const port = await lab.serve(
    createNetServer({ allowHalfOpen: true }, (socket) => {
      let got = ''
      socket.on('data', (d) => (got += d.toString()))
      socket.on('end', () => socket.end(`got ${got}`))
    }),
  )
  const client = lab.connect('http')
  client.write(`CONNECT a.test:${port} HTTP/1.1\r\nHost: a.test:${port}\r\n\r\nearly `)
  await readUntil(client, '200 Connection established\r\n\r\n')
  client.end('late')
  expect(await readAll(client)).toBe('got early late')
  await until(() => lab.last()[0]?.state === 'closed')
  expect(lab.last()[0]).toMatchObject({ via: 'connect', bytesUp: 10, bytesDown: 14 })
})

test('a server that is not there is 502, and one that dies breaks off', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  const port = await lab.serve(
    createServer((req, res) => {
      res.writeHead(200, { 'content-length': 100 })
      res.write('half', () => req.socket.destroy())
    }),
  )
  const client = lab.connect('http')
  client.write(`GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n\r\n`)
  const text = await readAll(client)
  expect(text.endsWith('half')).toBe(true)
  const other = lab.connect('http')
  other.write('GET http://a.test:1/ HTTP/1.1\r\nHost: a.test:1\r\nConnection: close\r\n\r\n')
  expect(await readAll(other)).toMatch(/^HTTP\/1\.1 502 [^]*upstream failure/)
})

test('a server that closed a kept connection is asked once more', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  let count = 0
  const server = createNetServer((socket) => {
    socket.on('data', () => {
      count++
      // The first connection answers once and dies of the second request.
      if (count === 2) socket.destroy()
      else socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nn${count}`)
    })
  })
  const port = await lab.serve(server)
  const client = lab.connect('http')
  const get = `GET http://a.test:${port}/ HTTP/1.1\r\nHost: a.test:${port}\r\n\r\n`
  client.write(get)
  await readUntil(client, 'n1')
  client.write(get)
  await readUntil(client, 'n3')
  expect(lab.dialled).toHaveLength(2)
})

test('in limited mode only reading requests pass', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' }, table: { mode: 'limited' } })
  const port = await lab.serve(helloServer())
  const send = (head: string): Promise<string> => {
    const client = lab.connect('http')
    client.write(`${head} HTTP/1.1\r\nHost: a.test:${port}\r\nConnection: close\r\n\r\n`)
    return readAll(client)
  }
  expect(await send(`GET http://a.test:${port}/`)).toContain('200 OK')
  expect(await send(`get http://a.test:${port}/`)).toMatch(/ 400 /)
  expect(await send(`DELETE http://a.test:${port}/`)).toContain('blocked-by-method-policy')
  expect(await send(`CONNECT a.test:${port}`)).toContain('403 Forbidden')
})
