import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FlowVia } from '../../protocol/network.ts'
import { forwardRequest, type Way } from './forward-request.ts'
import { forwardUpgrade } from './forward-upgrade.ts'
import { type HeaderLimit, limitHeaders } from './header-limit.ts'
import { openPassage, type PassageDeps } from './passage.ts'
import { type RequestHead, readTarget, valuesOf } from './read-request.ts'
import { connectRefusal, httpRefusal, plainAnswer, type RefusalAnswer } from './refusal.ts'
import { createRoute, type Route } from './route.ts'
import type { Run } from './run.ts'
import { join } from './tunnel.ts'
import { answer, answerRaw } from './write-answer.ts'

const longestHead = 32 * 1024

/** One connection of a program to us. */
type Line = {
  readonly run: Run
  readonly relayFlow: number
  readonly limit: HeaderLimit
  /** Requests are taken one after the other, also when they were sent together. */
  turn: Promise<void>
  /** Where the last request went; the next one goes the same way when it is for the same server. */
  route: Route | null
}

export type HttpProxy = { take(client: Socket, run: Run, relayFlow: number): void }

/**
 * The proxy for programs that speak HTTP to it: plain requests, CONNECT and WebSocket handshakes.
 *
 * @param name ours in Via headers; a request that carries it has been here before
 */
export function createHttpProxy(name: string, deps: PassageDeps): HttpProxy {
  const lines = new WeakMap<Duplex, Line>()
  const via = `1.1 ${name}`
  const server = createServer({
    maxHeaderSize: longestHead,
    insecureHTTPParser: false,
    // A missing one is our own 400, and time is kept by HeaderLimit.
    requireHostHeader: false,
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: 0,
    shouldUpgradeCallback: (req) => req.headers.upgrade?.toLowerCase() === 'websocket',
  })
  // Otherwise headers beyond the 2000th would be dropped in silence.
  server.maxHeadersCount = 0
  // A program that has sent its request and closes that direction still gets its answer.
  Object.assign(server, { httpAllowHalfOpen: true })

  const lineOf = (socket: Duplex): Line => {
    const line = lines.get(socket)
    if (line === undefined) throw new Error('A connection that was not taken in has sent a request.')
    return line
  }

  /** Reads the target and opens the way to it; null when the program has been answered. */
  async function open(
    req: IncomingMessage,
    via: FlowVia,
    parsed: boolean,
    say: (text: RefusalAnswer) => void,
  ): Promise<Way | null> {
    const line = lineOf(req.socket)
    const head = headOf(req)
    const read = readTarget(head)
    if (!read.ok) {
      say(plainAnswer(400, read.message))
      return null
    }
    if (valuesOf(req.rawHeaders, 'via').some((value) => value.includes(name))) {
      say(plainAnswer(400, 'This request has been through this proxy before.'))
      return null
    }
    const { target } = read
    const { method } = head
    const request = via === 'http' ? { method, path: target.path } : null
    const last = line.route
    if (parsed && last !== null && last.goesTo(target) && last.passage.objection(method) === null) {
      if (request) last.passage.flow.saw(request)
      return { route: last, target, reused: true }
    }
    last?.close()
    line.route = null
    const destination = {
      host: target.host,
      port: target.port,
      protocol: via === 'http' ? ('http' as const) : ('https' as const),
    }
    const { run, relayFlow } = line
    const outcome = await openPassage(
      { run, relayFlow, destination, via, request, client: req.socket, parsed },
      deps,
    )
    if (outcome.kind === 'open') return { route: createRoute(outcome), target, reused: false }
    if (outcome.kind === 'withdrawn') req.socket.destroy()
    else if (outcome.kind === 'failed') say(plainAnswer(502, `upstream failure: ${outcome.message}`))
    else say(via === 'http' ? httpRefusal(outcome, destination) : connectRefusal(outcome))
    return null
  }

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const line = lineOf(req.socket)
    const say = (text: RefusalAnswer): void => answer(res, text, text.status === 400 || !req.complete)
    for (;;) {
      const way = await open(req, 'http', true, say)
      if (way === null) return
      line.route = way.route
      // The server may have closed a kept connection just now; then the way is opened once more.
      if ((await forwardRequest(req, res, way, via)) === 'done') return
      way.route.close()
    }
  }

  async function handleConnect(req: IncomingMessage, client: Socket): Promise<void> {
    const way = await open(req, 'connect', false, (text) => answerRaw(client, text))
    if (way === null) return
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    join(client, way.route.passage.socket)
  }

  async function handleUpgrade(req: IncomingMessage, client: Socket): Promise<void> {
    const way = await open(req, 'http', false, (text) => answerRaw(client, text))
    if (way !== null) forwardUpgrade(req, client, way, via)
  }

  /** In turn, and an end of the line when something in here was not foreseen. */
  function inTurn(line: Line, client: Duplex, work: () => Promise<void>): void {
    line.turn = line.turn.then(work).catch(() => void client.destroy())
  }

  const onRequest = (req: IncomingMessage, res: ServerResponse): void => {
    const line = lineOf(req.socket)
    line.limit.arrived()
    res.once('close', () => line.limit.answered())
    inTurn(line, req.socket, () => handle(req, res))
  }
  const onDetached =
    (handler: (req: IncomingMessage, client: Socket) => Promise<void>) =>
    (req: IncomingMessage, client: Duplex, head: Buffer): void => {
      const line = lineOf(client)
      line.limit.arrived()
      client.on('error', () => {})
      client.pause()
      if (head.length > 0) client.unshift(head)
      inTurn(line, client, () => handler(req, req.socket))
    }
  server.on('request', onRequest)
  server.on('checkContinue', onRequest)
  server.on('connect', onDetached(handleConnect))
  server.on('upgrade', onDetached(handleUpgrade))
  server.on('clientError', (error: NodeJS.ErrnoException, client) => {
    // A request before it is still being answered, or was: a second answer would be taken for the wrong one's.
    const before = lines.get(client)?.limit.busy === true || (client as Socket).bytesWritten > 0
    if (before) setImmediate(() => (client as Socket).destroySoon())
    else if (error.code === 'HPE_HEADER_OVERFLOW')
      answerRaw(client as Socket, plainAnswer(431, `A request head may have ${longestHead / 1024} KiB.`))
    else if (error.code?.startsWith('HPE_'))
      answerRaw(client as Socket, plainAnswer(400, 'This is not a well-formed HTTP request.'))
    else client.destroy()
  })

  return {
    take(client, run, relayFlow) {
      const line: Line = {
        run,
        relayFlow,
        limit: limitHeaders(client, deps.clock),
        turn: Promise.resolve(),
        route: null,
      }
      lines.set(client, line)
      client.once('close', () => line.route?.close())
      server.emit('connection', client)
      client.resume()
    },
  }
}

function headOf({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): RequestHead {
  return { method, url, httpVersion, rawHeaders }
}
