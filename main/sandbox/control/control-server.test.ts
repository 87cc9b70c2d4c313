import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakeClock } from '../../testing/fake-clock.ts'
import { ControlServer, type Greeting, idleMs } from './control-server.ts'
import { helloMs } from './run-control.ts'

let base = ''
let folder = ''
let clock: FakeClock
let server: ControlServer
const greeted: Greeting[] = []
const sockets: Socket[] = []

beforeEach(() => {
  base = mkdtempSync(`${tmpdir()}/gatehouse-control-test-`)
  folder = `${base}/control`
  clock = new FakeClock()
  server = new ControlServer(folder, clock, [])
})
afterEach(() => {
  for (const { stream } of greeted.splice(0)) stream.destroy()
  for (const socket of sockets.splice(0)) socket.destroy()
  rmSync(base, { recursive: true })
})

const expectOne = () => server.expect((greeting) => greeted.push(greeting))

function connect(path: string, text: string | null = null): { closed: Promise<void>; socket: Socket } {
  const socket = createConnection(path)
  sockets.push(socket)
  socket.on('error', () => {})
  socket.resume()
  if (text !== null) socket.write(text)
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve())) }
}

const helloWith = (token: string, more: object = {}) =>
  `${JSON.stringify({ type: 'hello', protocol: 1, pid: 7, token, ...more })}\n`

test('a launcher is known by its token, and may then speak', async () => {
  const expected = await expectOne()
  const { socket } = connect(expected.path, helloWith(expected.token))
  await expect.poll(() => greeted.length).toBe(1)
  expect(greeted[0]?.pid).toBe(7)
  const heard: string[] = []
  greeted[0]?.stream.on('data', (chunk: Buffer) => heard.push(chunk.toString('utf8')))
  clock.advance(helloMs)
  socket.write('more')
  await expect.poll(() => heard).toEqual(['more'])
})

test('the socket is private, one for all runs, and goes when it is idle or its process ends', async () => {
  const first = await expectOne()
  const second = await expectOne()
  expect(first.path).toBe(second.path)
  expect(first.token).not.toBe(second.token)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  first.cancel()
  second.cancel()
  second.cancel()
  clock.advance(idleMs - 1)
  const third = await expectOne()
  expect(third.path).toBe(first.path)
  clock.advance(idleMs)

  const module = new URL('control-server.ts', import.meta.url)
  const script = `const { ControlServer } = await import(${JSON.stringify(module)})
    const clock = { nowMs: () => 0, after: () => () => {} }
    const { path } = await new ControlServer(${JSON.stringify(folder)}, clock, []).expect(() => {})
    console.log(path)`
  const path = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  }).trim()
  expect(path).toMatch(/\/\d+-1\.sock$/)
  expect(readdirSync(folder)).toEqual([basename(first.path)])
  third.cancel()
  clock.advance(idleMs)
  await expect.poll(() => readdirSync(folder)).toEqual([])
  const fourth = await expectOne()
  expect(fourth.path).not.toBe(first.path)
  fourth.cancel()
})

test('a token is good once', async () => {
  const expected = await expectOne()
  const other = await expectOne()
  connect(expected.path, helloWith(expected.token))
  await expect.poll(() => greeted.length).toBe(1)
  await connect(other.path, helloWith(expected.token)).closed
  expect(greeted).toHaveLength(1)
  other.cancel()
})

test('a token of a run that is over is none', async () => {
  const expected = await expectOne()
  const other = await expectOne()
  expected.cancel()
  await connect(other.path, helloWith(expected.token)).closed
  expect(greeted).toEqual([])
  other.cancel()
})

test.each([
  ['a wrong token', () => helloWith('0'.repeat(64))],
  ['no token', () => helloWith('')],
  ['the name of something every object has', () => helloWith('constructor')],
  ['no JSON', () => 'hello\n'],
  ['a line that does not end', () => 'x'.repeat(70_000)],
  ['no UTF-8', () => Buffer.from([0xff, 0x0a]).toString('latin1')],
  ['another message', () => '{"type":"withdrawn","id":1}\n'],
  ['more than was asked for', (token: string) => `${helloWith(token)}${helloWith(token)}`],
])('a stranger is closed: %s', async (_, text) => {
  const expected = await expectOne()
  await connect(expected.path, text(expected.token)).closed
  expect(greeted).toEqual([])
  expected.cancel()
})

test('who says nothing for long is closed', async () => {
  const expected = await expectOne()
  const { socket, closed } = connect(expected.path, '{')
  await new Promise((resolve) => socket.once('connect', resolve))
  // The server has taken it once a second connection is answered.
  await connect(expected.path, 'x\n').closed
  clock.advance(helloMs)
  await closed
  expect(greeted).toEqual([])
  expected.cancel()
})

test('a crowd of strangers is closed at once, and does not keep a launcher out for ever', async () => {
  const expected = await expectOne()
  const crowd = Array.from({ length: 64 }, () => connect(expected.path))
  await Promise.all(crowd.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))))
  await connect(expected.path, helloWith(expected.token)).closed
  expect(greeted).toEqual([])
  clock.advance(helloMs)
  await Promise.all(crowd.map(({ closed }) => closed))
  connect(expected.path, helloWith(expected.token))
  await expect.poll(() => greeted.length).toBe(1)
})

test('a folder with a name too long for a socket is replaced by another private one', async () => {
  server = new ControlServer(`${base}/${'x'.repeat(120)}`, clock, [])
  const expected = await expectOne()
  expect(Buffer.byteLength(expected.path)).toBeLessThanOrEqual(107)
  expect(statSync(dirname(expected.path)).mode & 0o777).toBe(0o700)
  expected.cancel()
})

test('a folder that every sandbox hides comes first, where there is one', async () => {
  const hidden = `${base}/run`
  const absent = new ControlServer(folder, clock, [`${hidden}/control`])
  expect(dirname((await absent.expect(() => {})).path)).toBe(folder)
  mkdirSync(hidden)
  const there = new ControlServer(folder, clock, [`${hidden}/control`])
  expect(dirname((await there.expect(() => {})).path)).toBe(`${hidden}/control`)
})

test('a folder that others may enter is closed to them, and dead sockets in it go', async () => {
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  writeFileSync(`${folder}/4194303-1.sock`, '')
  writeFileSync(`${folder}/notes`, '')
  const expected = await expectOne()
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(readdirSync(folder)).not.toContain('4194303-1.sock')
  expect(readdirSync(folder)).toContain('notes')
  expected.cancel()
})
