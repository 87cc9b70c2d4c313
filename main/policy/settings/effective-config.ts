import type {
  ConfigValue,
  EffectiveSandbox,
  Json,
  LayerInfo,
  LayerName,
  NetworkSettings,
  Notice,
  PolicyChoice,
  ShellEnvironmentPolicy,
} from '../../../protocol/config.ts'
import type { Downgrade, RequirementFact } from '../../../protocol/requirements.ts'
import { applyRequirements, permittedModes } from './apply-requirements.ts'
import type { FolderTrustLevel, SessionChoice } from './choose-settings.ts'
import { chooseSettings } from './choose-settings.ts'
import { combineRequirements } from './combine-requirements.ts'
import type { ConfigLayer } from './layer.ts'
import { emptyTable, isTable, own } from './layer.ts'
import { localSocketsOf } from './local-sockets.ts'
import { legacyRequirements, parseRequirements } from './parse-requirements.ts'
import { resolvePlain } from './plain-path.ts'
import type { PolicySettings } from './policy-settings.ts'
import { sandboxOf } from './policy-settings.ts'
import { profileLibrary } from './profile-library.ts'
import type { LayerReading } from './read-layer.ts'
import { readLayer } from './read-layer.ts'
import type { Requirements } from './requirements.ts'
import type { ProfileAnswer, ProfileSource } from './resolve-profile.ts'
import { builtinProfiles } from './resolve-profile.ts'
import { withoutWriting } from './resolved-profile.ts'
import { SettingsTree } from './settings-tree.ts'

export type EffectiveInput = {
  /** All files and flags after parsing, in any order; those of one name weakest first. */
  readonly layers: readonly ConfigLayer[]
  /** Requirements files, strongest first. `managed_config.toml` counts as one more without being listed. */
  readonly requirements: readonly ConfigLayer[]
  /** Absolute and resolved. */
  readonly cwd: string
  /** The folder that holds `.git`; null outside a repository. Trust in it counts for its sub folders. */
  readonly gitRoot: string | null
  readonly home: string | null
  readonly tmpdir: string | null
  readonly hostName: string | null
  /** What is known of the folder besides `projects` in the files; null: nothing. `untrusted` of either holds. */
  readonly trust: FolderTrustLevel | null
  /** The profile to use; null: the one `profile` names, if any. */
  readonly profile: string | null
  /** What a session or preset chose. */
  readonly session: SessionChoice
}

/** The settings in force and how they came about. Plain JSON but for `settings` and `requirementsInForce`. */
export type Effective = {
  /** false: something is wrong that has to be mended; narrower settings hold until then. */
  readonly ok: boolean
  readonly effective: {
    readonly approvalPolicy: PolicyChoice
    readonly approvalsReviewer: string
    readonly sandbox: EffectiveSandbox
    readonly activePermissionProfile: { readonly id: string; readonly extends: string | null } | null
    readonly network: NetworkSettings
    readonly webSearch: string
    readonly shellEnvironmentPolicy: ShellEnvironmentPolicy | null
    readonly allowLoginShell: boolean
    readonly history: PolicySettings['history']
    readonly otel: Readonly<Record<string, Json>>
    readonly features: Readonly<Record<string, Json>>
    readonly mcpServers: Readonly<Record<string, { readonly enabled: boolean }>>
    readonly deniedReads: readonly string[]
    readonly trust: FolderTrustLevel | null
  }
  /** The joined files as they were read, before requirements. */
  readonly configured: Json
  readonly origins: readonly ConfigValue[]
  /** Strongest first. */
  readonly layers: readonly LayerInfo[]
  readonly notices: readonly Notice[]
  readonly downgrades: readonly Downgrade[]
  readonly requirements: readonly RequirementFact[]
  readonly permissionProfiles: readonly (readonly [string, boolean])[]
  readonly settings: PolicySettings
  /** Commands without a network may have sockets among themselves. */
  readonly localSockets: boolean
  readonly requirementsInForce: Requirements
}

const order: readonly LayerName[] = ['builtin', 'system', 'user', 'profile', 'folder', 'flags', 'managed']

/**
 * Joins all sources of settings and applies requirements last. Pure and total: the same input gives the same
 * answer, and whatever is broken in it only narrows.
 */
