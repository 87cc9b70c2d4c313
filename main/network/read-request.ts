import { type Host, parseHost } from '../policy/network/parse-host.ts'

/** The head of a request, as Node's parser hands it on. */
export type RequestHead = {
  readonly method: string
  readonly url: string
  /** `1.0` or `1.1`; anything else is refused. */
  readonly httpVersion: string
  /** Names and values in turns. */
  readonly rawHeaders: readonly string[]
}

export type Target = {
  /** In one spelling: punycode, addresses in their usual notation, without brackets. */
  readonly host: string
  readonly port: number
  /** Host and port for a header; the port is left out when it is 80. */
  readonly authority: string
  /** What is asked of the server, from the slash on; empty for CONNECT. */
  readonly path: string
}

export type TargetReading =
  | { readonly ok: true; readonly target: Target }
  /** One sentence for the program. */
  | { readonly ok: false; readonly message: string }

/**
 * Reads where a request wants to go. Whatever two programs could read differently is refused, not repaired: two Host
 * headers, one that differs from the target, a length given twice, a user name, letters outside ASCII.
 */
export function readTarget(head: RequestHead): TargetReading {
  if (head.httpVersion !== '1.1' && head.httpVersion !== '1.0')
    return no('Only HTTP/1.0 and HTTP/1.1 are spoken.')
  if (!/^[\x21-\x7e]+$/.test(head.url)) return no('The request target has characters that no target has.')
  const framing = wrongFraming(head)
  if (framing) return no(framing)
  const read = head.method === 'CONNECT' ? readAuthorityForm(head.url) : readAbsoluteForm(head.url)
  if (!read.ok) return read
  const hosts = valuesOf(head.rawHeaders, 'host')
  if (hosts.length > 1) return no('The request has two Host headers.')
  const [host] = hosts
  if (host === undefined) return head.httpVersion === '1.0' ? read : no('The request has no Host header.')
  return namesTarget(host, read.target, head.method === 'CONNECT')
    ? read
    : no('The Host header names another host than the request target.')
}

const no = (message: string): TargetReading => ({ ok: false, message })

/** Values of one header, in the order they came. */
export function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '')
  return values
}

/** The names that a Connection header lists, in lower case. */
export const namedByConnection = (rawHeaders: readonly string[]): readonly string[] =>
  valuesOf(rawHeaders, 'connection').flatMap((value) =>
    value.split(',').map((one) => one.trim().toLowerCase()),
  )

const never = ['host', 'content-length', 'transfer-encoding', 'authorization', 'cookie']

function wrongFraming({ method, httpVersion, rawHeaders }: RequestHead): string | null {
  const lengths = valuesOf(rawHeaders, 'content-length')
  const codings = valuesOf(rawHeaders, 'transfer-encoding')
  if (lengths.length > 1) return 'The request has two Content-Length headers.'
  if (lengths.length > 0 && codings.length > 0)
    return 'The request has both Content-Length and Transfer-Encoding.'
  if (lengths.some((length) => !/^\d{1,15}$/.test(length))) return 'The Content-Length is not a number.'
  if (codings.length > 1 || codings.some((coding) => coding.toLowerCase() !== 'chunked'))
    return 'Only the transfer coding "chunked" is spoken.'
  if (codings.length > 0 && httpVersion === '1.0') return 'HTTP/1.0 has no transfer codings.'
  if (method === 'CONNECT' && (codings.length > 0 || lengths.some((length) => Number(length) > 0)))
    return 'A CONNECT request has no body.'
  if (namedByConnection(rawHeaders).some((name) => never.includes(name)))
    return 'The Connection header names a header that is not for one connection only.'
  return null
}

function readAbsoluteForm(url: string): TargetReading {
  const parts = /^http:\/\/([^/?#]*)([/?][^#]*)?$/i.exec(url)
  if (parts === null) {
    if (url.startsWith('/')) return no('This is a proxy: the request target must be a whole http:// URL.')
    return no('Only http:// URLs without a fragment are read; for anything else there is CONNECT.')
  }
  const [, authority = '', rest = ''] = parts
  const path = rest.startsWith('/') ? rest : `/${rest}`
  return readAuthority(authority, 80, path)
}

function readAuthorityForm(url: string): TargetReading {
  if (!/^[^/?#]+:\d+$/.test(url)) return no('CONNECT needs HOST:PORT.')
  return readAuthority(url, null, '')
}

function readAuthority(authority: string, defaultPort: number | null, path: string): TargetReading {
  if (authority.includes('@')) return no('The request target has a user name; send it in a header.')
  const read = parseHost(authority)
  if (!read.ok) return no(`The host of the request target ${read.reason}`)
  const port = read.port ?? defaultPort
  if (port === null) return no('CONNECT needs HOST:PORT.')
  const host = spell(read.host)
  const bracketed = host.includes(':') ? `[${host}]` : host
  return {
    ok: true,
    target: { host, port, authority: port === 80 ? bracketed : `${bracketed}:${port}`, path },
  }
}

/** An address in an unusual notation stays as it was written, for no rule is to take it for the usual one. */
const spell = ({ text, canonical, spelling }: Host): string => (spelling === 'usual' ? canonical : text)

/** The same for a host that came alone; what cannot be read stays as it is, and is refused when it is judged. */
export function canonicalHost(text: string): string {
  const read = parseHost(text)
  return read.ok && read.port === null ? spell(read.host) : text
}

function namesTarget(header: string, target: Target, connect: boolean): boolean {
  const read = parseHost(header)
  if (!read.ok || spell(read.host) !== target.host) return false
  if (read.port === null) return connect || target.port === 80
  return read.port === target.port
}
