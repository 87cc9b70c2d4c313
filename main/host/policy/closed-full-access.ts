import type { Downgrade } from '../../../protocol/requirements.ts'
import type { Effective } from '../../policy/settings/effective-config.ts'

/** Why such settings are refused, as the end of a sentence about them. */
export const closedFullAccessWords =
  'everything may be written, but the network is closed or limited, which no boundary here can hold. Name the folders that may be written, or choose full access by its own name.'

/**
 * Whether the settings write everywhere and still speak of a closed or limited network. Full access has no boundary,
 * so nothing would keep that network closed: such settings must not start anything.
 */
export const isClosedFullAccess = ({ settings: { permissions } }: Pick<Effective, 'settings'>): boolean =>
  permissions.mode === 'danger-full-access' && permissions.network.access !== 'open'

/** What then holds instead, told like a limit of an administrator. Empty for all other settings. */
export const closedFullAccess = (effective: Pick<Effective, 'settings'>): readonly Downgrade[] => {
  const { activeProfile, permissions } = effective.settings
  if (!isClosedFullAccess(effective)) return []
  return [
    {
      key: 'sandbox_mode',
      chosen: permissions.mode,
      allowed: ['read-only', 'workspace-write'],
      inForce: 'read-only',
      nearest: 'workspace-write',
      setBy: activeProfile
        ? `the permission profile ${JSON.stringify(activeProfile.id)}`
        : 'the network settings',
      reason: closedFullAccessWords,
    },
  ]
}
