import type { Address } from './address-class.ts'
import { type Host, parseHost } from './parse-host.ts'

/** What a rule says about hosts. Ports are dropped: a Codex pattern speaks for every port. */
export type HostPattern = {
  /** As it was written. */
  readonly source: string
  readonly kind: 'exact' | 'subdomains' | 'apexAndSubdomains' | 'glob' | 'any'
  /** Lower-case, without trailing dots and port; the part after `*.` and `**.`. Empty for `any`. */
  readonly text: string
  /** Of an exact pattern: the addresses it names, in any notation or wrapped. Only deny rules look at them. */
  readonly addresses: readonly string[]
}

export type PatternReading =
  | { readonly ok: true; readonly pattern: HostPattern }
  /** A sentence without its subject. */
  | { readonly ok: false; readonly reason: string }

const refuse = (reason: string): PatternReading => ({ ok: false, reason })

/**
 * Reads one host pattern: `a.com` exact, `*.a.com` subdomains of any depth, `**.a.com` the apex as well, `*` every
 * host, and a single `*` anywhere else as a glob. Never throws.
 *
 * Refused are schemes, paths, address ranges, `**` elsewhere, names outside ASCII (write punycode), and, stricter
 * than Codex 0.169.0, what it accepts without ever matching it (`.a.com`) or reads as a glob by accident (`?`, `{}`).
 * Source: docs/POLICY.md, "Hosts"; measured with fixtures/vectors/domain-rules.json.
 */
export function parseHostPattern(source: string): PatternReading {
  if (source.length > 1000) return refuse('is longer than any host.')
  const trimmed = source.trim()
  if (trimmed === '') return refuse('names no host.')
  if (trimmed === '*') return { ok: true, pattern: { source, kind: 'any', text: '', addresses: [] } }
  if (trimmed.includes('://')) return refuse('has a scheme; write the host alone.')
  if (trimmed.includes('/')) return refuse('has a path or an address range; write one host, or one address.')
  if (/[^\u0020-\u007e]/.test(trimmed))
    return refuse('has characters outside ASCII; write it in punycode (xn--…).')

  const [kind, rest] = trimmed.startsWith('**.')
    ? (['apexAndSubdomains', trimmed.slice(3)] as const)
    : trimmed.startsWith('*.')
      ? (['subdomains', trimmed.slice(2)] as const)
      : (['exact', trimmed] as const)
  if (rest.includes('**'))
    return refuse('has ** in another place than in front of a domain (**.example.com).')
  if (kind === 'exact' && (rest.includes('[') || rest.includes(']') || rest.split(':').length > 2))
    return readAddressPattern(source, rest)

  const text = rest
    .replace(/:\d{1,5}$/, '')
    .replace(/\.+$/, '')
    .toLowerCase()
  if (text === '') return refuse('names no host.')
  if (text.startsWith('.')) return refuse('starts with a dot; write *.example.com or **.example.com.')
  const strange = /[^a-z0-9._*-]/.exec(text)
  if (strange) return refuse(`has "${strange[0]}", which no host has.`)
  if (text.includes('*')) {
    if (!/[a-z0-9]/.test(text)) return refuse('names no host.')
    return { ok: true, pattern: { source, kind: kind === 'exact' ? 'glob' : kind, text, addresses: [] } }
  }
  if (text.includes('..') || text.length > 253) return refuse('is not a valid name.')
  const read = kind === 'exact' ? parseHost(text) : null
  const address = read?.ok === true ? read.host.address : null
  return { ok: true, pattern: { source, kind, text, addresses: address === null ? [] : formsOf(address) } }
}

function readAddressPattern(source: string, rest: string): PatternReading {
  const read = parseHost(rest)
  if (!read.ok || read.host.address === null) return refuse('has brackets or colons but is no IPv6 address.')
  if (read.host.spelling !== 'usual') return refuse('has a zone; write the address alone.')
  const { text, address } = read.host
  return { ok: true, pattern: { source, kind: 'exact', text, addresses: formsOf(address) } }
}

const formsOf = (address: Address): readonly string[] => [address.text, ...address.ipv4]

/**
 * Whether an allow rule speaks for the host: only for what the request itself names, so that an exact address is
 * not opened by another notation of it.
 */
export const allowsHost = (pattern: HostPattern, host: Host): boolean =>
  host.spelling !== 'unicode' && matchesText(pattern, host.text)

/** Whether a deny rule speaks for the host: for everything that the request may end at. */
export const deniesHost = (pattern: HostPattern, host: Host): boolean =>
  matchesText(pattern, host.text) ||
  (host.canonical !== host.text && matchesText(pattern, host.canonical)) ||
  (host.address !== null && deniesAddress(pattern, host.address)) ||
  (host.alsoRead !== null && deniesAddress(pattern, host.alsoRead))

/** Whether a deny rule speaks for an address that a host is, or that a name was resolved to. */
export const deniesAddress = (pattern: HostPattern, address: Address): boolean =>
  speaksFor(pattern, address.text) || address.ipv4.some((inner) => speaksFor(pattern, inner))

const speaksFor = (pattern: HostPattern, address: string): boolean =>
  matchesText(pattern, address) || pattern.addresses.includes(address)

function matchesText({ kind, text }: HostPattern, host: string): boolean {
  switch (kind) {
    case 'any':
      return true
    case 'exact':
      return host === text
    case 'subdomains':
      return isBelow(text, host)
    case 'apexAndSubdomains':
      return matchesGlob(text, host) || isBelow(text, host)
    case 'glob':
      return matchesGlob(text, host)
  }
}

const isBelow = (domain: string, host: string): boolean =>
  domain.includes('*')
    ? matchesGlob(`*.${domain}`, host)
    : host.length > domain.length + 1 &&
      host.endsWith(domain) &&
      host.charAt(host.length - domain.length - 1) === '.'

/** `*` stands for any run of characters, dots included. Linear in practice: only the last star is tried again. */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  let position = 0
  while (position < text.length) {
    if (glob[at] === '*') {
      star = at++
      resume = position
    } else if (at < glob.length && glob[at] === text[position]) {
      at++
      position++
    } else if (star !== -1) {
      at = star + 1
      position = ++resume
    } else return false
  }
  while (glob[at] === '*') at++
  return at === glob.length
}
