import type { Limit, NetworkRequirement, Requirements } from './requirements.ts'
import { noRequirements } from './requirements.ts'

/**
 * Joins several sources: a list is what all of them permit, a denial of one holds for all. Their order decides
 * only what is put in place of a value that is not permitted.
 */
export const combineRequirements = (sources: readonly Requirements[]): Requirements =>
  sources.reduce(join, noRequirements)

function join(a: Requirements, b: Requirements): Requirements {
  return {
    sandboxModes: both(a.sandboxModes, b.sandboxModes),
    externalSandbox:
      a.externalSandbox?.value === false ? a.externalSandbox : (b.externalSandbox ?? a.externalSandbox),
    approvalPolicies: both(a.approvalPolicies, b.approvalPolicies),
    policyLists: [...a.policyLists, ...b.policyLists],
    approvalsReviewers: both(a.approvalsReviewers, b.approvalsReviewers),
    webSearchModes: both(a.webSearchModes, b.webSearchModes),
    permissionProfiles: bothMaps(a.permissionProfiles, b.permissionProfiles, (x, y) => x && y),
    defaultPermissions: [...a.defaultPermissions, ...b.defaultPermissions],
    profiles: [...a.profiles, ...b.profiles],
    deniedReads: [...a.deniedReads, ...b.deniedReads],
    network: bothNetworks(a.network, b.network),
    mcpServers: bothMaps(a.mcpServers, b.mcpServers, (x, y) =>
      JSON.stringify(x) === JSON.stringify(y) ? x : null,
    ),
    rules: [...a.rules, ...b.rules],
    features: joinFeatures(a.features, b.features),
    // Laid over each other when applied; the first source is the last word.
    otel: [...b.otel, ...a.otel],
    allowLoginShell:
      a.allowLoginShell?.value === false ? a.allowLoginShell : (b.allowLoginShell ?? a.allowLoginShell),
    others: [...a.others, ...b.others],
    broken: a.broken ?? b.broken,
  }
}

/** What both lists have, in the order of the first. Values are compared as JSON. */
function both<T>(a: Limit<readonly T[]> | null, b: Limit<readonly T[]> | null): Limit<readonly T[]> | null {
  if (!a || !b) return a ?? b
  const inB = new Set(b.value.map((one) => JSON.stringify(one)))
  const value = a.value.filter((one) => inB.has(JSON.stringify(one)))
  return { value, place: value.length === a.value.length ? a.place : b.place }
}

/** Names both maps have, joined; a null from `joined` leaves the name out. */
function bothMaps<T>(
  a: Limit<ReadonlyMap<string, T>> | null,
  b: Limit<ReadonlyMap<string, T>> | null,
  joined: (a: T, b: T) => T | null,
): Limit<ReadonlyMap<string, T>> | null {
  if (!a || !b) return a ?? b
  const value = new Map<string, T>()
  for (const [name, one] of a.value) {
    const other = b.value.get(name)
    const kept = other === undefined ? null : joined(one, other)
    if (kept !== null) value.set(name, kept)
  }
  return { value, place: value.size === a.value.size ? a.place : b.place }
}

/** The stricter value of a pin: off, but for the proxy, which limits what is open without it. */
export const strictPin = (feature: string): boolean => feature === 'network_proxy'

function joinFeatures(a: Requirements['features'], b: Requirements['features']): Requirements['features'] {
  const all = new Map(a)
  for (const [name, pin] of b) if (!all.has(name) || pin.value === strictPin(name)) all.set(name, pin)
  return all
}

function bothNetworks(
  a: Limit<NetworkRequirement> | null,
  b: Limit<NetworkRequirement> | null,
): Limit<NetworkRequirement> | null {
  if (!a || !b) return a ?? b
  const [x, y] = [a.value, b.value]
  const allowed = (one: NetworkRequirement): string[] =>
    one.domains.filter(({ decision }) => decision === 'allow').map(({ pattern }) => pattern)
  const [inX, inY] = [allowed(x), allowed(y)]
  const keeps = (pattern: string): boolean =>
    (!x.limitsHosts || inX.includes(pattern)) && (!y.limitsHosts || inY.includes(pattern))
  const seen = new Set<string>()
  const domains = [...x.domains, ...y.domains].filter(({ decision, pattern }) => {
    const key = `${decision} ${pattern}`
    if (seen.has(key) || (decision === 'allow' && !keeps(pattern))) return false
    seen.add(key)
    return true
  })
  const stricter = (one: boolean | null, other: boolean | null): boolean | null =>
    one === false || other === false ? false : (one ?? other)
  return {
    place: a.place,
    value: {
      enabled: x.enabled || y.enabled,
      domains,
      limitsHosts: x.limitsHosts || y.limitsHosts,
      allowLocalBinding: stricter(x.allowLocalBinding, y.allowLocalBinding),
      unixSockets:
        x.unixSockets && y.unixSockets
          ? x.unixSockets.filter((path) => y.unixSockets?.includes(path))
          : (x.unixSockets ?? y.unixSockets),
      dangerouslyAllowAllUnixSockets: stricter(
        x.dangerouslyAllowAllUnixSockets,
        y.dangerouslyAllowAllUnixSockets,
      ),
      managedDomainsOnly: x.managedDomainsOnly || y.managedDomainsOnly,
      reviewDomains: [...new Set([...x.reviewDomains, ...y.reviewDomains])],
    },
  }
}
