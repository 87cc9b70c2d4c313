import { networkOfLayers } from '../network/network-of-layers.ts'
import { type ConfigLayer, isTable, own } from './layer.ts'
import type { PolicySettings } from './policy-settings.ts'
import type { Requirements } from './requirements.ts'

/**
 * Whether commands may have sockets of their own while they have no network: `allow_local_binding = true` in
 * `features.network_proxy` or in the network of the permission profile in force, or a network that is open. `false`
 * anywhere among them, or in a requirement, decides. Pure.
 *
 * @param layers those that are in force
 * @param managed requirements as files; `requirements` is what they come to
 */
export function localSocketsOf(
  settings: PolicySettings,
  layers: readonly ConfigLayer[],
  managed: readonly ConfigLayer[],
  requirements: Requirements,
): boolean {
  const profile = settings.activeProfile?.id ?? null
  const refused =
    requirements.network?.value.allowLocalBinding === false ||
    requirements.profiles.some((profiles) => profile !== null && refuses(profiles.get(profile)?.table))
  if (refused) return false
  const open = settings.permissions.network.access === 'open'
  return open || networkOfLayers(layers, managed, [], profile).allowLocalBinding
}

function refuses(profile: unknown): boolean {
  const network = isTable(profile) ? own(profile, 'network') : undefined
  return isTable(network) && own(network, 'allow_local_binding') === false
}
