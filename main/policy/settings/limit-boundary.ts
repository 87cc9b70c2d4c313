import type { Applying } from './applying.ts'
import { lowered } from './applying.ts'
import type { Limit, Requirements } from './requirements.ts'

/**
 * Whether requirements let the container around us be the boundary. The strict reading: a list of sandbox modes must
 * name it (`external-sandbox`), and nothing may be required that only a boundary of ours keeps: files that must not be
 * read, a limited network, permission profiles. null: they do.
 */
export function containerForbiddenBy(
  requirements: Requirements,
): { readonly by: Limit<unknown>; readonly why: string } | null {
  const { externalSandbox, deniedReads, network, permissionProfiles, defaultPermissions } = requirements
  if (externalSandbox?.value === false)
    return { by: externalSandbox, why: 'allowed_sandbox_modes does not list "external-sandbox".' }
  const denied = deniedReads[0]
  if (denied)
    return {
      by: { value: null, place: denied.place },
      why: 'Files that must not be read can only be kept closed inside a sandbox.',
    }
  if (network) return { by: network, why: 'The network is limited, which only a sandbox can do.' }
  const profile = permissionProfiles ?? defaultPermissions[0] ?? null
  return profile
    ? { by: profile, why: 'Permission profiles are required, which only a sandbox can keep.' }
    : null
}

/** Not permitted: commands get a boundary of ours, or do not run. */
export function limitBoundary(applying: Applying): void {
  const { settings, requirements } = applying
  if (settings.boundary !== 'container') return
  const forbidden = containerForbiddenBy(requirements)
  if (!forbidden) return
  applying.settings = { ...settings, boundary: 'sandbox' }
  lowered(
    applying,
    'gatehouse.boundary',
    'container',
    ['sandbox'],
    'sandbox',
    'sandbox',
    forbidden.by,
    forbidden.why,
  )
}
