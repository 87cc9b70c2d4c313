import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { type Clock, systemClock } from '../platform/clock.ts'
import { mustAsk } from './decide.ts'
import { type Connect, connectTo } from './dial.ts'
import { takeDirect } from './direct.ts'
import type { Gate, RunEnds } from './gate.ts'
import { createHttpProxy } from './http-proxy.ts'
import { listen } from './listen.ts'
import type { PassageDeps } from './passage.ts'
import { type Preamble, takePreamble } from './preamble.ts'
import { createQuestions } from './questions.ts'
import { boundedResolve, type Resolve, systemResolve } from './resolve-host.ts'
import { createRun, type Run } from './run.ts'
import { takeSocks } from './socks-proxy.ts'
import { type FindUpstream, readUpstream } from './upstream-proxy.ts'

export type SessionProxyOptions = {
  readonly gate: Gate
  readonly clock?: Clock
  readonly resolve?: Resolve
  readonly connect?: Connect
  /** Which other proxy a destination needs; by default as this process's environment says. */
  readonly findUpstream?: FindUpstream
  /** Ports on which this program itself listens. */
  readonly ownPorts?: () => readonly number[]
}

export type SessionProxy = {
  /** Where the relay connects to. An abstract name begins with a NUL. */
  readonly path: string
  /** `token`: what the relay of this run says on each connection. `remove` closes all it has open. */
  addRun(run: RunEnds): { readonly token: string; remove(): void }
  /** The rules have changed: closes what they no longer allow, and judges anew what waits. */
  recheck(): void
  /** Closes everything, and resolves when nothing is left. */
  close(): Promise<void>
}

/** Connections that have not said yet whose they are. */
const strangersAtOnce = 1024
const tickMs = 250

/**
 * The only way out of the sandboxes of one session. Listens where only relays outside of them can reach it, believes
 * a connection that names the token of a run, and decides about every destination before a byte goes there.
 *
 * @throws when it cannot listen
 */
export async function createSessionProxy(options: SessionProxyOptions): Promise<SessionProxy> {
  const { gate, clock = systemClock } = options
  const runs = new Map<string, Run>()
  const strangers = new Set<Socket>()
  const questions = createQuestions((question, signal) => gate.ask(question, signal))
  let ids = 0
  const deps: PassageDeps = {
    gate,
    clock,
    questions,
    settings: () => gate.settings(),
    resolve: boundedResolve(options.resolve ?? systemResolve, clock),
    connect: options.connect ?? connectTo,
    findUpstream: options.findUpstream ?? readUpstream(process.env),
    ownPorts: options.ownPorts ?? (() => []),
    nextId: () => `flow-${++ids}`,
  }
  const http = createHttpProxy(`gatehouse-${randomBytes(6).toString('hex')}`, deps)

  function welcome(client: Socket, preamble: Preamble): void {
    const run = runs.get(digest(preamble.token))
    if (!run?.admit(client)) return void client.destroy()
    const cutOff = (): void => void client.destroy()
    if (preamble.kind === 'http') http.take(client, run, preamble.flow)
    else if (preamble.kind === 'socks') takeSocks(client, run, preamble.flow, deps).catch(cutOff)
    else takeDirect(client, run, preamble.flow, preamble, deps).catch(cutOff)
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (strangers.size >= strangersAtOnce) return void client.destroy()
    strangers.add(client)
    const known = (): void => {
      strangers.delete(client)
      client.off('error', ignore).off('close', known)
    }
    client.on('error', ignore).once('close', known)
    takePreamble(client, clock, (preamble) => {
      known()
      welcome(client, preamble)
    })
  })
  const listening = await listen(server)

  let stopTicking = (): void => {}
  const tick = (): void => {
    for (const run of runs.values()) for (const { flow } of run.passages) flow.tick()
    stopTicking = clock.after(tickMs, tick)
  }
  tick()

  return {
    path: listening.path,
    addRun(ends) {
      const token = randomBytes(24).toString('base64url')
      const run = createRun(ends)
      runs.set(digest(token), run)
      return {
        token,
        remove() {
          runs.delete(digest(token))
          run.remove()
        },
      }
    },
    recheck() {
      const settings = gate.settings()
      questions.recheck((question) => mustAsk(question, settings))
      for (const run of runs.values())
        for (const { socket, flow, objection } of run.passages) {
          const no = objection(flow.now().request?.method ?? null)
          if (no === null) continue
          flow.end('closed', no.message)
          socket.destroy()
        }
    },
    async close() {
      stopTicking()
      for (const run of runs.values()) run.remove()
      runs.clear()
      for (const stranger of strangers) stranger.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await listening.remove()
    },
  }
}

const ignore = (): void => {}

/** Found by what it hashes to: how long a look-up takes then tells nothing about the token. */
const digest = (token: string): string => createHash('sha256').update(token).digest('base64')
