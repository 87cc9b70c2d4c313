import { readAddress } from '../network/address-class.ts'
import type { HostVerdict } from '../network/judge-host.ts'
import type { NetworkSettings } from '../network/network-settings.ts'
import { type Host, parseHost } from '../network/parse-host.ts'
import type { Difference } from './comparison.ts'

/** What a difference is recognised by. */
export type HostSituation = {
  readonly host: string
  readonly addresses: readonly string[]
  readonly settings: NetworkSettings
  readonly verdict: HostVerdict
}

export type HostDifference = Difference & {
  readonly explains: (situation: HostSituation) => boolean
}

const readingOf = ({ host }: HostSituation): Host | null => {
  const read = parseHost(host)
  return read.ok ? read.host : null
}

/** Of the host itself and of all it was resolved to. */
const everyAddress = (situation: HostSituation): readonly string[] => {
  const host = readingOf(situation)
  return host?.address ? [host.address.text] : situation.addresses
}

const has = (situation: HostSituation, test: RegExp | ((text: string) => boolean)): boolean =>
  everyAddress(situation).some((text) => (test instanceof RegExp ? test.test(text) : test(text)))

const isLocal = ({ verdict }: HostSituation): boolean => verdict.reason === 'not_allowed_local'

/** Where hosts are judged more strictly than by Codex 0.169.0. The first that explains a case names it. */
export const hostDifferences: readonly HostDifference[] = [
  {
    id: 'host-wrapped-ipv4',
    what: 'An IPv6 address that wraps an IPv4 address (NAT64, 6to4, Teredo) is judged by the address it wraps.',
    why: 'A translator or relay on the way delivers the packet to the wrapped address, be it 10.0.0.1.',
    explains: (it) => isLocal(it) && has(it, /^(64:ff9b:|2002:|2001:0?:)/),
  },
  {
    id: 'host-documentation-ipv6',
    what: '2001:db8::/32 and 3fff::/20 are not public.',
    why: 'They are reserved for documentation, as 192.0.2.0/24 is, so whoever answers there is on the local network.',
    explains: (it) => isLocal(it) && has(it, /^(2001:db8:|3fff:)/),
  },
  {
    id: 'host-metadata',
    what: 'Services that hand out the credentials of a cloud machine need an exact rule, even with allow_local_binding.',
    why: 'A wildcard together with local access otherwise gives a command the account of the whole machine.',
    explains: (it) => isLocal(it) && has(it, (text) => readAddress(text)?.class === 'metadata'),
  },
  {
    id: 'host-special-purpose',
    what: 'Every range that the IANA registries do not list as globally reachable is local.',
    why: 'What nobody may own publicly is answered by somebody nearby.',
    explains: (it) => isLocal(it) && has(it, (text) => readAddress(text)?.class === 'reserved'),
  },
  {
    id: 'host-two-readings',
    what: 'A part of an IPv4 address with a leading zero is read both as octal and as decimal; both must be allowed.',
    why: 'Programs disagree: 010.0.0.1 is 8.0.0.1 to some and 10.0.0.1 to others.',
    explains: (it) => readingOf(it)?.alsoRead != null,
  },
  {
    id: 'host-deny-every-form',
    what: 'A deny rule for an address holds for localhost, for other notations of it, and for IPv6 around it.',
    why: 'A deny that another spelling of the same place gets around denies nothing.',
    explains: ({ verdict }) => verdict.reason === 'denied' || verdict.reason === 'policy_denied',
  },
  {
    id: 'host-unicode',
    what: 'A host in Unicode is not opened by any allow rule; its punycode is.',
    why: 'Letters that look alike are different hosts; a rule says which one is meant.',
    explains: (it) => readingOf(it)?.spelling === 'unicode',
  },
  {
    id: 'host-pattern-refused',
    what: 'Patterns that Codex accepts without matching what they seem to say (`.a.com`, `?`, `[*]`, `*:443`) are refused.',
    why: 'An allow rule that cannot be read gives nothing; a deny rule that cannot be read closes the network.',
    explains: ({ settings }) => settings.rules.problems.length > 0,
  },
  {
    id: 'host-invalid-name',
    what: 'What is neither a name nor an address by the URL Standard is refused before any rule is asked.',
    why: 'Two programs that repair it may end at two different hosts.',
    explains: ({ verdict }) => verdict.reason === 'invalid_host',
  },
]

export const explainHost = (situation: HostSituation): string | null =>
  hostDifferences.find((one) => one.explains(situation))?.id ?? null
