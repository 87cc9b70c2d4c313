import type { NetworkRule, RulePlace } from '../rules/rule.ts'
import { parseHostPattern } from './host-pattern.ts'
import {
  type Closed,
  type HostRule,
  type HostRules,
  type NetworkProblem,
  noHostRules,
  shorten,
} from './host-rule.ts'

/** Where a table of host rules was read. */
export type NetworkSource = {
  /** The dotted name of the table: `features.network_proxy`. */
  readonly label: string
  /** Set by an administrator. */
  readonly managed: boolean
  /** Where a key below `label` stands; null when nobody knows. */
  readonly placeOf: (path: readonly string[]) => RulePlace | null
}

type Entry = {
  readonly pattern: unknown
  readonly word: unknown
  readonly label: string
  readonly place: RulePlace | null
  readonly managed: boolean
}

/**
 * Reads `domains = { "a.com" = "allow", "b.com" = "deny" }`. An allow entry that cannot be read is dropped; an entry
 * that might deny something and cannot be read closes the network until it is mended. Both are told. Never throws.
 */
export function readDomainMap(value: unknown, source: NetworkSource, key = 'domains'): HostRules {
  const label = `${source.label}.${key}`
  if (value === undefined || value === null) return noHostRules
  if (!isTable(value)) return unreadable(`${label} must be a table of hosts.`, source, [key])
  return joinHostRules(
    Object.entries(value).map(([pattern, word]) =>
      readEntry({ pattern, word, label, place: source.placeOf([key, pattern]), managed: source.managed }),
    ),
  )
}

/** Reads `allowed_domains`, `denied_domains` or `review_domains` of a requirements file. */
export function readDomainList(
  value: unknown,
  word: HostRule['decision'],
  source: NetworkSource,
  key: string,
): HostRules {
  const label = `${source.label}.${key}`
  if (value === undefined || value === null) return noHostRules
  if (!Array.isArray(value)) {
    const message = `${label} must be a list of hosts.`
    if (word !== 'allow') return unreadable(message, source, [key])
    return { ...noHostRules, problems: [{ message, label, place: source.placeOf([key]) }] }
  }
  return joinHostRules(
    value.map((pattern: unknown) =>
      readEntry({ pattern, word, label, place: source.placeOf([key]), managed: source.managed }),
    ),
  )
}

/** `network_rule(...)` lines of rules files, as host rules. */
export function hostRulesOf(rules: readonly NetworkRule[], managed = false): HostRules {
  return joinHostRules(
    rules.map(({ host, protocol, decision, justification, place }) => {
      const label = 'network_rule'
      const read = readEntry({ pattern: host, word: decision, label, place, managed })
      return { ...read, rules: read.rules.map((rule) => ({ ...rule, protocol, justification })) }
    }),
  )
}

/** What is wrong with a network table as a whole; closes the network as an unreadable deny entry does. */
export function unreadable(message: string, source: NetworkSource, path: readonly string[]): HostRules {
  return {
    rules: [],
    closed: closedBy(message, source.managed ? 'deny' : 'ask'),
    problems: [{ message, label: [source.label, ...path].join('.'), place: source.placeOf(path) }],
  }
}

/** All rules together. Their order never matters, since deny wins over prompt and prompt over allow. */
export function joinHostRules(sets: readonly HostRules[]): HostRules {
  return {
    rules: sets.flatMap((set) => set.rules),
    closed: sets.reduce<Closed | null>((closed, set) => stricter(closed, set.closed), null),
    problems: sets.flatMap((set) => set.problems),
  }
}

/**
 * What is left of allow rules beside an administrator's. A requirement adds no host to a list that a person made;
 * without one, its list is the whole list. With `managed_allowed_domains_only`, of a person's allow rules only
 * those count that it repeats. Deny and prompt rules of both always count.
 */
export function limitAllows(
  { rules, ...rest }: HostRules,
  { hasOwnList, managedOnly }: { readonly hasOwnList: boolean; readonly managedOnly: boolean },
): HostRules {
  const given = new Set(
    rules.filter((rule) => rule.managed && rule.decision === 'allow').map(({ pattern }) => sameText(pattern)),
  )
  const counts = (rule: HostRule): boolean =>
    rule.managed ? !hasOwnList : !managedOnly || given.has(sameText(rule.pattern))
  return { ...rest, rules: rules.filter((rule) => rule.decision !== 'allow' || counts(rule)) }
}

const sameText = ({ kind, text }: HostRule['pattern']): string => `${kind} ${text}`

function readEntry({ pattern, word, label, place, managed }: Entry): HostRules {
  const shown = typeof pattern === 'string' ? `"${shorten(pattern)}"` : 'a value that is not text'
  const problem = (message: string): NetworkProblem => ({ message: `${label}: ${message}`, label, place })
  const may = word === 'allow' || word === 'deny' || word === 'prompt' ? word : null

  if (may === null) {
    const message = `${shown} must be "allow" or "deny".`
    return {
      ...noHostRules,
      closed: closedBy(message, managed ? 'deny' : 'ask'),
      problems: [problem(message)],
    }
  }
  const read =
    typeof pattern === 'string' ? parseHostPattern(pattern) : ({ ok: false, reason: 'is no host.' } as const)
  const reason = read.ok
    ? may !== 'allow' && read.pattern.kind === 'any'
      ? 'cannot be denied as a whole; leave out the allow rules, or turn the network off.'
      : null
    : read.reason
  if (read.ok && reason === null) {
    const rule: HostRule = {
      pattern: read.pattern,
      decision: may,
      port: null,
      protocol: null,
      justification: null,
      label,
      place,
      managed,
    }
    return { ...noHostRules, rules: [rule] }
  }
  const message = `${shown} ${reason}`
  const problems = [problem(message)]
  if (may === 'allow') return { ...noHostRules, problems }
  const saysAll = read.ok && may === 'deny'
  return { rules: [], closed: closedBy(message, managed || saysAll ? 'deny' : 'ask'), problems }
}

const closedBy = (message: string, decision: Closed['decision']): Closed => ({
  decision,
  message: `Nothing is allowed until this is mended: ${message}`,
})

function stricter(a: Closed | null, b: Closed | null): Closed | null {
  if (a === null || b === null) return a ?? b
  if (a.decision !== b.decision) return a.decision === 'deny' ? a : b
  return a.message <= b.message ? a : b
}

export const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
