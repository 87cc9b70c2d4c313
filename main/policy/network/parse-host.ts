import { type Address, readAddress } from './address-class.ts'

/** One destination, read but not judged. */
export type Host = {
  /** Lower-case, brackets and trailing dots off, zone kept: what allow rules are compared with. */
  readonly text: string
  /** In punycode and without a zone; IPv4 as four decimal parts: what is connected to. */
  readonly canonical: string
  /** null for a name. */
  readonly address: Address | null
  /**
   * How it was written. `unusual`: an IPv4 address in another notation (`127.1`, `0x7f000001`), or with a zone.
   * `unicode`: a name with characters outside ASCII. An exact rule for what they stand for does not open them.
   */
  readonly spelling: 'usual' | 'unusual' | 'unicode'
  /** What else another program may read in it: `010.0.0.1` is 8.0.0.1 to some and 10.0.0.1 to others. */
  readonly alsoRead: Address | null
}

export type HostReading =
  | { readonly ok: true; readonly host: Host; readonly port: number | null }
  /** A sentence without its subject: `names no host.` */
  | { readonly ok: false; readonly reason: string }

const refuse = (reason: string): HostReading => ({ ok: false, reason })

/** A label of a name on the wire; an underscore is no host name, but resolvers answer it. */
const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/

/**
 * Reads `HOST`, `HOST:PORT`, `[IPv6]`, `[IPv6]:PORT` or a bare IPv6 address. Never throws.
 *
 * IPv4 is read in every notation that the WHATWG URL Standard knows (and resolvers with it), Unicode names are
 * mapped to punycode by the same standard. Schemes, paths, user names, percent signs and spaces are refused, not
 * repaired: two programs would repair them differently.
 */
export function parseHost(input: string): HostReading {
  if (input.length > 1000) return refuse('is longer than any host.')
  const trimmed = input.trim()
  if (trimmed === '') return refuse('names no host.')
  if (trimmed.includes('://')) return refuse('has a scheme; only HOST:PORT is read.')

  const { name, port, bracketed } = splitPort(trimmed)
  if (port === 'wrong') return refuse('has a port that is not a number from 1 to 65535.')
  if (bracketed || name.includes(':')) return readIPv6(name, port)

  const text = name.replace(/\.+$/, '').toLowerCase()
  if (text === '') return refuse('names no host.')
  const strange = /[\p{Cc} "#%/<>?@[\\\]^`{|}*!$&'()+,;=~]/u.exec(text)
  if (strange) return refuse(`has ${spell(strange[0])}, which no host has.`)
  return readName(text, port)
}

function splitPort(text: string): { name: string; port: number | null | 'wrong'; bracketed: boolean } {
  const close = text.startsWith('[') ? text.indexOf(']') : -1
  if (close !== -1) {
    const rest = text.slice(close + 1)
    const port = rest === '' ? null : rest.startsWith(':') ? readPort(rest.slice(1)) : 'wrong'
    return { name: text.slice(1, close), port, bracketed: true }
  }
  const colon = text.lastIndexOf(':')
  // More than one colon and no brackets: all of it is an IPv6 address.
  if (colon === -1 || text.indexOf(':') !== colon) return { name: text, port: null, bracketed: false }
  return { name: text.slice(0, colon), port: readPort(text.slice(colon + 1)), bracketed: false }
}

function readPort(text: string): number | 'wrong' {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? port : 'wrong'
}

function readIPv6(name: string, port: number | null): HostReading {
  // A zone names an interface; some programs write its percent sign as %25.
  if (!/^[0-9a-f:.]+(%[\w.-]+)?$/i.test(name)) return refuse('has colons or brackets but is no IPv6 address.')
  const address = readAddress(name)
  if (address === null || !address.text.includes(':'))
    return refuse('has colons or brackets but is no IPv6 address.')
  const zoned = name.includes('%')
  return {
    ok: true,
    port,
    host: {
      text: zoned ? name.toLowerCase() : address.text,
      canonical: address.text,
      address,
      spelling: zoned ? 'unusual' : 'usual',
      alsoRead: null,
    },
  }
}

function readName(text: string, port: number | null): HostReading {
  const address = readAddress(text)
  if (address !== null)
    return {
      ok: true,
      port,
      host: { text, canonical: address.text, address, spelling: 'usual', alsoRead: null },
    }

  const url = URL.parse(`http://${text}/`)
  if (url === null) return refuse('is neither a name nor an address.')
  const canonical = url.hostname.replace(/\.+$/, '')
  if (canonical === '') return refuse('names no host.')
  const stands = readAddress(canonical)
  if (stands === null) {
    if (canonical.length > 253 || !canonical.split('.').every((one) => label.test(one)))
      return refuse('is not a valid name.')
    const unicode = hasUnicode(text)
    // Anything else that the URL parser would change is a spelling that two programs may read differently.
    if (!unicode && canonical !== text) return refuse('is not a valid name.')
    return {
      ok: true,
      port,
      host: { text, canonical, address: null, spelling: unicode ? 'unicode' : 'usual', alsoRead: null },
    }
  }
  return {
    ok: true,
    port,
    host: {
      text,
      canonical,
      address: stands,
      spelling: hasUnicode(text) ? 'unicode' : 'unusual',
      alsoRead: inDecimal(text, stands),
    },
  }
}

/** The same parts with leading zeros read as decimal, when that is another address. */
function inDecimal(text: string, octal: Address): Address | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,12}$/.test(part))) return null
  const decimal = readAddress(parts.map((part) => String(Number(part))).join('.'))
  return decimal === null || decimal.text === octal.text ? null : decimal
}

const hasUnicode = (text: string): boolean => /[^\u0020-\u007e]/.test(text)

function spell(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0x20 && code < 0x7f
    ? `"${character}"`
    : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
