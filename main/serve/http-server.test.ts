import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { createFakeHost } from '../testing/fake-host.ts'
import { type ServeServer, startServer } from './http-server.ts'

const token = 'T'.repeat(43)
let dir: string
let server: ServeServer
const fake = createFakeHost()

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gatehouse-serve-'))
  await writeFile(path.join(dir, 'index.html'), '<!doctype html><title>page</title>')
  server = await startServer(fake.host, { renderer: dir, port: 0, token })
})
afterAll(async () => {
  await server.close()
  await rm(dir, { recursive: true })
})

type Ask = { readonly path?: string; readonly method?: string; readonly headers?: Record<string, string> }
const ask = ({ path: target = '/', method = 'GET', headers = {} }: Ask) =>
  new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const { hostname, port } = new URL(server.origin)
    const sent = request({ hostname, port, path: target, method, headers }, (response) => {
      let text = ''
      response.on('data', (d: Buffer) => (text += d.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    sent.on('error', reject)
    sent.end()
  })

const connect = (protocols: string[], headers: Record<string, string>, target = '/rpc') =>
  new Promise<'open' | 'refused'>((resolve) => {
    const socket = new WebSocket(`${server.origin.replace('http', 'ws')}${target}`, protocols, { headers })
    socket.once('open', () => {
      socket.terminate()
      resolve('open')
    })
    socket.once('error', () => resolve('refused'))
  })
const own = ['gatehouse.v1', `token.${token}`, 'client.test']

test('the page comes with its policy, and the token stands only in the fragment', async () => {
  const page = await ask({})
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining('<title>page') as unknown })
  expect(page.headers['content-security-policy']).toContain("default-src 'none'")
  expect(page.headers['set-cookie']).toBeUndefined()
  expect(server.url).toBe(`${server.origin}/#t=${token}`)
})

test.each([
  ['a name that was made to point here', { headers: { host: 'evil.example' } }, 421],
  ['another port in Host', { headers: { host: '127.0.0.1:1' } }, 421],
  ['a path that climbs out', { path: '/..%2f..%2fetc/passwd' }, 400],
  ['a file that is not there', { path: '/nope.js' }, 404],
  ['another method', { method: 'POST' }, 405],
])('%s is refused', async (_title, what, status) => {
  expect((await ask(what)).status).toBe(status)
})

test('our own page may connect', async () => {
  expect(await connect(own, { origin: server.origin })).toBe('open')
})

// prettier-ignore
test.each<[string, string[], Record<string, string>, string?]>([
  ['no token', ['gatehouse.v1'], {}],
  ['a wrong token', ['gatehouse.v1', `token.${'x'.repeat(43)}`], {}],
  ['a part of the token', ['gatehouse.v1', `token.${token.slice(1)}`], {}],
  ['an empty token', ['gatehouse.v1', 'token.'], {}],
  ['another protocol', ['other', `token.${token}`], {}],
  ['a page of another site', own, { origin: 'https://evil.example' }],
  ['a page of another port', own, { origin: 'http://127.0.0.1:1' }],
  ['a file page', own, { origin: 'null' }],
  ['another Host', own, { host: 'evil.example' }],
  ['another path', own, {}, '/other'],
])('%s cannot connect', async (_title, protocols, headers, target) => {
  expect(await connect(protocols, { origin: server.origin, ...headers }, target)).toBe('refused')
})

test('without an Origin nobody connects', async () => {
  expect(await connect(own, {})).toBe('refused')
})