export function effectiveConfig(input: EffectiveInput): Effective {
  const notices: Notice[] = []
  const sorted = input.layers.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  const own = sorted
    .filter(({ name }) => name !== 'folder' && name !== 'profile')
    .map((layer) => readLayer(layer, input.home))
  const ownTree = new SettingsTree(own)
  const profile = profileLayers(input, sorted, ownTree, notices)
  const trust = trustOf(input, ownTree)
  const folders = sorted
    .filter(({ name }) => name === 'folder')
    .map((layer) => trustedOnly(layer, trust, notices))
  const readings = [
    ...own,
    ...[...profile, ...folders].map((layer) => readLayer(layer, input.home)),
  ].toSorted((a, b) => order.indexOf(a.layer.name) - order.indexOf(b.layer.name))
  const tree = new SettingsTree(readings)
  notices.push(...readings.flatMap((reading) => reading.notices))
  const broken = tellBroken(readings, notices)
  const missing = notices.some(({ code }) => code === 'profileMissing')

  const requirements = requirementsOf(input, own, notices)
  const place = { workspaceRoots: [input.cwd], home: input.home, tmpdir: usableTmpdir(input.tmpdir) }
  const { names, resolve } = profileLibrary(
    sourcesOf(tree, readings, requirements, notices),
    requirements.profiles,
    place,
  )
  const chosen = chooseSettings({ tree, readings, resolve, place, trust, session: input.session })
  notices.push(...chosen.notices)
  const before = broken || missing ? narrowest(chosen.settings) : chosen.settings
  const applied = applyRequirements(before, requirements, { place, resolve, implicit: chosen.implicit })
  notices.push(...applied.notices)

  const { settings } = applied
  const all = distinct(notices)
  return {
    ok: !all.some(({ level }) => level === 'problem'),
    effective: {
      approvalPolicy: settings.approvalPolicy,
      approvalsReviewer: settings.approvalsReviewer,
      sandbox: sandboxOf(settings),
      activePermissionProfile: settings.activeProfile,
      network: settings.permissions.network,
      webSearch: settings.webSearch,
      shellEnvironmentPolicy: settings.shellEnvironment,
      allowLoginShell: settings.allowLoginShell,
      history: settings.history,
      otel: settings.otel,
      features: settings.features,
      mcpServers: Object.fromEntries(
        [...settings.mcpServers].map(([name, { enabled }]) => [name, { enabled }]),
      ),
      deniedReads: [
        ...settings.permissions.deniedReads,
        ...settings.permissions.deniedGlobs.map(
          ({ folder, pattern }) => `${folder === '/' ? '' : folder}/${pattern}`,
        ),
      ],
      trust,
    },
    configured: tree.toJson(),
    origins: tree.values(),
    layers: readings.map(({ layer }) => infoOf(layer)).toReversed(),
    notices: all,
    downgrades: applied.downgrades,
    requirements: requirements.others,
    permissionProfiles: profilesOf(names, requirements, resolve),
    settings,
    localSockets:
      !(broken || missing) &&
      localSocketsOf(
        settings,
        readings.map(({ layer }) => layer),
        input.requirements,
        requirements,
      ),
    requirementsInForce: requirements,
  }
}

const infoOf = ({ name, file, state, why }: ConfigLayer): LayerInfo => ({ name, file, state, why })

/** The named profile, from its table in the files and from its own file, which is the stronger one. */
function profileLayers(
  input: EffectiveInput,
  sorted: readonly ConfigLayer[],
  tree: SettingsTree,
  notices: Notice[],
): ConfigLayer[] {
  const named = tree.get(['profile'])
  const name = input.profile ?? (typeof named === 'string' ? named : null)
  if (name === null) return []
  const tables = sorted.flatMap((layer): ConfigLayer[] => {
    if (layer.name === 'folder' || layer.name === 'profile') return []
    const profiles = own(layer.table, 'profiles')
    const table = isTable(profiles) ? own(profiles, name) : undefined
    if (!isTable(table)) return []
    return [{ ...layer, name: 'profile', table, lineOf: (path) => layer.lineOf(['profiles', name, ...path]) }]
  })
  const files = sorted.filter((layer) => layer.name === 'profile')
  const all = [...tables, ...files]
  if (!all.some(({ state }) => state === 'read' || state === 'broken')) {
    const { file, line } = tree.origin(['profile'])
    notices.push({
      level: 'problem',
      code: 'profileMissing',
      message: `The profile ${JSON.stringify(name).slice(0, 100)} is not defined. Until it is, Read only holds and every command is asked first. Add [profiles.${name.slice(0, 80)}] or choose another one.`,
      place: input.profile !== null || file === null ? null : { file, line },
    })
  }
  return all
}

