import type { NetworkProtocol } from '../network/host-rule.ts'
import { type HostVerdict, judgeHost } from '../network/judge-host.ts'
import { type NetworkSettings, networkSettings } from '../network/network-settings.ts'
import { parseHost } from '../network/parse-host.ts'
import type { Compared } from './comparison.ts'
import { explainHost } from './host-differences.ts'

/** domain-rules.json, as far as it is looked at. */
export type DomainVectors = {
  readonly cases: readonly DomainCase[]
  readonly protocol_cases: readonly ProtocolCase[]
}

export type DomainCase = {
  readonly group: string
  readonly domains: unknown
  readonly options?: string
  readonly host?: string
  readonly port?: number
  readonly decision?: string
  readonly reason?: string
  readonly startup_error?: string
}

export type ProtocolCase = {
  readonly title: string
  readonly config_toml: string
  readonly startup_error?: string
  readonly request?: {
    readonly op: string
    readonly host: string
    readonly port: number
    readonly hdrs?: unknown
  }
  readonly response?: { readonly status?: number; readonly rep?: number; readonly body?: string }
}

const publicAddress = '93.184.216.34'

/** The name server of the measurements, as the file's `about` tells. null: no answer. */
const answers: Readonly<Record<string, readonly string[] | null>> = {
  'rebind.test': ['127.0.0.1'],
  'priv.test': ['10.0.0.1'],
  'mixed.test': [publicAddress, '10.0.0.1'],
  'linklocal.test': ['169.254.169.254'],
  'cgnat.test': ['100.64.0.1'],
  'testnet.test': ['203.0.113.7'],
  'bench.test': ['198.18.0.1'],
  'zero.test': ['0.0.0.0'],
  'ula.test': ['fd00::1'],
  'v4mapped.test': ['::ffff:10.0.0.1'],
  'ip6only.test': ['2606:2800:220:1::1'],
  // Answers with another address each time it is asked; one of them is local.
  'flip.test': [publicAddress, '127.0.0.1'],
  'nxdomain.test': null,
  'slow.test': null,
  localhost: ['127.0.0.1', '::1'],
}

/** What Codex says of a case: through, refused for a reason, or nothing about policy. */
type Said = { readonly kind: 'allow' } | { readonly kind: 'deny'; readonly reason: string | null }

/** Compares every case of domain-rules.json. */
export function compareDomainRules({ cases, protocol_cases }: DomainVectors): readonly Compared[] {
  return [...cases.map(compareCase), ...protocol_cases.map(compareProtocolCase)]
}

export function compareCase(one: DomainCase): Compared {
  const settings = settingsOf({ ...readKeys(one.options ?? ''), domains: one.domains })
  if (one.startup_error !== undefined) return compareStart(one.group, settings)
  const title = `${one.group}: ${one.host}:${one.port}`
  const said: Said | null =
    one.decision === 'allow'
      ? { kind: 'allow' }
      : one.decision === 'deny'
        ? { kind: 'deny', reason: one.reason ?? null }
        : null
  return compareHost(title, one.host ?? '', one.port ?? 0, 'http', settings, said)
}

export function compareProtocolCase(one: ProtocolCase): Compared {
  const settings = settingsOf(readKeys(one.config_toml))
  if (one.startup_error !== undefined) {
    // Sockets in the file system are not hosts.
    return one.config_toml.includes('unix_sockets')
      ? noVerdict(one.title, one.startup_error)
      : compareStart(one.title, settings)
  }
  const { request, response } = one
  if (!request) return noVerdict(one.title, 'no request')
  const title = `${one.title}: ${request.op} ${request.host}:${request.port}`
  const protocol: NetworkProtocol =
    request.op === 'http' ? 'http' : request.op === 'connect' ? 'https' : 'socks5_tcp'
  const said = request.hdrs === undefined ? saidBy(request.op, response ?? {}, one.config_toml) : null
  return compareHost(title, request.host, request.port, protocol, settings, said)
}

