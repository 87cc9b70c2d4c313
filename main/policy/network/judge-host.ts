import { indexOf } from './host-index.ts'
import { allowsHost, deniesHost } from './host-pattern.ts'
import {
  type HostRule,
  type HostRules,
  mostExact,
  type NetworkProtocol,
  shorten,
  spellRule,
} from './host-rule.ts'
import { type HostFacts, localLiteral, refuseAddresses, refuseLocal } from './judge-addresses.ts'
import { type Host, parseHost } from './parse-host.ts'

export type HostTarget = {
  /** A name or an address, in any notation, IPv6 with or without brackets. */
  readonly host: string
  readonly port: number
  /** null: not known yet; then an allow rule for one protocol does not speak. */
  readonly protocol: NetworkProtocol | null
}

/** Codex's words, and four of our own: `allowed`, `prompt`, `rules_unreadable`, `invalid_host`. */
export type HostReason =
  | 'allowed'
  | 'denied'
  | 'policy_denied'
  | 'not_allowed'
  | 'not_allowed_local'
  | 'prompt'
  | 'rules_unreadable'
  | 'invalid_host'

export type HostVerdict = {
  readonly decision: 'allow' | 'deny' | 'ask'
  readonly reason: HostReason
  /** The line that decided it. */
  readonly rule: HostRule | null
  /** One or two sentences for a person. */
  readonly message: string
}

/**
 * Judges one destination. The order is Codex's, so that the reasons agree: deny rules, local destinations without
 * an exact rule, the allow rules, what the name was resolved to, deny rules for those addresses.
 *
 * A host nobody allowed is `ask`, except where the answer could not help because its address is refused anyway.
 * Names resolve to local addresses at their owner's will, so an allow rule for a name does not open those; only an
 * exact rule for an address or `localhost` does, or `allow_local_binding` together with an allow rule.
 * Stricter than Codex 0.169.0: metadata services need a rule that names them even then.
 *
 * Pure; hostile input is `deny`. Source: docs/POLICY.md, "Hosts".
 */
export function judgeHost(target: HostTarget, rules: HostRules, facts: HostFacts): HostVerdict {
  const read = parseHost(target.host)
  if (!read.ok) return deny('invalid_host', null, `${shorten(target.host)} ${read.reason}`)
  if (!Number.isInteger(target.port) || target.port < 1 || target.port > 65_535)
    return deny('invalid_host', null, `${target.port} is not a port.`)
  if (read.port !== null && read.port !== target.port)
    return deny('invalid_host', null, `${shorten(target.host)} names another port than ${target.port}.`)

  const { host } = read
  const name = shorten(host.text)
  const index = indexOf(rules)
  const inForce = (rule: HostRule): boolean => rule.port === null || rule.port === target.port
  const near = index.near(host).filter(inForce)
  const pick = (decision: HostRule['decision'], speaks: (rule: HostRule) => boolean): HostRule | null =>
    mostExact(near.filter((rule) => rule.decision === decision && speaks(rule)))

  const denied = pick('deny', (rule) => deniesHost(rule.pattern, host))
  if (denied) return deny('denied', denied, `${name} is denied by ${spellRule(denied)}.`)

  const prompts = pick('prompt', (rule) => deniesHost(rule.pattern, host))
  const allowed = pick('allow', (rule) => protocolFits(rule, target) && allowsHost(rule.pattern, host))
  const exact = allowed?.pattern.kind === 'exact'
  const local = localLiteral(host)
  if (local !== null && !exact && (!facts.allowLocalBinding || local === 'metadata'))
    return deny('not_allowed_local', null, refuseLocal(name, local))

  const refused = refuseAddresses(
    host,
    exact,
    (address) => index.nearAddress(address).filter((rule) => rule.decision === 'deny' && inForce(rule)),
    facts,
  )
  if (allowed === null) {
    if (refused) return { decision: 'deny', ...refused, reason: 'not_allowed' }
    if (rules.closed?.decision === 'deny') return deny('rules_unreadable', null, rules.closed.message)
    if (prompts) return ask('prompt', prompts, `${name} needs an answer: ${spellRule(prompts)}.`)
    return ask('not_allowed', null, notAllowed(host, name))
  }
  if (refused) return { decision: 'deny', ...refused }
  if (rules.closed?.decision === 'deny') return deny('rules_unreadable', null, rules.closed.message)
  if (prompts) return ask('prompt', prompts, `${name} needs an answer: ${spellRule(prompts)}.`)
  if (rules.closed) return ask('rules_unreadable', null, rules.closed.message)

  const later = host.address === null && facts.lookup === 'none'
  return {
    decision: 'allow',
    reason: 'allowed',
    rule: allowed,
    message: `${name} is allowed by ${spellRule(allowed)}.${later ? ' Only its name was judged: what it resolves to is checked again when it connects.' : ''}`,
  }
}

const deny = (reason: HostReason, rule: HostRule | null, message: string): HostVerdict => ({
  decision: 'deny',
  reason,
  rule,
  message,
})

const ask = (reason: HostReason, rule: HostRule | null, message: string): HostVerdict => ({
  decision: 'ask',
  reason,
  rule,
  message,
})

const protocolFits = (rule: HostRule, target: HostTarget): boolean =>
  rule.protocol === null || rule.protocol === target.protocol

function notAllowed(host: Host, name: string): string {
  if (host.spelling === 'unicode')
    return `${name} stands for ${host.canonical} and is written in Unicode; no rule speaks for that spelling.`
  if (host.spelling === 'unusual' && host.canonical !== host.text)
    return `${name} is another way to write ${host.canonical}; no rule allows it.`
  return `No rule allows ${name}.`
}
