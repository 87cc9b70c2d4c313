import type { Socket } from 'node:net'
import type { FlowVia, NetworkFlow } from '../../protocol/network.ts'
import type { Clock } from '../platform/clock.ts'
import { type Allowed, type Deciding, decide, objection } from './decide.ts'
import { type Connect, type Dialled, dial } from './dial.ts'
import { createFlow, type Flow } from './flow.ts'
import type { Destination, Gate } from './gate.ts'
import { watchGiveUp } from './give-up.ts'
import { type Refusal, refusal } from './refusal.ts'
import { connectionLimits, type Run } from './run.ts'
import { type FindUpstream, openTunnel, type UpstreamProxy } from './upstream-proxy.ts'

export type PassageRequest = {
  readonly run: Run
  /** The relay's number of the connection. */
  readonly relayFlow: number
  readonly destination: Destination
  readonly via: FlowVia
  readonly request: NetworkFlow['request']
  readonly client: Socket
  /** The parser of the HTTP server reads the client; otherwise nobody does until it is joined. */
  readonly parsed: boolean
}

/** A connection that was decided about and made. Whoever gets it joins the two ends. */
export type Passage = {
  readonly kind: 'open'
  /** Paused. When it closes the flow has ended. */
  readonly socket: Socket
  readonly flow: Flow
  readonly destination: Destination
  /** Set for plain HTTP that goes to another proxy: the target is then written in full. */
  readonly upstream: UpstreamProxy | null
  /** Why it may not go on, by the rules of this moment, with this method. */
  objection(method: string | null): Refusal | null
}

export type PassageOutcome =
  | Passage
  | Refusal
  | { readonly kind: 'failed'; readonly message: string; readonly refusedByPeer: boolean }
  | { readonly kind: 'withdrawn' }

export type PassageDeps = Deciding & {
  readonly gate: Gate
  readonly clock: Clock
  readonly connect: Connect
  readonly findUpstream: FindUpstream
  nextId(): string
}

/** Takes one connection from its destination to an open socket, and reports each step. Never throws. */
export async function openPassage(asked: PassageRequest, deps: PassageDeps): Promise<PassageOutcome> {
  const { run, destination, via, request, client } = asked
  const { host, port } = destination
  const flow = createFlow(
    { id: deps.nextId(), host, port, via, request },
    () => deps.clock.nowMs(),
    (now) => deps.gate.onFlow(now, run.name),
  )
  run.lookForProcess(asked.relayFlow, (process) => flow.foundProcess(process))
  const giveUp = watchGiveUp(client, !asked.parsed)
  const refuse = (why: Refusal): Refusal => {
    flow.end('refused', why.message)
    return why
  }
  try {
    if (run.passages.size >= connectionLimits.open)
      return refuse(refusal('limit', `This command has ${connectionLimits.open} connections open already.`))
    const method = request?.method ?? null
    const decided = await decide(
      destination,
      {
        via,
        method,
        run: run.name,
        flow: flow.id,
        signal: giveUp.signal,
        onHeld(message) {
          if (run.waiting >= connectionLimits.waiting)
            return `${connectionLimits.waiting} connections of this command wait for an answer already.`
          run.waiting++
          giveUp.watchEnd()
          flow.held(message)
          return null
        },
        onAnswered: () => void run.waiting--,
      },
      deps,
    )
    if (decided.kind === 'refused') return refuse(decided)
    if (decided.kind === 'withdrawn' || run.removed) {
      flow.end('withdrawn', 'The program no longer waits.')
      return { kind: 'withdrawn' }
    }
    const reached = await reach(destination, decided, giveUp.signal, deps)
    return keep(asked, flow, decided, reached, deps)
  } catch (error) {
    if (giveUp.signal.aborted) {
      flow.end('withdrawn', 'The program no longer waits.')
      return { kind: 'withdrawn' }
    }
    const message = `${host} could not be reached: ${error instanceof Error ? error.message : String(error)}`
    flow.end('failed', message)
    return { kind: 'failed', message, refusedByPeer: isCode(error, 'ECONNREFUSED') }
  } finally {
    giveUp.stop()
  }
}

type Reached = Dialled & { readonly upstream: UpstreamProxy | null }

async function reach(
  destination: Destination,
  { addresses }: Allowed,
  signal: AbortSignal,
  deps: PassageDeps,
): Promise<Reached> {
  const { connect, clock, resolve } = deps
  const proxy = deps.settings().upstreamProxy ? deps.findUpstream(destination) : 'none'
  if (proxy === 'none')
    return { ...(await dial(addresses, destination.port, connect, clock, signal)), upstream: null }
  if ('problem' in proxy) throw new Error(proxy.problem)
  const found = await resolve(proxy.host)
  if (!found?.length) throw new Error(`The upstream proxy ${proxy.host} cannot be looked up.`)
  const { socket, address } = await dial(found, proxy.port, connect, clock, signal)
  if (destination.protocol === 'http') return { socket, address, upstream: proxy }
  await openTunnel(socket, destination, proxy)
  return { socket, address, upstream: null }
}

/** Hands the connection over, and to those who look after open ones. */
function keep(
  { run, destination, via, client }: PassageRequest,
  flow: Flow,
  allowed: Allowed,
  { socket, address, upstream }: Reached,
  deps: PassageDeps,
): PassageOutcome {
  // Rules may have changed, and the program gone, while the connection was made.
  const late = objection(
    destination,
    allowed,
    { via, method: flow.now().request?.method ?? null },
    deps.settings(),
  )
  if (late || client.destroyed || run.removed) {
    socket.destroy()
    flow.end(late ? 'refused' : 'withdrawn', late?.message ?? 'The program no longer waits.')
    return late ?? { kind: 'withdrawn' }
  }
  // An error is always followed by `close`.
  let broke: string | null = null
  socket.on('error', (error) => {
    broke = error.message
  })
  const passage: Passage = {
    kind: 'open',
    socket,
    flow,
    destination,
    upstream,
    objection: (method) => objection(destination, allowed, { via, method }, deps.settings()),
  }
  run.passages.add(passage)
  socket.once('close', () => {
    run.passages.delete(passage)
    flow.end(broke === null ? 'closed' : 'failed', broke ?? allowed.why)
  })
  flow.open(socket, address, allowed.why)
  return passage
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
