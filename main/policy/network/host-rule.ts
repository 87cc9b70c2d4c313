import type { NetworkRule, RulePlace } from '../rules/rule.ts'
import type { HostPattern } from './host-pattern.ts'

export type NetworkProtocol = NetworkRule['protocol']

/** One line that speaks for hosts, wherever it stands. Deny wins, then prompt, then allow; order never matters. */
export type HostRule = {
  readonly pattern: HostPattern
  readonly decision: 'allow' | 'prompt' | 'deny'
  /** null: every port. Codex has no rules for one port, so a port in its patterns is dropped. */
  readonly port: number | null
  /** null: every protocol. Looked at for allow only: a deny holds for the host, however it is reached. */
  readonly protocol: NetworkProtocol | null
  readonly justification: string | null
  /** What it is called where it stands: `features.network_proxy.domains`, `network_rule`. */
  readonly label: string
  readonly place: RulePlace | null
  /** Set by an administrator. */
  readonly managed: boolean
}

/** A line that could not be read. `place` null: nobody knows where in the file, `label` names the key. */
export type NetworkProblem = {
  readonly message: string
  readonly label: string
  readonly place: RulePlace | null
}

/**
 * Why nothing is allowed for the time being: a line that might deny something could not be read. `ask` when a
 * person wrote it, `deny` when an administrator did, or when it says in so many words that all is denied.
 */
export type Closed = { readonly decision: 'ask' | 'deny'; readonly message: string }

export type HostRules = {
  readonly rules: readonly HostRule[]
  readonly closed: Closed | null
  readonly problems: readonly NetworkProblem[]
}

export const noHostRules: HostRules = { rules: [], closed: null, problems: [] }

/** How a message names a rule. */
export const spellRule = ({ label, pattern, place, justification }: HostRule): string =>
  `"${shorten(pattern.source)}" in ${place ? `${place.file}:${place.line}` : label}${justification ? ` (${justification})` : ''}`

/** For messages: what a program sends may be long. */
export const shorten = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text)

const kinds = ['exact', 'subdomains', 'apexAndSubdomains', 'glob', 'any'] as const

/** The same rule whatever the order: the most exact pattern, then the longest, then by what it says. */
export function mostExact(rules: readonly HostRule[]): HostRule | null {
  const key = (rule: HostRule): string =>
    `${rule.pattern.source}\u0000${rule.label}\u0000${rule.place?.file ?? ''}`
  return (
    rules.toSorted(
      (a, b) =>
        kinds.indexOf(a.pattern.kind) - kinds.indexOf(b.pattern.kind) ||
        b.pattern.text.length - a.pattern.text.length ||
        (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : (a.place?.line ?? 0) - (b.place?.line ?? 0)),
    )[0] ?? null
  )
}