/** The folder itself and the repository it is in; a single "untrusted" is enough. */
function trustOf(input: EffectiveInput, tree: SettingsTree): FolderTrustLevel | null {
  const found = new Set<FolderTrustLevel>(input.trust ? [input.trust] : [])
  for (const spelled of tree.names(['projects'])) {
    const path = /^[/~]/.test(spelled) ? resolvePlain(spelled, { base: '/', home: input.home }) : null
    if (path === null || (path !== input.cwd && path !== input.gitRoot)) continue
    const level = tree.get(['projects', spelled, 'trust_level'])
    if (level === 'trusted' || level === 'untrusted') found.add(level)
  }
  return found.has('untrusted') ? 'untrusted' : found.has('trusted') ? 'trusted' : null
}

function trustedOnly(layer: ConfigLayer, trust: FolderTrustLevel | null, notices: Notice[]): ConfigLayer {
  if (trust === 'trusted' || layer.state === 'absent') return layer
  const why =
    'The folder is not trusted, so its own settings have no effect. Vouch for the folder to use them.'
  const place = layer.file === null ? null : { file: layer.file, line: null }
  notices.push({ level: 'info', code: 'folderNotTrusted', message: why, place })
  return { ...layer, state: 'notTrusted', why, table: emptyTable }
}

function tellBroken(readings: readonly LayerReading[], notices: Notice[]): boolean {
  const broken = readings.filter(({ layer }) => layer.state === 'broken')
  for (const { layer } of broken) {
    notices.push({
      level: 'problem',
      code: 'brokenLayer',
      message: `${layer.why ?? 'The file cannot be read.'} Until this is mended, Read only holds and every command is asked first.`,
      place: layer.file === null ? null : { file: layer.file, line: layer.whyLine },
    })
  }
  return broken.length > 0
}

/** Some source could not be read and may have said anything, so nothing is left that it could have closed. */
const narrowest = (settings: PolicySettings): PolicySettings => ({
  ...settings,
  permissions: withoutWriting(settings.permissions),
  activeProfile: null,
  approvalPolicy: 'untrusted',
  approvalsReviewer: 'user',
  webSearch: 'disabled',
  holdShim: false,
  boundary: 'sandbox',
  allowLoginShell: false,
  otel: {},
})

function requirementsOf(
  input: EffectiveInput,
  own: readonly LayerReading[],
  notices: Notice[],
): Requirements {
  const [first, ...rest] = input.requirements.map((source) => parseRequirements(source, input.hostName))
  const legacy = own.filter(({ layer }) => layer.name === 'managed').map(legacyRequirements)
  const all = [...(first ? [first] : []), ...legacy, ...rest]
  notices.push(...all.flatMap((reading) => reading.notices))
  return combineRequirements(all.map((reading) => reading.requirements))
}

/** The profiles of the files, by name. */
function sourcesOf(
  tree: SettingsTree,
  readings: readonly LayerReading[],
  requirements: Requirements,
  notices: Notice[],
): Map<string, ProfileSource> {
  const broken = new Set(readings.flatMap(({ brokenProfiles }) => brokenProfiles))
  const sources = new Map<string, ProfileSource>()
  for (const name of tree.names(['permissions'])) {
    const origin = tree.origin(['permissions', name])
    const place = origin.file === null ? null : { file: origin.file, line: origin.line }
    if (name.startsWith(':') || name === 'filesystem') {
      const message = `A permission profile cannot be called ${JSON.stringify(name).slice(0, 80)}; the name is taken.`
      notices.push({ level: 'problem', code: 'wrongProfile', message, place })
      continue
    }
    if (requirements.profiles.some((managed) => managed.has(name))) {
      const message = `The permission profile ${JSON.stringify(name).slice(0, 80)} is also set by a requirement; what both permit holds.`
      notices.push({ level: 'warning', code: 'managedProfile', message, place })
    }
    sources.set(name, { table: tree.get(['permissions', name]) ?? {}, broken: broken.has(name) })
  }
  return sources
}

function profilesOf(
  names: readonly string[],
  requirements: Requirements,
  resolve: (name: string) => ProfileAnswer,
): [string, boolean][] {
  const { modes } = permittedModes(requirements)
  const limit = requirements.permissionProfiles
  return [...builtinProfiles, ...names].map((name) => {
    const answer = resolve(name)
    const listed = !limit || limit.value.get(name) === true
    return [name, listed && answer.problems.length === 0 && modes.includes(answer.profile.mode)]
  })
}

const usableTmpdir = (path: string | null): string | null => {
  const plain = path?.startsWith('/') ? resolvePlain(path, { base: '/', home: null }) : null
  return plain === '/' ? null : plain
}

function distinct(notices: readonly Notice[]): Notice[] {
  const seen = new Set<string>()
  return notices.filter((notice) => {
    const key = JSON.stringify(notice)
    return !seen.has(key) && seen.add(key)
  })
}
