import type { Socket } from 'node:net'
import type { Destination } from './gate.ts'

/** Another proxy between us and the net, as the host's own environment names it. */
export type UpstreamProxy = {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
  /** For the `Proxy-Authorization` header. */
  readonly authorization: string | null
}

export type FindUpstream = (destination: Destination) => UpstreamProxy | 'none' | { readonly problem: string }

/**
 * Reads HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, lower case first, as curl does. HTTP_PROXY is read in lower
 * case only where a web server might have set it from a request (REQUEST_METHOD is there).
 *
 * Only `http://` proxies are used. Any other is a problem for the flows that would need it: going around it is not
 * what the person meant.
 */
export function readUpstream(env: NodeJS.ProcessEnv): FindUpstream {
  const pick = (name: string): string => env[name.toLowerCase()] || env[name] || ''
  const plain = env['REQUEST_METHOD'] === undefined ? pick('HTTP_PROXY') : (env['http_proxy'] ?? '')
  const all = pick('ALL_PROXY')
  const forHttp = plain || all
  const forRest = pick('HTTPS_PROXY') || all
  const exceptions = pick('NO_PROXY')
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .map((one) => one.toLowerCase().replace(/^\*?\./, ''))
  return ({ host, port, protocol }) => {
    const value = protocol === 'http' ? forHttp : forRest
    if (value === '' || isExcepted(host.toLowerCase(), port, exceptions)) return 'none'
    return readProxy(value)
  }
}

function readProxy(value: string): ReturnType<FindUpstream> {
  const url = URL.parse(value.includes('://') ? value : `http://${value}`)
  if (url === null || url.protocol !== 'http:' || url.hostname === '')
    return { problem: 'The proxy in the environment of Gatehouse is not an http:// proxy.' }
  const { username, password } = url
  let authorization: string | null = null
  try {
    if (username !== '' || password !== '')
      authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`
  } catch {
    return { problem: 'The user name of the proxy in the environment of Gatehouse cannot be read.' }
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { host, port: url.port === '' ? 80 : Number(url.port), authorization }
}

/** `a.com` stands for itself and everything below it, `a.com:81` for one port of them, `*` for all. */
function isExcepted(host: string, port: number, exceptions: readonly string[]): boolean {
  return exceptions.some((one) => {
    if (one === '*') return true
    const withPort = /^([^:]+|\[.*\]):(\d+)$/.exec(one)
    if (withPort && Number(withPort[2]) !== port) return false
    const name = (withPort?.[1] ?? one).replace(/^\[|\]$/g, '')
    return host === name || host.endsWith(`.${name}`)
  })
}

const longestAnswer = 16 * 1024

/**
 * Asks the other proxy for a tunnel; resolves when bytes may flow, with the socket paused.
 *
 * @throws when it says no, or something that is no answer
 */
export function openTunnel(socket: Socket, { host, port }: Destination, proxy: UpstreamProxy): Promise<void> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const authorization = proxy.authorization === null ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`)
  return new Promise((resolve, reject) => {
    let read: Buffer = Buffer.alloc(0)
    const stop = (): void => {
      socket.off('data', onData).off('end', onEnd).off('error', fail).off('close', onEnd)
      socket.pause()
    }
    const fail = (error: Error): void => {
      stop()
      socket.destroy()
      reject(error)
    }
    const onEnd = (): void => fail(new Error('The upstream proxy closed the connection.'))
    const onData = (chunk: Buffer): void => {
      read = Buffer.concat([read, chunk])
      const end = read.indexOf('\r\n\r\n')
      if (end === -1) {
        if (read.length > longestAnswer) fail(new Error('The upstream proxy does not answer in HTTP.'))
        return
      }
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(read.toString('latin1', 0, 12))?.[1]
      if (status !== '200')
        return fail(new Error(`The upstream proxy answered ${status ?? 'without a status'}.`))
      stop()
      const rest = read.subarray(end + 4)
      if (rest.length > 0) socket.unshift(rest)
      resolve()
    }
    socket.on('data', onData).on('end', onEnd).on('error', fail).on('close', onEnd)
  })
}
