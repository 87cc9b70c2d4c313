import ipaddr from 'ipaddr.js'

/** What an address reaches. Only `public` may be reached without a rule that names it. */
export type AddressClass =
  | 'public'
  | 'loopback'
  | 'private'
  | 'linkLocal'
  /** Answers with the credentials of a cloud machine. */
  | 'metadata'
  | 'unspecified'
  | 'multicast'
  | 'broadcast'
  | 'carrierGradeNat'
  /** Documentation, benchmarks, relays, and all that no registry has handed out. */
  | 'reserved'

export type Address = {
  /** As ipaddr.js writes it: dotted decimal, or shortened and lower-case with the zone taken off. */
  readonly text: string
  readonly class: AddressClass
  /** Every IPv4 address that a packet to this one may end at: itself, or what the IPv6 address wraps. */
  readonly ipv4: readonly string[]
}

const metadata: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.169.253',
  '169.254.170.2',
  '169.254.170.23',
  // Azure's wire server and Alibaba's metadata service stand outside the link-local range.
  '168.63.129.16',
  '100.100.100.200',
  'fd00:ec2::254',
  'fd00:ec2::23',
])

/** The narrowest first; a wrapped address counts as the narrowest class of what it wraps. */
const narrowest: readonly AddressClass[] = [
  'metadata',
  'loopback',
  'unspecified',
  'private',
  'linkLocal',
  'carrierGradeNat',
  'multicast',
  'broadcast',
  'reserved',
  'public',
]

/** Whether text is an IPv4 address in four decimal parts, or an IPv6 address; nothing else is one here. */
export const isAddress = (text: string): boolean => readAddress(text) !== null

/**
 * Classifies one address; null when it is none. Never throws.
 *
 * IPv4 in four decimal parts only: other notations are a matter of `parseHost`. A zone (`%eth0`) is taken off.
 * Stricter than Codex 0.169.0, which takes NAT64, 6to4, Teredo and 2001:db8::/32 for public addresses.
 */
export function readAddress(text: string): Address | null {
  if (text.length > 100) return null
  if (isFourParts(text)) return ofIPv4(text)
  if (!text.includes(':')) return null
  const bare = inHex(text.replace(/%[^%]+$/, ''))
  if (!bare.includes(':') || !ipaddr.IPv6.isValid(bare)) return null
  return ofIPv6(ipaddr.IPv6.parse(bare))
}

/** Looks before it asks ipaddr.js, which throws and catches for each name that is no address. */
const isFourParts = (text: string): boolean =>
  /^\d{1,10}(?:\.\d{1,10}){3}$/.test(text) && ipaddr.IPv4.isValidFourPartDecimal(text)

/** ipaddr.js takes `::1.2.3.4` for `::ffff:1.2.3.4`, and reads octal in there; in hexadecimal there is no doubt. */
function inHex(text: string): string {
  const dotted = text.slice(text.lastIndexOf(':') + 1)
  if (!dotted.includes('.') || !isFourParts(dotted)) return text.includes('.') ? '' : text
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  return text.slice(0, text.length - dotted.length) + hex
}

function ofIPv4(text: string): Address {
  const address = ipaddr.IPv4.parse(text)
  const plain = address.toString()
  return { text: plain, class: metadata.has(plain) ? 'metadata' : ipv4Class(address), ipv4: [plain] }
}

function ipv4Class(address: ipaddr.IPv4): AddressClass {
  const range = address.range()
  switch (range) {
    case 'unicast':
      return 'public'
    case 'loopback':
    case 'private':
    case 'linkLocal':
    case 'unspecified':
    case 'multicast':
    case 'broadcast':
    case 'carrierGradeNat':
      return range
    case 'reserved':
    case 'benchmarking':
    case 'as112':
    case 'amt':
      return 'reserved'
    default:
      // A range that a later ipaddr.js tells apart is not public until it is listed here.
      range satisfies never
      return 'reserved'
  }
}

function ofIPv6(address: ipaddr.IPv6): Address {
  const text = address.toString()
  const part = (index: number): number => address.parts[index] ?? 0
  const embedded = (high: number, low: number): Address =>
    ofIPv4(`${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`)
  const wrap = (...inner: readonly Address[]): Address => ({
    text,
    class: narrowest.find((name) => inner.some((one) => one.class === name)) ?? 'reserved',
    ipv4: inner.flatMap((one) => one.ipv4),
  })
  const plain = (name: AddressClass): Address => ({ text, class: name, ipv4: [] })

  if (metadata.has(text)) return plain('metadata')
  const range: string = address.range()
  switch (range) {
    case 'loopback':
    case 'unspecified':
    case 'multicast':
    case 'linkLocal':
      return plain(range)
    case 'uniqueLocal':
    case 'deprecatedSiteLocal':
      return plain('private')
    case 'ipv4Mapped':
      return wrap(embedded(part(6), part(7)))
    case 'rfc6052':
      // 64:ff9b:1::/48 is for translators inside one network, so its answers are never public.
      return part(2) === 0 ? wrap(embedded(part(6), part(7))) : plain('private')
    case '6to4':
      return wrap(embedded(part(1), part(2)))
    case 'teredo':
      // The server, then the client with every bit turned over (RFC 4380).
      return wrap(embedded(part(2), part(3)), embedded(part(6) ^ 0xffff, part(7) ^ 0xffff))
    case 'unicast':
      // 2000::/3 is all that was ever handed out; 3fff::/20 is for documentation (RFC 9637).
      return plain(
        part(0) >> 13 === 1 && !(part(0) === 0x3fff && part(1) >> 12 === 0) ? 'public' : 'reserved',
      )
    default:
      return plain('reserved')
  }
}
