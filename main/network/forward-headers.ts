import { namedByConnection, valuesOf } from './read-request.ts'

/** For one connection only, whoever sends them. `proxy-` headers are for us. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** What is passed on in either direction: names and values in turns, in their order and spelling. */
function passedOn(rawHeaders: readonly string[], without: ReadonlySet<string>): string[] {
  const named = namedByConnection(rawHeaders)
  const kept: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    const lower = name.toLowerCase()
    if (without.has(lower) || lower.startsWith('proxy-') || named.includes(lower)) continue
    kept.push(name, rawHeaders[i + 1] ?? '')
  }
  return kept
}

const notForward: ReadonlySet<string> = new Set([...hopByHop, 'host', 'via'])

export type Forwarding = {
  /** For the Host header. */
  readonly authority: string
  /** Our own entry in Via. */
  readonly via: string
  /** A WebSocket handshake, which needs its Upgrade header. */
  readonly upgrade: string | null
  /** For another proxy. */
  readonly authorization: string | null
}

/** The headers of a request to the server; the body is framed anew. */
export function requestHeaders(
  rawHeaders: readonly string[],
  method: string,
  forwarding: Forwarding,
): string[] {
  const { authority, via, upgrade, authorization } = forwarding
  const headers = ['Host', authority, ...passedOn(rawHeaders, notForward)]
  headers.push('Via', [...valuesOf(rawHeaders, 'via'), via].join(', '))
  if (upgrade !== null) headers.push('Connection', 'Upgrade', 'Upgrade', upgrade)
  if (authorization !== null) headers.push('Proxy-Authorization', authorization)
  if (has(rawHeaders, 'transfer-encoding')) headers.push('Transfer-Encoding', 'chunked')
  else if (!has(rawHeaders, 'content-length') && !bodiless.has(method)) headers.push('Content-Length', '0')
  return headers
}

/** Methods for which Node announces no body of its own accord. */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'])

/** The headers of a response to the program. */
export const responseHeaders = (rawHeaders: readonly string[]): string[] => passedOn(rawHeaders, hopByHop)

const has = (rawHeaders: readonly string[], name: string): boolean => valuesOf(rawHeaders, name).length > 0
