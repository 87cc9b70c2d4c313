import { type Address, readAddress } from './address-class.ts'
import { deniesAddress } from './host-pattern.ts'
import { type HostRule, mostExact, shorten, spellRule } from './host-rule.ts'
import type { Host } from './parse-host.ts'

export type HostFacts = {
  readonly allowLocalBinding: boolean
  /** What the name was resolved to; null when nobody looked. Not used for an address. */
  readonly addresses: readonly string[] | null
  readonly lookup: 'none' | 'ok' | 'failed'
}

export type AddressDenial = {
  readonly reason: 'not_allowed_local' | 'policy_denied'
  readonly rule: HostRule | null
  readonly message: string
}

/** The class of a local destination that is written as such; null for names, and for addresses in disguise. */
export function localLiteral(host: Host): Address['class'] | null {
  if (host.canonical === 'localhost') return 'loopback'
  if (host.address === null || host.spelling !== 'usual') return null
  return host.address.class === 'public' ? null : host.address.class
}

/**
 * What the destination ends at, judged; null when there is nothing against it, or nothing known.
 *
 * @param exact an allow rule names exactly this host
 * @param denies the deny rules in force that may speak for an address
 */
export function refuseAddresses(
  host: Host,
  exact: boolean,
  denies: (address: Address) => readonly HostRule[],
  facts: HostFacts,
): AddressDenial | null {
  const name = shorten(host.text)
  const no = (message: string): AddressDenial => ({ reason: 'not_allowed_local', rule: null, message })
  const written = host.address === null ? null : [host.address, ...(host.alsoRead ? [host.alsoRead] : [])]
  const literal = localLiteral(host) !== null

  const found: Address[] = []
  if (written) found.push(...written)
  else if (facts.lookup === 'failed' || (facts.lookup === 'ok' && !facts.addresses?.length)) {
    // This machine answers for localhost; everything else is refused when nobody can tell where it leads.
    if (!literal) return no(`${name} cannot be looked up, so nobody can tell where it leads.`)
  } else if (facts.lookup === 'ok') {
    for (const text of facts.addresses ?? []) {
      const address = readAddress(text)
      if (address === null) return no(`${name} resolves to ${shorten(text)}, which is no address.`)
      found.push(address)
    }
  }
  if (host.canonical.endsWith('.localhost')) found.push(readAddress('127.0.0.1') as Address)

  for (const address of found) {
    if (address.class === 'public') continue
    // The exact rule for an address or localhost opened it, and nothing but what it says.
    const opened = literal && exact && (written !== null || address.class === 'loopback')
    const wide = facts.allowLocalBinding && (address.class !== 'metadata' || exact)
    if (!opened && !wide)
      return no(
        written
          ? refuseLocal(name, address.class, address.text)
          : `${name} leads to ${address.text}, ${say[address.class]}; a name does not open it.`,
      )
  }
  for (const address of found) {
    const rule = mostExact(denies(address).filter((one) => deniesAddress(one.pattern, address)))
    if (rule)
      return {
        reason: 'policy_denied',
        rule,
        message: `${name} leads to ${address.text}, which is denied by ${spellRule(rule)}.`,
      }
  }
  return null
}

const say: Readonly<Record<Address['class'], string>> = {
  public: 'a public address',
  loopback: 'this machine',
  private: 'a private network',
  linkLocal: 'a neighbour on this network',
  metadata: 'a service with the credentials of this machine',
  unspecified: 'this machine',
  multicast: 'a group of machines on this network',
  broadcast: 'every machine on this network',
  carrierGradeNat: "the provider's private network",
  reserved: 'a range that is not public',
}

export const refuseLocal = (name: string, kind: Address['class'], stands: string | null = null): string =>
  `${name}${stands === null || stands === name ? '' : ` stands for ${stands} and`} reaches ${say[kind]}; only an exact allow rule for it opens that.`
