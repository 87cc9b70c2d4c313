import { networkInterfaces } from 'node:os'
import type { FlowVia } from '../../protocol/network.ts'
import { readAddress } from '../policy/network/address-class.ts'
import { shorten } from '../policy/network/host-rule.ts'
import { type HostVerdict, judgeHost } from '../policy/network/judge-host.ts'
import { parseHost } from '../policy/network/parse-host.ts'
import type { Destination, ProxySettings } from './gate.ts'
import type { Questions } from './questions.ts'
import { type Refusal, refusal } from './refusal.ts'

export type Allowed = {
  readonly kind: 'allowed'
  /** What was judged, and all that may be dialled. */
  readonly addresses: readonly string[]
  readonly why: string
  /** Somebody said yes; without it a rule did. */
  readonly asked: boolean
}
export type Decided = Allowed | Refusal | { readonly kind: 'withdrawn' }

/** On whose behalf a decision is made. */
export type Asker = {
  readonly via: FlowVia
  /** null: not seen. */
  readonly method: string | null
  readonly run: string
  readonly flow: string
  /** Fires when the program has gone. */
  readonly signal: AbortSignal
  /** Called before a question; the answer says why it cannot be put, and is null when it can. */
  onHeld(message: string): string | null
  /** Called when the wait is over. */
  onAnswered(): void
}

export type Deciding = {
  settings(): ProxySettings
  readonly questions: Questions
  /** null: no answer. */
  resolve(name: string): Promise<readonly string[] | null>
  /** Ports on which this program itself listens; they are never dialled on this machine. */
  ownPorts(): readonly number[]
}

/** Not looked up yet; afterwards the addresses, or null when there was no answer. */
type Lookup = 'none' | readonly string[] | null

/**
 * Decides about one connection: by the name, by asking where no rule speaks, and then by the addresses the name has.
 *
 * A name is looked up only after a yes, since a lookup tells the name's owner whatever is written into it. It is
 * looked up once, and the judged addresses are the ones to dial. After an answer the rules of that moment are judged
 * again: a no among them is stronger than the yes, and so is a local address that no rule opens.
 */
export async function decide(destination: Destination, asker: Asker, by: Deciding): Promise<Decided> {
  const read = parseHost(destination.host)
  let lookup: Lookup = 'none'
  if (read.ok && read.host.address !== null) lookup = [read.host.canonical]
  // This machine answers for itself, whatever a resolver would say.
  else if (read.ok && read.host.canonical === 'localhost') lookup = ['127.0.0.1', '::1']
  let yes: string | null = null

  for (;;) {
    if (asker.signal.aborted) return { kind: 'withdrawn' }
    const settings = by.settings()
    const verdict = judge(destination, settings, lookup)
    if (verdict.decision === 'deny') return refusal(verdict.reason, verdict.message)
    const closed = refuseByMode(settings, asker.via, asker.method)
    if (closed) return closed

    if (verdict.decision === 'ask' && yes === null) {
      const cannot = asker.onHeld(verdict.message)
      if (cannot !== null) return refusal('limit', cannot)
      const { reason, rule, message } = verdict
      const { via, run, flow, signal } = asker
      const asked = await by.questions.ask({ ...destination, reason, rule, message, via, run, flow }, signal)
      asker.onAnswered()
      if (asked === 'withdrawn') return { kind: 'withdrawn' }
      if (asked === 'again') continue
      if (!asked.allow) return refusal('person', asked.message, asked.word)
      yes = asked.why
      continue
    }
    if (lookup === 'none') {
      lookup = read.ok ? await by.resolve(read.host.canonical) : null
      continue
    }
    const addresses = lookup ?? []
    if (addresses.some((address) => isOurs(address, destination.port, by.ownPorts())))
      return refusal('not_allowed_local', `${shorten(destination.host)} leads to Gatehouse itself.`)
    return { kind: 'allowed', addresses, why: yes ?? verdict.message, asked: yes !== null }
  }
}

/** Why a connection that was allowed is no longer; null while it is. Looks nothing up. */
export function objection(
  destination: Destination,
  allowed: Allowed,
  seen: Pick<Asker, 'via' | 'method'>,
  settings: ProxySettings,
): Refusal | null {
  const verdict = judge(destination, settings, allowed.addresses)
  if (verdict.decision === 'deny') return refusal(verdict.reason, verdict.message)
  if (verdict.decision === 'ask' && !allowed.asked) return refusal(verdict.reason, verdict.message)
  return refuseByMode(settings, seen.via, seen.method)
}

/** Whether a question still has to be put. */
export const mustAsk = (destination: Destination, settings: ProxySettings): boolean =>
  judge(destination, settings, 'none').decision === 'ask'

function judge({ host, port, protocol }: Destination, settings: ProxySettings, lookup: Lookup): HostVerdict {
  const { allowLocalBinding, rules } = settings
  return judgeHost({ host, port, protocol }, rules, {
    allowLocalBinding,
    addresses: lookup === 'none' ? null : lookup,
    lookup: lookup === 'none' ? 'none' : lookup === null ? 'failed' : 'ok',
  })
}

const reading: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

/** In `limited` mode only what can be seen to be a reading request passes. */
function refuseByMode({ mode }: ProxySettings, via: FlowVia, method: string | null): Refusal | null {
  if (mode === 'full') return null
  if (via !== 'http')
    return refusal(
      'method_not_allowed',
      'The network is in limited mode: only GET, HEAD and OPTIONS over plain HTTP are let through, and what passes here cannot be seen.',
    )
  if (method !== null && reading.includes(method)) return null
  return refusal(
    'method_not_allowed',
    `The network is in limited mode: only GET, HEAD and OPTIONS are let through, not ${shorten(method ?? 'this')}.`,
  )
}

function isOurs(address: string, port: number, ownPorts: readonly number[]): boolean {
  if (!ownPorts.includes(port)) return false
  const read = readAddress(address)
  if (read === null || read.class === 'loopback' || read.class === 'unspecified') return true
  const here = Object.values(networkInterfaces()).flatMap((all) => all?.map((one) => one.address) ?? [])
  return [read.text, ...read.ipv4].some((one) => here.includes(one))
}
