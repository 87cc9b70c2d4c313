/** SOCKS5 (RFC 1928), read from what has come so far. `more`: it is not all there. */
export type SocksReading<T> =
  | { readonly kind: 'more' }
  | { readonly kind: 'wrong' }
  | (T & { readonly length: number })

export type SocksGreeting = { readonly kind: 'greeting'; readonly withoutPassword: boolean }

export type SocksRequest = {
  readonly kind: 'request'
  /** 1 connect, 2 bind, 3 UDP. */
  readonly command: number
  /** null: of a kind that does not exist. */
  readonly host: string | null
  readonly port: number
}

const more = { kind: 'more' } as const
const wrong = { kind: 'wrong' } as const

export function readGreeting(bytes: Buffer): SocksReading<SocksGreeting> {
  if (bytes.length > 0 && bytes[0] !== 5) return wrong
  const count = bytes[1]
  if (count === undefined || bytes.length < 2 + count) return more
  return { kind: 'greeting', withoutPassword: bytes.subarray(2, 2 + count).includes(0), length: 2 + count }
}

export function readSocksRequest(bytes: Buffer): SocksReading<SocksRequest> {
  if (bytes.length > 0 && bytes[0] !== 5) return wrong
  if (bytes.length > 2 && bytes[2] !== 0) return wrong
  const [, command, , type, first] = bytes
  if (command === undefined || type === undefined || first === undefined) return more
  const start = type === 3 ? 5 : 4
  const size = type === 1 ? 4 : type === 4 ? 16 : type === 3 ? first : 0
  if (type !== 1 && type !== 3 && type !== 4)
    return { kind: 'request', command, host: null, port: 0, length: bytes.length }
  const length = start + size + 2
  if (bytes.length < length) return more
  const host = spellAddress(type, bytes.subarray(start, start + size))
  return { kind: 'request', command, host, port: bytes.readUInt16BE(start + size), length }
}

function spellAddress(type: number, bytes: Buffer): string | null {
  if (type === 1) return [...bytes].join('.')
  if (type === 4) {
    const groups: string[] = []
    for (let i = 0; i < 16; i += 2) groups.push(bytes.readUInt16BE(i).toString(16))
    return groups.join(':')
  }
  const name = bytes.toString('latin1')
  // A colon would make a port of a part of the name; addresses have kinds of their own.
  return /^[\x21-\x7e]+$/.test(name) && !name.includes(':') ? name : null
}

export const socksCodes = {
  granted: 0,
  failed: 1,
  refused: 2,
  unreachable: 4,
  peerRefused: 5,
  commandUnknown: 7,
  addressUnknown: 8,
} as const

/** The reply to a request. The bound address is of no use to a program and is not told. */
export const socksReply = (code: number): Buffer => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0])
