import type { Address } from './address-class.ts'
import type { HostRule, HostRules } from './host-rule.ts'
import type { Host } from './parse-host.ts'

/** Host rules by what they name, so that a thousand rules cost about what ten cost. */
export type HostIndex = {
  /** Every rule that may speak for the host as deny rules are read; some of them do not. */
  readonly near: (host: Host) => readonly HostRule[]
  /** The same for an address a host leads to. */
  readonly nearAddress: (address: Address) => readonly HostRule[]
}

const made = new WeakMap<readonly HostRule[], HostIndex>()

/** The index of a list of rules, made once for each list. Only leaves out rules that cannot match. */
export function indexOf({ rules }: HostRules): HostIndex {
  const known = made.get(rules)
  if (known) return known
  const index = makeIndex(rules)
  made.set(rules, index)
  return index
}

function makeIndex(rules: readonly HostRule[]): HostIndex {
  const exact = new Map<string, HostRule[]>()
  const below = new Map<string, HostRule[]>()
  /** Those with stars in the middle, and `*`: each has to be tried. */
  const others: HostRule[] = []
  for (const rule of rules) {
    const { kind, text, addresses } = rule.pattern
    if (kind === 'any' || kind === 'glob' || text.includes('*')) others.push(rule)
    else {
      if (kind !== 'subdomains') for (const name of new Set([text, ...addresses])) add(exact, name, rule)
      if (kind !== 'exact') add(below, text, rule)
    }
  }
  const collect = (texts: Iterable<string>): readonly HostRule[] => {
    const found = new Set(others)
    for (const text of texts) {
      for (const rule of exact.get(text) ?? []) found.add(rule)
      for (let dot = text.indexOf('.'); dot !== -1; dot = text.indexOf('.', dot + 1))
        for (const rule of below.get(text.slice(dot + 1)) ?? []) found.add(rule)
    }
    return [...found]
  }
  return {
    near: ({ text, canonical, address, alsoRead }) =>
      collect(new Set([text, canonical, ...formsOf(address), ...formsOf(alsoRead)])),
    nearAddress: (address) => collect(new Set(formsOf(address))),
  }
}

const formsOf = (address: Address | null): readonly string[] =>
  address === null ? [] : [address.text, ...address.ipv4]

function add(map: Map<string, HostRule[]>, key: string, rule: HostRule): void {
  const known = map.get(key)
  if (known) known.push(rule)
  else map.set(key, [rule])
}
