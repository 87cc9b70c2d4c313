import { type HostRules, noHostRules } from './host-rule.ts'
import {
  isTable,
  joinHostRules,
  limitAllows,
  type NetworkSource,
  readDomainList,
  readDomainMap,
  unreadable,
} from './network-rules.ts'

/** What the configuration says about hosts. Whether a command has a network at all is the sandbox's matter. */
export type NetworkSettings = {
  readonly allowLocalBinding: boolean
  /** `limited`: only GET, HEAD and OPTIONS. */
  readonly mode: 'full' | 'limited'
  readonly rules: HostRules
}

/** A network table: `features.network_proxy`, `permissions.NAME.network`, or `experimental_network`. */
export type NetworkTable = { readonly source: NetworkSource; readonly value: unknown }

const booleans = [
  'enabled',
  'allow_local_binding',
  'enable_socks5',
  'enable_socks5_udp',
  'allow_upstream_proxy',
  'dangerously_allow_non_loopback_proxy',
  'dangerously_allow_all_unix_sockets',
]
const others = ['domains', 'mode', 'unix_sockets', 'proxy_url', 'socks_url', 'mitm']
const managedOnly = [
  'allowed_domains',
  'denied_domains',
  'review_domains',
  'managed_allowed_domains_only',
  'allow_unix_sockets',
  'http_port',
  'socks_port',
  'header_injections',
]

/**
 * Joins the network tables in force. A table that is on without rules is not "open": every host is then asked for.
 *
 * A key nobody knows might have been meant to deny something, so it closes the network for the time being (Codex
 * 0.169.0 does not start at all). An administrator's `allow_local_binding = false` cannot be lifted. Never throws.
 */
export function networkSettings(
  tables: readonly NetworkTable[],
  more: readonly HostRules[] = [],
): NetworkSettings {
  const read = tables.map(readTable)
  const all = joinHostRules([...read.map((one) => one.rules), ...more])
  const own = read.filter((one) => !one.managed).map((one) => one.localBinding)
  const managed = read.filter((one) => one.managed).map((one) => one.localBinding)
  const wanted = own.some((one) => one !== null) ? own : managed
  return {
    // Several tables that disagree give the narrower answer.
    allowLocalBinding: !managed.includes(false) && wanted.includes(true) && !wanted.includes(false),
    mode: read.some((one) => one.mode === 'limited') ? 'limited' : 'full',
    rules: limitAllows(all, {
      hasOwnList: tables.some(
        ({ source, value }) => !source.managed && isTable(value) && value['domains'] !== undefined,
      ),
      managedOnly: read.some((one) => one.managedAllowsOnly),
    }),
  }
}

type TableReading = {
  readonly managed: boolean
  readonly localBinding: boolean | null
  readonly mode: 'full' | 'limited'
  readonly managedAllowsOnly: boolean
  readonly rules: HostRules
}

function readTable({ source, value }: NetworkTable): TableReading {
  const nothing: TableReading = {
    managed: source.managed,
    localBinding: null,
    mode: 'full',
    managedAllowsOnly: false,
    rules: noHostRules,
  }
  if (value === undefined || value === null || typeof value === 'boolean') return nothing
  if (!isTable(value))
    return { ...nothing, rules: unreadable(`${source.label} must be a table, or true or false.`, source, []) }

  const own = (key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined)
  const wrong: HostRules[] = []
  const known = [...booleans, ...others, ...(source.managed ? managedOnly : [])]
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      wrong.push(unreadable(`${source.label} has an unknown key, ${key.slice(0, 80)}.`, source, [key]))
    else if (booleans.includes(key) && typeof value[key] !== 'boolean')
      wrong.push(unreadable(`${source.label}.${key} must be true or false.`, source, [key]))
  }
  const mode = own('mode')
  if (mode !== undefined && mode !== 'full' && mode !== 'limited')
    wrong.push(unreadable(`${source.label}.mode must be "full" or "limited".`, source, ['mode']))
  const only = own('managed_allowed_domains_only')
  if (source.managed && only !== undefined && typeof only !== 'boolean')
    wrong.push(
      unreadable(`${source.label}.managed_allowed_domains_only must be true or false.`, source, [
        'managed_allowed_domains_only',
      ]),
    )
  const local = own('allow_local_binding')
  return {
    ...nothing,
    localBinding: local === undefined ? null : local === true,
    mode: mode === undefined || mode === 'full' ? 'full' : 'limited',
    managedAllowsOnly: source.managed && only !== undefined && only !== false,
    rules: joinHostRules([
      readDomainMap(own('domains'), source),
      ...(source.managed
        ? [
            readDomainList(own('allowed_domains'), 'allow', source, 'allowed_domains'),
            readDomainList(own('denied_domains'), 'deny', source, 'denied_domains'),
            readDomainList(own('review_domains'), 'prompt', source, 'review_domains'),
          ]
        : []),
      ...wrong,
    ]),
  }
}
