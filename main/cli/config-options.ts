import os from 'node:os'
import path from 'node:path'
import { findText } from '../config/find-text.ts'
import { loadLayers } from '../config/load-layers.ts'
import { parseLayer } from '../config/parse-layer.ts'
import { type Effective, effectiveConfig } from '../policy/settings/effective-config.ts'
import type { ConfigLayer } from '../policy/settings/layer.ts'
import { type Surroundings, UsageProblem } from './command.ts'

/** What decides the settings when one file is asked about: nothing but what was named is read. */
export type NamedFiles = {
  readonly config: string
  readonly requirements: readonly string[]
  /** null: no folder in particular. */
  readonly cwd: string | null
  readonly trust: string | null
  readonly flags: readonly string[]
  readonly profile: string | null
}

export type FileLayers = {
  readonly config: ConfigLayer
  readonly requirements: readonly ConfigLayer[]
}

/**
 * Reads the named files as the person's own and as the administrator's. Layers keep the path as it was typed, for
 * messages; `base`, where relative paths in them start, is absolute.
 *
 * @returns a line for standard error when a file is not there
 */
export async function readLayers(
  config: string,
  requirements: readonly string[],
  { cwd }: Surroundings,
): Promise<FileLayers | { readonly problem: string }> {
  const load = async (name: ConfigLayer['name'], file: string): Promise<ConfigLayer> => {
    const absolute = path.resolve(cwd, file)
    const layer = parseLayer(name, absolute, await findText(absolute))
    // A sentence about a file that cannot be read begins with its path.
    return { ...layer, file, why: layer.why?.replaceAll(absolute, file) ?? null }
  }
  const [own, ...managed] = await Promise.all([
    load('user', config),
    ...requirements.map((file) => load('managed', file)),
  ])
  if (own === undefined) throw new TypeError('unreachable: the first file is always read')
  const absent = [own, ...managed].find(({ state }) => state === 'absent')
  if (absent) return { problem: `${absent.file}:1:1: There is no such file.\n` }
  return { config: own, requirements: managed }
}

/** The settings that the named files give. `NAME.config.toml` of a profile lies beside the file. */
export async function effectiveOf(
  named: NamedFiles,
  surroundings: Surroundings,
): Promise<Effective | { readonly problem: string }> {
  const layers = await readLayers(named.config, named.requirements, surroundings)
  if ('problem' in layers) return layers
  if (named.trust !== null && named.trust !== 'trusted' && named.trust !== 'untrusted')
    throw new UsageProblem(`--trust is "trusted" or "untrusted", not ${JSON.stringify(named.trust)}.`)

  const profile = named.profile ?? layers.config.table['profile']
  const { input } = await loadLayers({
    // Nothing lies below a device, so no file of this machine is read.
    places: {
      systemDir: '/dev/null',
      gatehouseHome: path.dirname(path.resolve(surroundings.cwd, named.config)),
    },
    cwd: named.cwd === null ? null : path.resolve(surroundings.cwd, named.cwd),
    home: surroundings.home,
    tmpdir: surroundings.env['TMPDIR'] ?? null,
    hostName: os.hostname(),
    trust: named.trust,
    flags: named.flags,
    profile: typeof profile === 'string' ? profile : null,
    session: {},
  })
  return effectiveConfig({
    ...input,
    layers: input.layers.flatMap((layer) => {
      if (layer.name === 'system' || layer.name === 'managed') return []
      return layer.name === 'user' ? [layers.config] : [layer]
    }),
    requirements: layers.requirements,
    profile: named.profile,
  })
}

/** Tells every notice on standard error, with its place. */
export function tellNotices({ notices }: Effective, { err }: Surroundings): void {
  for (const { level, message, place } of notices) {
    const where = place === null ? 'gatehouse' : `${place.file}:${place.line ?? 1}:1`
    if (level !== 'info') err(`${where}: ${message}\n`)
  }
}
