import { dirname, join } from 'node:path'

/** Where settings may be. Absolute paths, so that tests can use folders of their own. */
export type ConfigPlaces = {
  /** `/etc/gatehouse`: `config.toml`, `managed_config.toml`, `requirements.toml`, `requirements.d/`. */
  readonly systemDir: string
  /** GATEHOUSE_HOME: `config.toml` and `NAME.config.toml`. */
  readonly gatehouseHome: string
}

export const defaultSystemDir = '/etc/gatehouse'

export const systemConfig = ({ systemDir }: ConfigPlaces): string => join(systemDir, 'config.toml')
export const managedConfig = ({ systemDir }: ConfigPlaces): string => join(systemDir, 'managed_config.toml')
export const requirementsFile = ({ systemDir }: ConfigPlaces): string => join(systemDir, 'requirements.toml')
export const requirementsDir = ({ systemDir }: ConfigPlaces): string => join(systemDir, 'requirements.d')
export const userConfig = ({ gatehouseHome }: ConfigPlaces): string => join(gatehouseHome, 'config.toml')

/** null for a name that could lead out of the folder. */
export const profileConfig = ({ gatehouseHome }: ConfigPlaces, name: string): string | null =>
  /^[\w-]{1,64}$/.test(name) ? join(gatehouseHome, `${name}.config.toml`) : null

/** `.gatehouse/config.toml` of every folder from the root of the repository down to `cwd`; the nearest is last. */
export function folderConfigs(cwd: string, gitRoot: string | null): string[] {
  const folders = [cwd]
  for (let at = cwd; gitRoot !== null && at !== gitRoot && folders.length < 64; ) {
    const above = dirname(at)
    if (above === at) return [join(cwd, '.gatehouse', 'config.toml')]
    folders.push(above)
    at = above
  }
  return folders.toReversed().map((folder) => join(folder, '.gatehouse', 'config.toml'))
}
