import { createHash } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import type { Notice } from '../../../protocol/config.ts'
import type { Downgrade } from '../../../protocol/requirements.ts'
import { type Granular, type Preset, presets, type Settings } from '../../../protocol/settings.ts'
import type { ConfigPlaces } from '../../config/config-places.ts'
import type { FolderTrust } from '../../config/folder-trust.ts'
import { type LoadRequest, loadLayers } from '../../config/load-layers.ts'
import { type FolderRules, type RequirementPart, RulesStore } from '../../config/rules-store.ts'
import { ConfigWatch } from '../../config/watch-config.ts'
import type { ProxySettings } from '../../network/gate.ts'
import type { Clock } from '../../platform/clock.ts'
import { fileStamp } from '../../platform/file-stamp.ts'
import { networkOfLayers } from '../../policy/network/network-of-layers.ts'
import { hostRulesOf } from '../../policy/network/network-rules.ts'
import type { NetworkSettings } from '../../policy/network/network-settings.ts'
import { proxySwitches } from '../../policy/network/proxy-switches.ts'
import { parseRequirementRules } from '../../policy/rules/parse-requirement-rules.ts'
import type { RuleLookup } from '../../policy/rules/rule-lookup.ts'
import type { SessionChoice } from '../../policy/settings/choose-settings.ts'
import {
  type Effective,
  type EffectiveInput,
  effectiveConfig,
} from '../../policy/settings/effective-config.ts'
import { withoutWriting } from '../../policy/settings/resolved-profile.ts'
import type { CommandDecoder } from '../../policy/shell/command-part.ts'
import { closedFullAccess, isClosedFullAccess } from './closed-full-access.ts'
import { ruleLookupOf } from './rule-lookup-of.ts'

export type PolicyChange = {
  readonly revision: number
  readonly changes: readonly { readonly file: string; readonly what: string }[]
  /** sha256 (hex) over everything that is in force. */
  readonly digest: string
  readonly problems: readonly Notice[]
}

export type PolicyStoreOptions = {
  readonly places: ConfigPlaces
  /** A folder with more requirements, besides the system's own. It can only narrow. null: none. */
  readonly moreRequirements: string | null
  readonly folders: FolderTrust
  readonly clock: Clock
  readonly decode: CommandDecoder
  /** What could not be set up at start; told beside what is wrong in files. */
  readonly startProblems: readonly Notice[]
}

/**
 * Configuration, requirements and rules as they stand on the disk at this moment. Every question looks at the
 * files first, so an edit holds for the next action; a timer notices edits when nobody asks.
 */
export class PolicyStore {
  readonly rules: RulesStore
  readonly decode: CommandDecoder
  readonly #options: PolicyStoreOptions
  readonly #listeners = new Set<(change: PolicyChange) => void>()
  readonly #watched = new Set<string>()
  #requirements: RequirementPart = { rules: [], problems: [], files: [] }
  #stamps = new Map<string, string>()
  #revision = 0
  #problems: readonly Notice[] = []
  readonly #watch: ConfigWatch

  constructor(options: PolicyStoreOptions) {
    this.#options = options
    this.decode = options.decode
    this.#watch = new ConfigWatch(() => void this.check().catch(() => {}))
    this.rules = new RulesStore({
      gatehouseHome: options.places.gatehouseHome,
      isTrusted: (folder) => options.folders.isTrusted(folder),
      requirements: () => this.#requirements,
    })
  }

  get revision(): number {
    return this.#revision
  }
  get problems(): readonly Notice[] {
    return this.#problems
  }

  /** Reads everything once and begins to watch. */
  async start(): Promise<void> {
    await this.#readAll()
    this.#stamps = await this.#stampAll()
    await this.#watchAll()
  }

  dispose(): void {
    this.#watch.dispose()
  }

