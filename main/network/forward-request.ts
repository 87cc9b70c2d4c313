import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { requestHeaders, responseHeaders } from './forward-headers.ts'
import type { Target } from './read-request.ts'
import { plainAnswer } from './refusal.ts'
import type { Route } from './route.ts'
import { answer } from './write-answer.ts'

/** A way to a server, and what is asked there. */
export type Way = {
  readonly route: Route
  readonly target: Target
  /** The connection has carried a request before. */
  readonly reused: boolean
}

/** Servers send longer heads than programs. */
const longestResponseHead = 64 * 1024

/** Writes the head of a request for the server; the connection is the route's. */
export function startRequest(
  req: IncomingMessage,
  way: Way,
  via: string,
  upgrade: string | null,
): ClientRequest {
  const { route, target } = way
  const { upstream } = route.passage
  const { method = '' } = req
  return request({
    agent: route.agent,
    method,
    path: upstream ? `http://${target.authority}${target.path}` : target.path,
    headers: requestHeaders(req.rawHeaders, method, {
      authority: target.authority,
      via,
      upgrade,
      authorization: upstream?.authorization ?? null,
    }),
    maxHeaderSize: longestResponseHead,
    insecureHTTPParser: false,
  })
}

/**
 * Passes a request on and its answer back, piece by piece as they come.
 *
 * @returns `again` when a kept connection broke before anything was answered and the request can be sent once more
 *   without doing anything twice; `done` when the program has its answer or can have none
 */
export function forwardRequest(
  req: IncomingMessage,
  res: ServerResponse,
  way: Way,
  via: string,
): Promise<'done' | 'again'> {
  const up = startRequest(req, way, via, null)
  const repeatable = way.reused && ['GET', 'HEAD', 'OPTIONS'].includes(req.method ?? '') && hasNoBody(req)
  return new Promise((resolve) => {
    up.on('continue', () => res.writeContinue())
    let answered = false
    up.on('response', (from) => {
      answered = true
      passBack(from, res)
    })
    up.on('error', (error) => {
      const untouched = !res.headersSent && !res.destroyed
      if (repeatable && untouched && !answered) return resolve('again')
      if (untouched) answer(res, plainAnswer(502, `upstream failure: ${error.message}`), true)
      else res.destroy()
    })
    res.once('close', () => {
      // Cut off on our side: what is under way on the other has nobody to go to.
      if (!res.writableFinished) up.destroy()
      resolve('done')
    })
    if (hasNoBody(req)) return up.end()
    if (req.headers.expect !== undefined) up.flushHeaders()
    req.on('end', () => {
      if (req.rawTrailers.length > 0) up.addTrailers(inPairs(req.rawTrailers))
    })
    req.on('error', () => up.destroy())
    req.pipe(up)
  })
}

export const hasNoBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0'

/** Answers the program as the server answered. */
export function passBack(from: IncomingMessage, res: ServerResponse): void {
  if (res.destroyed || res.headersSent) {
    from.destroy()
    return
  }
  res.sendDate = false
  res.writeHead(from.statusCode ?? 502, from.statusMessage, responseHeaders(from.rawHeaders))
  from.on('end', () => {
    if (from.rawTrailers.length > 0) res.addTrailers(inPairs(from.rawTrailers))
  })
  // A body that breaks off must not look like a whole one.
  from.on('error', () => res.destroy())
  from.pipe(res)
  // A head whose body takes its time is not kept waiting for it.
  setImmediate(() => {
    if (!res.writableEnded) res.flushHeaders()
  })
}

function inPairs(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i] ?? '', flat[i + 1] ?? ''])
  return pairs
}
