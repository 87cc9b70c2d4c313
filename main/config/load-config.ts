import { homedir, hostname } from 'node:os'
import type { ConfigFact } from '../../protocol/app.ts'
import { permittedModes } from '../policy/settings/apply-requirements.ts'
import type { Effective } from '../policy/settings/effective-config.ts'
import { effectiveConfig } from '../policy/settings/effective-config.ts'
import { isTable, own } from '../policy/settings/layer.ts'
import type { ConfigDefaults, LoadedConfig } from './config-file.ts'
import { narrowDefaults } from './config-file.ts'
import { defaultSystemDir } from './config-places.ts'
import { loadLayers } from './load-layers.ts'

/**
 * What the files set for new sessions, without any folder in particular. Whatever is wrong is told and narrows;
 * a file that cannot be read at all leaves the narrowest settings. Never throws.
 *
 * @param systemDir `/etc/gatehouse`; tests use a folder of their own
 */
export async function loadConfig(gatehouseHome: string, systemDir = defaultSystemDir): Promise<LoadedConfig> {
  const { input } = await loadLayers({
    places: { systemDir, gatehouseHome },
    cwd: null,
    home: homedir(),
    tmpdir: null,
    hostName: hostname(),
    trust: null,
    flags: [],
    profile: null,
    session: {},
  })
  return configOf(effectiveConfig(input))
}

/** The old form of the answer: defaults, facts and sentences. */
export function configOf(effective: Effective): LoadedConfig {
  const files = effective.layers.flatMap(({ file, state }) =>
    file !== null && (state === 'read' || state === 'broken') ? [file] : [],
  )
  const problems = effective.notices
    .filter(({ level }) => level !== 'info')
    .map(({ message, place }) =>
      place === null ? message : `${place.file}${place.line === null ? '' : `:${place.line}`}: ${message}`,
    )
  const facts = effective.origins.map(
    ({ key, value, origin }): ConfigFact => ({
      key,
      value: JSON.stringify(value),
      origin: `${origin.file ?? origin.layer}${origin.line === null ? '' : `:${origin.line}`}`,
    }),
  )
  return { defaults: defaultsOf(effective), facts, problems, files }
}

function defaultsOf(effective: Effective): ConfigDefaults {
  const cut = effective.layers.some(({ state }) => state === 'broken') || effective.requirementsInForce.broken
  if (cut) return narrowDefaults
  const { settings, downgrades } = effective
  const set = (key: string): boolean =>
    effective.origins.some((one) => one.key === key || one.key.startsWith(`${key}.`)) ||
    downgrades.some((one) => one.key === key)
  const policy = settings.approvalPolicy
  return {
    ...(set('sandbox_mode') || set('default_permissions') ? { sandboxMode: settings.permissions.mode } : {}),
    // A switch per kind of question is not offered for sessions yet; asking for everything is not less.
    ...(set('approval_policy') ? { approvalPolicy: typeof policy === 'string' ? policy : 'untrusted' } : {}),
    ...(set('sandbox_workspace_write.writable_roots') ? { extraWritableRoots: rootsOf(effective) } : {}),
  }
}

/** The roots as configured: they count as soon as a session works in workspace-write, whatever the default is. */
function rootsOf({ configured, requirementsInForce }: Effective): readonly string[] {
  if (
    requirementsInForce.permissionProfiles ||
    !permittedModes(requirementsInForce).modes.includes('workspace-write')
  )
    return []
  const table = isTable(configured) ? own(configured, 'sandbox_workspace_write') : undefined
  const roots = isTable(table) ? own(table, 'writable_roots') : undefined
  return Array.isArray(roots) ? roots.filter((root) => typeof root === 'string') : []
}