  onChange(listener: (change: PolicyChange) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * The settings in force for a folder's sessions, with what a session or preset chose on top of the files.
   *
   * @param trusted whether the person vouches for the folder; as remembered when left out
   */
  async effective(
    folder: string | null,
    session: SessionChoice,
    trusted = folder !== null && this.#options.folders.isTrusted(folder),
  ): Promise<Effective> {
    const effective = effectiveConfig(await this.#load(folder, session, trusted))
    this.#requirements = requirementPart(effective)
    return effective
  }

  async #load(folder: string | null, session: SessionChoice, trusted: boolean): Promise<EffectiveInput> {
    const { places, moreRequirements } = this.#options
    const request: LoadRequest = {
      places,
      cwd: folder,
      home: os.homedir(),
      // Commands have a private /tmp; the host's own temporary folder is never opened to them.
      tmpdir: null,
      hostName: os.hostname(),
      trust: trusted ? 'trusted' : null,
      flags: [],
      profile: null,
      session,
    }
    const { input, files } = await loadLayers(request)
    const more =
      moreRequirements === null
        ? null
        : await loadLayers({ ...request, places: { ...places, systemDir: moreRequirements } })
    for (const file of [...files, ...(more?.files ?? [])]) this.#watched.add(file)
    return { ...input, requirements: [...input.requirements, ...(more?.input.requirements ?? [])] }
  }

  /** The rules of a folder's sessions for a command in `cwd`, as they stand on the disk now. */
  async lookup(folder: string, cwd: string): Promise<RuleLookup> {
    const { rules, network } = await this.#read(folder)
    return ruleLookupOf(rules, cwd, this.#options.clock.nowMs(), network)
  }

  /** What is said about hosts in settings, requirements and rules, whether or not there is a network. */
  async network(folder: string | null): Promise<NetworkSettings> {
    return (await this.#read(folder)).network
  }

  /** What the proxy of a folder's sessions goes by, as the files stand now. */
  async proxySettings(folder: string): Promise<ProxySettings> {
    const { network, layers, requirements } = await this.#read(folder)
    return { ...network, ...proxySwitches(layers, requirements) }
  }

  /** Rules and hosts of one folder, each file looked at once. */
  async #read(folder: string | null): Promise<{
    readonly rules: FolderRules
    readonly network: NetworkSettings
    readonly layers: EffectiveInput['layers']
    readonly requirements: EffectiveInput['requirements']
  }> {
    const trusted = folder !== null && this.#options.folders.isTrusted(folder)
    const input = await this.#load(folder, {}, trusted)
    this.#requirements = requirementPart(effectiveConfig(input))
    const rules = await this.rules.of(folder)
    const layers = input.layers.filter(({ name }) => name !== 'folder' || trusted)
    const { requirements } = input
    const network = networkOfLayers(layers, requirements, [hostRulesOf(rules.set.network)])
    return { rules, network, layers, requirements }
  }

  /** Every file that counts, and the folders in which one may appear. */
  async #watchAll(): Promise<void> {
    const named = [...this.#watched, this.rules.userFolder, ...this.#ofTrustedFolders()]
    const inside = await Promise.all(named.map((file) => this.#filesBelow(file)))
    await this.#watch.watch([...new Set([...named, ...inside.flat()])])
  }

  #ofTrustedFolders(): readonly string[] {
    const trusted = this.#options.folders.recent().filter((f) => f.trusted)
    return trusted.flatMap(({ path: folder }) => [
      path.join(folder, '.gatehouse', 'config.toml'),
      this.rules.folderOf(folder),
    ])
  }

  /** Looks for edits now; tells the listeners when there are some. */
  async check(): Promise<void> {
    const before = this.#stamps
    const now = await this.#stampAll()
    const files = [...new Set([...before.keys(), ...now.keys()])]
    const changed = files.filter((file) => (before.get(file) ?? absent) !== (now.get(file) ?? absent))
    if (changed.length === 0) return
    this.#stamps = now
    const { effective, rules } = await this.#readAll()
    this.#revision += 1
    void this.#watchAll()
    const digest = createHash('sha256')
      .update(
        JSON.stringify([effective.configured, effective.effective, effective.requirements, rules.digest]),
      )
      .digest('hex')
    const changes = changed.map((file) => ({
      file,
      what:
        before.get(file) === absent || !before.has(file)
          ? 'added'
          : now.get(file) === absent
            ? 'removed'
            : 'edited',
    }))
    for (const listener of this.#listeners)
      listener({ revision: this.#revision, changes, digest, problems: this.#problems })
  }

  async #readAll(): Promise<{ effective: Effective; rules: FolderRules }> {
    const effective = await this.effective(null, {})
    const rules = await this.rules.of(null)
    this.#problems = [...this.#options.startProblems, ...problemsOf(effective, rules.set.problems)]
    return { effective, rules }
  }

  async #stampAll(): Promise<Map<string, string>> {
    const files = new Set([...this.#watched, this.rules.userFolder, ...this.#ofTrustedFolders()])
    const inside = await Promise.all([...files].map((file) => this.#filesBelow(file)))
    const all = [...new Set(inside.flat())]
    return new Map(
      await Promise.all(all.map(async (file) => [file, (await fileStamp(file)) ?? absent] as const)),
    )
  }

  /** A folder of rules or requirements stands for the files in it. */
  async #filesBelow(file: string): Promise<readonly string[]> {
    if (!/(?:^|\/)(?:rules|requirements\.d)$/.test(file)) return [file]
    return this.rules.filesIn(file)
  }
}

const absent = 'absent'

function requirementPart({ requirementsInForce }: Effective): RequirementPart {
  const parts = requirementsInForce.rules.map(({ value, place }) => ({
    file: place.file,
    ...parseRequirementRules(value, place.file),
  }))
  return {
    rules: parts.flatMap((p) => p.rules),
    problems: parts.flatMap((p) => p.problems),
    files: parts.map((p) => p.file),
  }
}

const problemsOf = (
  effective: Effective,
  rules: readonly { readonly message: string; readonly place: { file: string; line: number } }[],
): readonly Notice[] => [
  ...effective.notices.filter((n) => n.level !== 'info'),
  ...rules.map(({ message, place }) => ({
    level: 'problem' as const,
    code: 'brokenRules',
    message,
    place: { file: place.file, line: place.line },
  })),
]

/**
 * What a session runs under, from the settings in force. `preset` is kept when it is still what is in force. Settings
 * that write everywhere and close the network write nothing: `loweredDials` says so.
 */
export function settingsFrom(
  effective: Effective,
  about: {
    readonly preset: Preset | null
    readonly leaseEndsAtMs: number | null
    readonly deniedReads: readonly string[]
  },
): Settings {
  const { settings, localSockets } = effective
  const { approvalPolicy } = settings
  const permissions = isClosedFullAccess(effective)
    ? withoutWriting(settings.permissions)
    : settings.permissions
  const named = typeof approvalPolicy === 'string' ? approvalPolicy : 'granular'
  const preset = presets.find(
    (p) => p.id === about.preset && p.sandboxMode === permissions.mode && p.approvalPolicy === named,
  )
  return {
    sandboxMode: permissions.mode,
    approvalPolicy: named,
    ...(typeof approvalPolicy === 'string' ? {} : { granular: granularOf(approvalPolicy.granular) }),
    preset: preset?.id ?? null,
    leaseEndsAtMs: permissions.mode === 'danger-full-access' ? about.leaseEndsAtMs : null,
    extraWritableRoots: permissions.mode === 'workspace-write' ? [...permissions.extraWritableRoots] : [],
    deniedReads: [...new Set([...about.deniedReads, ...permissions.deniedReads])],
    ...(permissions.deniedGlobs.length > 0 ? { deniedGlobs: [...permissions.deniedGlobs] } : {}),
    ...(permissions.plain || permissions.mode === 'danger-full-access'
      ? {}
      : { access: { entries: permissions.entries, lifted: permissions.liftedProtection } }),
    ...(settings.holdShim ? { holdShim: true as const } : {}),
    ...(settings.boundary === 'container' ? { boundary: 'container' as const } : {}),
    ...hostsOf(effective),
    ...(localSockets && permissions.mode !== 'danger-full-access' ? { localSockets } : {}),
  }
}

/** Which hosts may be reached and asked about; nothing where the approval policy alone decides. */
function hostsOf({ settings }: Effective): Pick<Settings, 'hosts'> {
  const { access, managedDomainsOnly } = settings.permissions.network
  if (managedDomainsOnly) return { hosts: access === 'off' ? 'none' : 'listed' }
  return access === 'limited' ? { hosts: 'asked' } : {}
}

type Switches = {
  readonly sandbox_approval: boolean
  readonly rules: boolean
  readonly mcp_elicitations: boolean
  readonly request_permissions: boolean
  readonly skill_approval: boolean
}
const granularOf = (s: Switches): Granular => ({
  sandboxApproval: s.sandbox_approval,
  rules: s.rules,
  mcpElicitations: s.mcp_elicitations,
  requestPermissions: s.request_permissions,
  skillApproval: s.skill_approval,
})

/** Of what was lowered: the two dials, and who builds the boundary. */
export const loweredDials = (effective: Effective): readonly Downgrade[] => [
  ...effective.downgrades.filter(({ key }) =>
    /^(?:sandbox_mode|approval_policy|gatehouse\.boundary)$/.test(key),
  ),
  ...closedFullAccess(effective),
]

/** What was chosen and is not permitted, as one sentence each. */
export const downgradeWords = (d: Downgrade): string =>
  `${d.key}: you chose ${valueWords(d.chosen)}; allowed is ${valueWords(d.allowed)}; in force is ${valueWords(d.inForce)}. Set by ${d.setBy}${d.reason ? `: ${d.reason}` : ''}.`

/** A value of a settings file as a person reads it. */
export const valueWords = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(valueWords).join(', ')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value)