function saidBy(op: string, response: NonNullable<ProtocolCase['response']>, config: string): Said | null {
  if (op === 'socks') {
    // Refused whatever the host is.
    if (config.includes('limited') || config.includes('enable_socks5=false')) return null
    if (response.rep === 0) return { kind: 'allow' }
    return response.rep === 2 || response.rep === 5 ? { kind: 'deny', reason: null } : null
  }
  if (op !== 'http' && op !== 'connect') return null
  if (response.status === 200) return { kind: 'allow' }
  if (response.status !== 403) return null
  const reason = /"reason":"(\w+)"/.exec(response.body ?? '')?.[1] ?? null
  return reason === 'method_not_allowed' ? null : { kind: 'deny', reason }
}

function compareHost(
  title: string,
  host: string,
  port: number,
  protocol: NetworkProtocol,
  settings: NetworkSettings,
  said: Said | null,
): Compared {
  const addresses = resolve(host)
  const verdict = judgeHost({ host, port, protocol }, settings.rules, {
    allowLocalBinding: settings.allowLocalBinding,
    addresses,
    lookup: addresses === null ? 'failed' : 'ok',
  })
  const ours = `${verdict.decision} (${verdict.reason})`
  if (said === null) return { title, result: 'noVerdict', difference: null, codex: 'no verdict', ours }
  const codex = said.kind === 'allow' ? 'allow' : `deny (${said.reason ?? 'no reason'})`
  if (agrees(said, verdict)) return { title, result: 'agree', difference: null, codex, ours }
  if (said.kind === 'deny' && letsThrough(said, verdict))
    return { title, result: 'wider', difference: null, codex, ours }
  const difference = explainHost({ host, addresses: addresses ?? [], settings, verdict })
  return { title, result: 'stricter', difference, codex, ours }
}

function agrees(said: Said, verdict: HostVerdict): boolean {
  if (said.kind === 'allow') return verdict.decision === 'allow'
  if (letsThrough(said, verdict)) return false
  return said.reason === null || said.reason === verdict.reason
}

/** Whether more than Codex lets through: an answer of a person is more than a refusal nobody can lift. */
function letsThrough(said: { readonly reason: string | null }, verdict: HostVerdict): boolean {
  if (verdict.decision === 'deny') return false
  return verdict.decision === 'allow' || (said.reason !== null && said.reason !== 'not_allowed')
}

/** Codex does not start; Gatehouse starts, tells the problem, and what it could not read allows nothing. */
function compareStart(title: string, { rules }: NetworkSettings): Compared {
  const told = rules.problems.length > 0
  return {
    title,
    result: told ? 'agree' : 'wider',
    difference: null,
    codex: 'does not start',
    ours: told ? `told: ${rules.problems[0]?.message ?? ''}` : 'accepted',
  }
}

const noVerdict = (title: string, codex: string): Compared => ({
  title,
  result: 'noVerdict',
  difference: null,
  codex,
  ours: 'not judged',
})

function resolve(host: string): readonly string[] | null {
  const read = parseHost(host)
  if (!read.ok) return null
  const name = read.host.canonical
  if (read.host.address !== null) return [name]
  return Object.hasOwn(answers, name) ? (answers[name] ?? null) : [publicAddress]
}

const settingsOf = (value: Readonly<Record<string, unknown>>): NetworkSettings =>
  networkSettings([
    { source: { label: 'features.network_proxy', managed: false, placeOf: () => null }, value },
  ])

/** The few lines of TOML that the measurements used: `key=true`, `key="text"`, `key={"a"="b"}`. */
function readKeys(text: string): Record<string, unknown> {
  const keys: Record<string, unknown> = {}
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\w+)\s*=\s*(.*)$/.exec(line.trim()) ?? []
    if (key === undefined || value === undefined) continue
    if (value === 'true' || value === 'false') keys[key] = value === 'true'
    else if (value.startsWith('{'))
      keys[key] = Object.fromEntries(
        [...value.matchAll(/"([^"]*)"\s*=\s*"([^"]*)"/g)].map(([, name, word]) => [name ?? '', word]),
      )
    else keys[key] = value.replace(/^"|"$/g, '')
  }
  return keys
}
