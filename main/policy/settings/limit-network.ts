import type { NetworkSettings } from '../../../protocol/config.ts'
import type { Applying } from './applying.ts'
import { lowered } from './applying.ts'
import type { NetworkRequirement } from './requirements.ts'

/**
 * Lays a network requirement over the network in force. It never opens one, and it adds no host to a list that
 * a person made; an open network becomes the administrator's list.
 */
export function limitNetwork(applying: Applying): void {
  const { settings, requirements } = applying
  const limit = requirements.network
  if (!limit) return
  const before = settings.permissions.network
  const network = lowerNetwork(before, limit.value)
  applying.settings = { ...settings, permissions: { ...settings.permissions, network } }
  if (before.access === 'open' && network.access !== 'open') {
    lowered(applying, 'sandbox_workspace_write.network_access', 'open', 'limited', 'limited', null, limit)
  }
}

export function lowerNetwork(network: NetworkSettings, required: NetworkRequirement): NetworkSettings {
  const { managedDomainsOnly } = required
  if (network.access === 'off')
    return { ...network, managedDomainsOnly: network.managedDomainsOnly || managedDomainsOnly }
  const flag = (own: boolean, given: boolean | null): boolean => own && given !== false
  if (network.access === 'open') {
    if (!required.limitsHosts) return network
    return {
      access: 'limited',
      domains: [...required.domains],
      allowLocalBinding: required.allowLocalBinding === true,
      unixSockets: [...(required.unixSockets ?? [])],
      dangerouslyAllowAllUnixSockets: required.dangerouslyAllowAllUnixSockets === true,
      managedDomainsOnly,
    }
  }
  const allowedByAdmin = required.domains.filter((one) => one.decision === 'allow').map((one) => one.pattern)
  const kept = network.domains.filter(
    (one) => one.decision === 'deny' || !managedDomainsOnly || allowedByAdmin.includes(one.pattern),
  )
  return {
    access: 'limited',
    domains: [...kept, ...required.domains.filter((one) => one.decision === 'deny')],
    allowLocalBinding: flag(network.allowLocalBinding, required.allowLocalBinding),
    unixSockets: required.unixSockets
      ? network.unixSockets.filter((path) => required.unixSockets?.includes(path))
      : network.unixSockets,
    dangerouslyAllowAllUnixSockets: flag(
      network.dangerouslyAllowAllUnixSockets,
      required.dangerouslyAllowAllUnixSockets,
    ),
    managedDomainsOnly: network.managedDomainsOnly || managedDomainsOnly,
  }
}
