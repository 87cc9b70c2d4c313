import type { DomainEntry } from '../../../protocol/config.ts'
import { isTable, own } from './layer.ts'
import type { NetworkRequirement } from './requirements.ts'

const flags = [
  'enabled',
  'allow_upstream_proxy',
  'managed_allowed_domains_only',
  'allow_local_binding',
  'dangerously_allow_non_loopback_proxy',
  'dangerously_allow_all_unix_sockets',
] as const
const known: readonly string[] = [
  ...flags,
  'http_port',
  'socks_port',
  'domains',
  'allowed_domains',
  'denied_domains',
  'unix_sockets',
  'allow_unix_sockets',
  'review_domains',
  'header_injections',
]

export type NetworkReading =
  | { readonly network: NetworkRequirement; readonly unknown: readonly string[] }
  | { readonly wrong: string; readonly at: readonly string[] }

/**
 * Reads `experimental_network`, also written `network_proxy` or `permissions.network`. Anything that cannot be
 * read as it stands is wrong as a whole. Source: requirements of Codex, observed.
 */
export function readNetworkRequirement(value: unknown): NetworkReading {
  if (!isTable(value)) return { wrong: 'must be a table', at: [] }
  for (const name of flags) {
    const given = own(value, name)
    if (given !== undefined && typeof given !== 'boolean')
      return { wrong: 'must be true or false', at: [name] }
  }
  for (const name of ['http_port', 'socks_port']) {
    const port = own(value, name)
    const fine = typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535
    if (port !== undefined && !fine) return { wrong: 'must be a port from 0 to 65535', at: [name] }
  }
  const lists = ['allowed_domains', 'denied_domains'].filter((name) => own(value, name) !== undefined)
  if (own(value, 'domains') !== undefined && lists.length > 0) {
    return { wrong: `cannot be combined with ${lists.join(' and ')}`, at: ['domains'] }
  }
  const domains: DomainEntry[] = []
  const map = readMap(own(value, 'domains'), ['allow', 'deny'])
  if (!map) return { wrong: 'must be a table of hosts with "allow" or "deny"', at: ['domains'] }
  for (const [pattern, word] of map) {
    domains.push({ pattern, decision: word === 'allow' ? 'allow' : 'deny', from: 'requirement' })
  }
  for (const [name, decision] of [
    ['allowed_domains', 'allow'],
    ['denied_domains', 'deny'],
  ] as const) {
    const all = readList(own(value, name))
    if (!all) return { wrong: 'must be a list of hosts', at: [name] }
    for (const pattern of all) domains.push({ pattern, decision, from: 'requirement' })
  }
  for (const { pattern, decision } of domains) {
    const bad = /[\s/\0]/.test(pattern) || pattern === '' || (decision === 'deny' && /^[*.]+$/.test(pattern))
    if (bad) {
      const wrong = `has the host ${JSON.stringify(pattern).slice(0, 80)}; use an exact host, "*.example.com" or "**.example.com"`
      return { wrong, at: ['domains'] }
    }
  }
  const sockets = readSockets(own(value, 'unix_sockets'), own(value, 'allow_unix_sockets'))
  if (sockets === 'wrong') return { wrong: 'must name sockets by their absolute path', at: ['unix_sockets'] }
  const review = readList(own(value, 'review_domains'))
  if (!review) return { wrong: 'must be a list of hosts', at: ['review_domains'] }
  const flag = (name: (typeof flags)[number]): boolean | null => {
    const given = own(value, name)
    return typeof given === 'boolean' ? given : null
  }
  return {
    network: {
      enabled: flag('enabled') === true,
      domains,
      limitsHosts:
        flag('enabled') === true || flag('managed_allowed_domains_only') === true || domains.length > 0,
      allowLocalBinding: flag('allow_local_binding'),
      unixSockets: sockets,
      dangerouslyAllowAllUnixSockets: flag('dangerously_allow_all_unix_sockets'),
      managedDomainsOnly: flag('managed_allowed_domains_only') === true,
      reviewDomains: review,
    },
    unknown: Object.keys(value).filter((name) => !known.includes(name)),
  }
}

function readMap(value: unknown, words: readonly string[]): [string, string][] | null {
  if (value === undefined) return []
  if (!isTable(value)) return null
  const all: [string, string][] = []
  for (const name of Object.keys(value)) {
    const word = own(value, name)
    if (typeof word !== 'string' || !words.includes(word)) return null
    all.push([name, word])
  }
  return all
}

const readList = (value: unknown): string[] | null =>
  value === undefined
    ? []
    : Array.isArray(value) && value.every((one) => typeof one === 'string')
      ? value
      : null

function readSockets(map: unknown, list: unknown): readonly string[] | null | 'wrong' {
  if (map === undefined && list === undefined) return null
  const fromMap = readMap(map, ['allow', 'deny', 'none'])
  const fromList = readList(list)
  if (!fromMap || !fromList) return 'wrong'
  const all = [...fromMap.filter(([, word]) => word === 'allow').map(([path]) => path), ...fromList]
  return all.every((path) => path.startsWith('/') && !path.includes('\0')) ? all : 'wrong'
}
