import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FolderTrustLevel, SessionChoice } from '../policy/settings/choose-settings.ts'
import type { EffectiveInput } from '../policy/settings/effective-config.ts'
import type { ConfigLayer } from '../policy/settings/layer.ts'
import { emptyTable, own } from '../policy/settings/layer.ts'
import type { ConfigPlaces } from './config-places.ts'
import {
  folderConfigs,
  managedConfig,
  profileConfig,
  requirementsDir,
  requirementsFile,
  systemConfig,
  userConfig,
} from './config-places.ts'
import { findText } from './find-text.ts'
import { parseFlags } from './parse-flags.ts'
import { parseLayer } from './parse-layer.ts'

/** What is known besides the files. */
export type LoadRequest = {
  readonly places: ConfigPlaces
  /** Absolute and resolved; null: settings of no folder in particular. */
  readonly cwd: string | null
  readonly home: string | null
  readonly tmpdir: string | null
  readonly hostName: string | null
  readonly trust: FolderTrustLevel | null
  /** `-c key=value`, in order. */
  readonly flags: readonly string[]
  readonly profile: string | null
  readonly session: SessionChoice
}

export type LoadedLayers = {
  readonly input: EffectiveInput
  /** Every file that was looked for, there or not. */
  readonly files: readonly string[]
}

/** Reads every file that may hold settings or requirements, each once. Never throws. */
export async function loadLayers(request: LoadRequest): Promise<LoadedLayers> {
  const { places } = request
  const cwd = request.cwd ?? places.gatehouseHome
  const gitRoot = request.cwd === null ? null : await findGitRoot(request.cwd)
  const folders = request.cwd === null ? [] : folderConfigs(request.cwd, gitRoot)
  const [system, user, managed, ...own] = await Promise.all([
    load('system', systemConfig(places)),
    load('user', userConfig(places)),
    load('managed', managedConfig(places)),
    ...folders.map((file) => load('folder', file)),
  ])
  const flags = parseFlags(request.flags, cwd)
  const name = request.profile ?? profileNamed([managed, flags, user, system])
  const profileFile = name === null ? null : profileConfig(places, name)
  const profile = profileFile === null ? [] : [await load('profile', profileFile)]
  const requirements = await loadRequirements(places)
  return {
    input: {
      layers: [system, user, ...profile, ...own, flags, managed],
      requirements,
      cwd,
      gitRoot,
      home: request.home,
      tmpdir: request.tmpdir,
      hostName: request.hostName,
      trust: request.trust,
      profile: request.profile,
      session: request.session,
    },
    files: [
      systemConfig(places),
      userConfig(places),
      ...(profileFile === null ? [] : [profileFile]),
      ...folders,
      managedConfig(places),
      requirementsFile(places),
      requirementsDir(places),
      ...requirements.flatMap(({ file }) =>
        file === null || file === requirementsFile(places) ? [] : [file],
      ),
    ],
  }
}

const load = async (name: ConfigLayer['name'], file: string): Promise<ConfigLayer> =>
  parseLayer(name, file, await findText(file))

/** The strongest layer that names a profile. */
function profileNamed(layers: readonly ConfigLayer[]): string | null {
  const named = layers.map(({ table }) => own(table, 'profile')).find((name) => name !== undefined)
  return typeof named === 'string' ? named : null
}

/** `requirements.toml`, then `requirements.d/*.toml` by name. A folder that cannot be listed counts as broken. */
async function loadRequirements(places: ConfigPlaces): Promise<ConfigLayer[]> {
  const folder = requirementsDir(places)
  const first = await load('managed', requirementsFile(places))
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.toml')).toSorted()
    const more = await Promise.all(names.map((name) => load('managed', join(folder, name))))
    // A name that is listed and cannot be opened is a dangling link: a limit that was meant to be there.
    return [
      first,
      ...more.map((layer) =>
        layer.state === 'absent' ? unlisted(layer.file ?? folder, 'leads nowhere.') : layer,
      ),
    ]
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? [first] : [first, unlisted(folder, `could not be listed: ${message}.`)]
  }
}

const unlisted = (file: string, words: string): ConfigLayer => ({
  name: 'managed',
  file,
  base: dirname(file),
  state: 'broken',
  why: `${file} ${words}`,
  whyLine: null,
  table: emptyTable,
  lineOf: () => null,
})

/** The nearest folder above with `.git` in it, as a folder or as a file. */
async function findGitRoot(cwd: string): Promise<string | null> {
  for (let at = cwd; ; at = dirname(at)) {
    if (
      await stat(join(at, '.git')).then(
        () => true,
        () => false,
      )
    )
      return at
    if (dirname(at) === at) return null
  }
}
