import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { NetworkFlow } from '../../../protocol/network.ts'
import type { Clock } from '../../platform/clock.ts'
import { networkSettings } from '../../policy/network/network-settings.ts'
import { connectTo } from '../dial.ts'
import type { HostAnswer, HostQuestion, ProxySettings } from '../gate.ts'
import type { Resolve } from '../resolve-host.ts'
import { createSessionProxy, type SessionProxy } from '../session-proxy.ts'
import type { FindUpstream } from '../upstream-proxy.ts'

/** A public address that stands for this machine in tests. */
export const publicAddress = '93.184.216.34'

export type Question = {
  readonly question: HostQuestion
  readonly signal: AbortSignal
  answer(answer: HostAnswer): void
}

export type Lab = {
  readonly proxy: SessionProxy
  readonly flows: NetworkFlow[]
  readonly questions: Question[]
  /** Addresses that were dialled, with their ports. */
  readonly dialled: string[]
  settings: ProxySettings
  /** A connection as the relay makes it, its first line said. */
  connect(kind: 'http' | 'socks' | { host: string; port: number }, flow?: number): Socket
  /** The last report of every flow. */
  last(): readonly NetworkFlow[]
  /** Starts a server on loopback that is found at the public address, on its own port. */
  serve(server: Server): Promise<number>
  close(): Promise<void>
}

export type LabOptions = {
  readonly domains?: Record<string, 'allow' | 'deny'>
  readonly table?: Record<string, unknown>
  readonly resolve?: Resolve
  readonly clock?: Clock
  readonly findUpstream?: FindUpstream
  readonly ownPorts?: () => readonly number[]
}

export const settingsOf = (
  domains: Record<string, 'allow' | 'deny'>,
  table: Record<string, unknown> = {},
): ProxySettings => ({
  ...networkSettings([
    {
      source: { label: 'network', placeOf: () => null, managed: false },
      value: { enabled: true, domains, ...table },
    },
  ]),
  socks5: true,
  upstreamProxy: false,
})

/** A proxy with one run. Names resolve to a public address, and that address is dialled on loopback. */
export async function makeLab(options: LabOptions = {}): Promise<Lab> {
  const flows: NetworkFlow[] = []
  const questions: Question[] = []
  const dialled: string[] = []
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  const lab = { settings: settingsOf(options.domains ?? {}, options.table) }
  const proxy = await createSessionProxy({
    gate: {
      settings: () => lab.settings,
      ask: (question, signal) => new Promise((answer) => questions.push({ question, signal, answer })),
      onFlow: (flow) => flows.push(flow),
    },
    resolve: options.resolve ?? (async () => [publicAddress]),
    connect: (address, port) => {
      dialled.push(`${address} ${port}`)
      return connectTo(address === publicAddress ? '127.0.0.1' : address, port)
    },
    findUpstream: options.findUpstream ?? (() => 'none'),
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.ownPorts ? { ownPorts: options.ownPorts } : {}),
  })
  const { token } = proxy.addRun({
    run: 'run-1',
    who: async (flow) =>
      flow === 0 ? null : { pid: flow, exe: '/bin/test', argv: ['test'], cwd: '/', chain: [] },
  })
  return Object.assign(lab, {
    proxy,
    flows,
    questions,
    dialled,
    connect(kind: 'http' | 'socks' | { host: string; port: number }, flow = 0) {
      const socket = connect({ path: proxy.path, allowHalfOpen: true })
      const line = typeof kind === 'string' ? { token, flow, kind } : { token, flow, kind: 'direct', ...kind }
      socket.write(`${JSON.stringify(line)}\n`)
      socket.on('error', () => {})
      sockets.add(socket)
      return socket
    },
    last: () => [...new Map(flows.map((flow) => [flow.id, flow])).values()],
    async serve(server: Server) {
      servers.push(server)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      server.on('connection', (socket: Socket) => {
        sockets.add(socket)
        socket.on('error', () => {})
      })
      const address = server.address()
      return typeof address === 'object' && address ? address.port : 0
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await proxy.close()
      for (const server of servers) server.close()
    },
  })
}

/** Everything a socket says until it ends or breaks off. */
export const readAll = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    const done = (): void => resolve(Buffer.concat(chunks).toString('latin1'))
    socket.once('end', done).once('close', done)
  })

/** Resolves once the text has come. */
export const readUntil = (socket: Socket, wanted: string | RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      if (typeof wanted === 'string' ? !text.includes(wanted) : !wanted.test(text)) return
      socket.off('data', onData)
      resolve(text)
    }
    socket.on('data', onData)
    socket.once('close', () => reject(new Error(`Closed after: ${text}`)))
  })

/** Looks again until it is so; the test's own limit is the only one. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A server that sends back what it gets, and ends when its client does. */
export const echoServer = (): Server =>
  createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
