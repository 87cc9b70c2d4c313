import type { Downgrade } from '../../../protocol/requirements.ts'
import type { Settings } from '../../../protocol/settings.ts'
import type { HostContext } from '../host-context.ts'
import { loweredDials, settingsFrom } from './policy-store.ts'

/**
 * What a session may run under when these settings are wanted: the files and requirements as they stand now are
 * applied last, to every way in.
 */
export async function permitted(
  folder: string,
  wanted: Settings,
  { policy }: Pick<HostContext, 'policy'>,
): Promise<{ readonly to: Settings; readonly lowered: readonly Downgrade[] }> {
  const { sandboxMode, approvalPolicy, granular, profile } = wanted
  const byProfile = profile !== undefined && sandboxMode !== 'danger-full-access'
  const effective = await policy.effective(folder, {
    sandboxMode,
    ...(byProfile ? { permissionProfile: profile } : {}),
    approvalPolicy: approvalPolicy === 'granular' ? { granular: switchesOf(granular) } : approvalPolicy,
  })
  const to = settingsFrom(effective, {
    preset: wanted.preset,
    leaseEndsAtMs: wanted.leaseEndsAtMs,
    deniedReads: wanted.deniedReads,
  })
  // A running session is not carried into a container's boundary by an edit: that is chosen before a start.
  const { boundary, ...rest } = to
  const kept = boundary !== undefined && wanted.boundary === boundary ? to : rest
  return { to: profile === undefined ? kept : { ...kept, profile }, lowered: loweredDials(effective) }
}

const switchesOf = (granular: Settings['granular']) => ({
  sandbox_approval: granular?.sandboxApproval ?? false,
  rules: granular?.rules ?? false,
  mcp_elicitations: granular?.mcpElicitations ?? false,
  request_permissions: granular?.requestPermissions ?? false,
  skill_approval: granular?.skillApproval ?? false,
})
