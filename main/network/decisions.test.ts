import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import {
  echoServer,
  type Lab,
  makeLab,
  publicAddress,
  readAll,
  readUntil,
  settingsOf,
  until,
} from './testing/lab.ts'

let lab: Lab
afterEach(() => lab.close())

const get = (host: string): string =>
  `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
const ask = (text: string): Socket => {
  const client = lab.connect('http')
  client.write(text)
  return client
}
const page = () => createServer((_req, res) => res.end('reached'))
const yes = { allow: true, why: 'Allowed once.' } as const

test('fifty who want the same wait for one answer, and nothing is looked up before it', async () => {
  let lookups = 0
  lab = await makeLab({
    resolve: async () => {
      lookups++
      return [publicAddress]
    },
  })
  const port = await lab.serve(page())
  const answers = Array.from({ length: 50 }, () => readAll(ask(get(`new.test:${port}`))))
  await until(() => lab.last().filter((flow) => flow.state === 'held').length === 50)
  expect(lab.questions).toHaveLength(1)
  expect(lab.questions[0]?.question).toMatchObject({
    host: 'new.test',
    port,
    protocol: 'http',
    reason: 'not_allowed',
  })
  expect([lookups, lab.dialled.length]).toEqual([0, 0])
  lab.questions[0]?.answer(yes)
  for (const answer of await Promise.all(answers)) expect(answer).toContain('reached')
  expect(lab.questions).toHaveLength(1)
  // The yes was for those who waited.
  ask(get(`new.test:${port}`))
  await until(() => lab.questions.length === 2)
})

test('a no reaches the program with the words of the person', async () => {
  lab = await makeLab()
  const [plain, tunnel] = [
    ask(get('new.test')),
    ask('CONNECT new.test:443 HTTP/1.1\r\nHost: new.test:443\r\n\r\n'),
  ]
  const answers = [readAll(plain), readAll(tunnel)]
  await until(() => lab.questions.length === 2)
  for (const { answer } of lab.questions)
    answer({ allow: false, message: 'Declined.', word: 'Use the mirror.' })
  const [first = '', second = ''] = await Promise.all(answers)
  expect(JSON.parse(first.split('\r\n\r\n')[1] ?? '')).toMatchObject({
    status: 'blocked',
    host: 'new.test',
    reason: 'person',
    decision: 'deny',
    message: 'Declined.',
    word: 'Use the mirror.',
  })
  expect(second).toMatch(
    /^HTTP\/1\.1 403 Forbidden[^]*text\/plain[^]*\r\n\r\nDeclined\.\nUse the mirror\.\n$/,
  )
  expect(lab.dialled).toEqual([])
})

test.each(['http', 'connect', 'socks', 'direct'])(
  'a %s program that goes withdraws its wait',
  async (kind) => {
    lab = await makeLab()
    const client =
      kind === 'http' || kind === 'connect'
        ? lab.connect('http')
        : lab.connect(kind === 'socks' ? 'socks' : { host: 'new.test', port: 80 })
    if (kind === 'http') client.write(get('new.test'))
    if (kind === 'connect') client.write('CONNECT new.test:80 HTTP/1.1\r\nHost: new.test:80\r\n\r\nearly')
    if (kind === 'direct') client.write('early')
    if (kind === 'socks')
      client.write(Buffer.from('\x05\x01\x00\x05\x01\x00\x03\x08new.test\x00\x50', 'latin1'))
    await until(() => lab.questions.length === 1)
    client.end()
    await until(() => lab.questions[0]?.signal.aborted === true)
    lab.questions[0]?.answer(yes)
    await until(() => lab.last()[0]?.state === 'withdrawn')
    expect(lab.dialled).toEqual([])
  },
)

test.each([
  ['a private address', ['10.0.0.1']],
  ['a metadata service', ['169.254.169.254']],
  ['a public and a private address', [publicAddress, '192.168.1.1']],
  ['IPv4 wrapped in IPv6', ['::ffff:127.0.0.1']],
  ['something that is no address', ['example']],
  ['nothing', []],
])('a yes does not open a name that leads to %s', async (_, addresses) => {
  lab = await makeLab({ resolve: async () => addresses })
  const answer = readAll(ask(get('new.test')))
  await until(() => lab.questions.length === 1)
  lab.questions[0]?.answer(yes)
  expect(await answer).toContain('403 Forbidden')
  expect(lab.dialled).toEqual([])
  expect(lab.last()[0]?.state).toBe('refused')
})

test('a name that leads elsewhere the second time is judged by what is dialled', async () => {
  const answers = [[publicAddress], ['127.0.0.1']]
  lab = await makeLab({ domains: { 'a.test': 'allow' }, resolve: async () => answers.shift() ?? [] })
  const port = await lab.serve(page())
  expect(await readAll(ask(get(`a.test:${port}`)))).toContain('reached')
  expect(lab.dialled).toEqual([`${publicAddress} ${port}`])
  expect(await readAll(ask(get(`a.test:${port}`)))).toContain('not_allowed_local')
  expect(lab.dialled).toHaveLength(1)
})

test('a deny rule that came while it was asked is stronger than the yes', async () => {
  lab = await makeLab()
  const answer = readAll(ask(get('new.test')))
  await until(() => lab.questions.length === 1)
  lab.settings = settingsOf({ 'new.test': 'deny' })
  lab.questions[0]?.answer(yes)
  expect(await answer).toContain('blocked-by-denylist')
  expect(lab.dialled).toEqual([])
})

test('an allow rule that comes while it is asked releases those who wait', async () => {
  lab = await makeLab()
  const port = await lab.serve(page())
  const answer = readAll(ask(get(`new.test:${port}`)))
  await until(() => lab.questions.length === 1)
  lab.settings = settingsOf({ 'new.test': 'allow' })
  lab.proxy.recheck()
  expect(await answer).toContain('reached')
  expect(lab.questions[0]?.signal.aborted).toBe(true)
})

test('rules that no longer allow a connection close it', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  const port = await lab.serve(echoServer())
  const client = ask(`CONNECT a.test:${port} HTTP/1.1\r\nHost: a.test:${port}\r\n\r\n`)
  await readUntil(client, '\r\n\r\n')
  lab.proxy.recheck()
  client.write('still')
  await readUntil(client, 'still')
  const rest = readAll(client)
  lab.settings = settingsOf({})
  lab.proxy.recheck()
  expect(await rest).toBe('')
  expect(lab.last()[0]?.state).toBe('closed')
})

test('our own listeners are never dialled, also where the rules would allow it', async () => {
  let port = 0
  lab = await makeLab({ domains: { localhost: 'allow', '127.0.0.1': 'allow' }, ownPorts: () => [port] })
  port = await lab.serve(page())
  for (const host of ['localhost', '127.0.0.1'])
    expect(await readAll(ask(get(`${host}:${port}`)))).toContain('leads to Gatehouse itself')
  expect(lab.dialled).toEqual([])
})

test.each([
  ['another token', (line: string) => line.replace(/"token":"[^"]+"/, '"token":"x"')],
  ['no JSON', () => 'GET / HTTP/1.1'],
  ['a field too many', (line: string) => line.replace('{', '{"more":1,')],
  ['too long', (line: string) => `${' '.repeat(1100)}${line}`],
])('a first line with %s is closed without a word', async (_, spoil) => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  const { token } = lab.proxy.addRun({ run: 'run-2', who: async () => null })
  const { connect } = await import('node:net')
  const line = JSON.stringify({ token, flow: 1, kind: 'http' })
  const client = connect({ path: lab.proxy.path })
  client.on('error', () => {})
  client.write(`${spoil(line)}\n${get('a.test')}`)
  expect(await readAll(client)).toBe('')
  expect(lab.flows).toEqual([])
})

test('SOCKS5: names, both kinds of addresses, and a code for each way to fail', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow', 'b.test': 'deny' } })
  const port = await lab.serve(echoServer())
  const at = String.fromCharCode(port >> 8, port & 255)
  const send = async (request: string): Promise<Socket> => {
    const client = lab.connect('socks')
    client.write(Buffer.from('\x05\x02\x00\x01', 'latin1'))
    await readUntil(client, '\x05\x00')
    client.write(Buffer.from(request, 'latin1'))
    return client
  }
  const code = async (request: string): Promise<number> => (await readAll(await send(request))).charCodeAt(1)
  const client = await send(`\x05\x01\x00\x03\x06a.test${at}early`)
  expect(await readUntil(client, 'early')).toContain('\x05\x00')
  expect(await code(`\x05\x01\x00\x03\x06b.test${at}`)).toBe(2)
  expect(await code(`\x05\x01\x00\x01\x7f\x00\x00\x01${at}`)).toBe(2)
  expect(await code(`\x05\x01\x00\x04${'\x00'.repeat(15)}\x01${at}`)).toBe(2)
  expect(await code('\x05\x01\x00\x03\x06a.test\x00\x01')).toBe(5)
  expect(await code(`\x05\x03\x00\x03\x06a.test${at}`)).toBe(7)
  expect(await code(`\x05\x01\x00\x03\x06a:test${at}`)).toBe(8)
  expect(lab.dialled).toHaveLength(2)
})

test('a reader that is slow holds the server back, whatever it has to say', async () => {
  lab = await makeLab({ domains: { 'a.test': 'allow' } })
  const size = 100 * 1024 * 1024
  let written = 0
  const { createServer: createNet } = await import('node:net')
  const port = await lab.serve(
    createNet((socket) => {
      const chunk = Buffer.alloc(1024 * 1024)
      const more = (): void => {
        while (written < size) {
          written += chunk.length
          if (!socket.write(chunk)) return void socket.once('drain', more)
        }
        socket.end()
      }
      more()
    }),
  )
  const client = ask(`CONNECT a.test:${port} HTTP/1.1\r\nHost: a.test:${port}\r\n\r\n`)
  await readUntil(client, '\r\n\r\n')
  client.pause()
  // Until nothing moves any more: what is in flight then is what buffers hold.
  for (let before = -1; before !== written; ) {
    before = written
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(written).toBeLessThan(20 * 1024 * 1024)
  let got = 0
  client.on('data', (chunk: Buffer) => (got += chunk.length)).resume()
  await new Promise((resolve) => client.once('end', resolve))
  expect(got).toBeGreaterThan(size - 1024 * 1024)
})
