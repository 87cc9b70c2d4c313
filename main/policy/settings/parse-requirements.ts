import type { Notice, Place } from '../../../protocol/config.ts'
import type { RequirementFact } from '../../../protocol/requirements.ts'
import type { ConfigLayer } from './layer.ts'
import { isTable, keyText, own, toJson } from './layer.ts'
import { nearestName } from './nearest-name.ts'
import { readNetworkRequirement } from './network-requirement.ts'
import type { LayerReading } from './read-layer.ts'
import type { RequirementReader } from './requirement-readers.ts'
import { requirementReaders } from './requirement-readers.ts'
import type { NetworkRequirement, Requirements } from './requirements.ts'
import { noRequirements, placeText } from './requirements.ts'

export type RequirementReading = { readonly requirements: Requirements; readonly notices: readonly Notice[] }

/** Accepted in a requirements file; they belong to parts that are not decided here. */
const others =
  'default_permissions guardian_policy_config guardian_extra_policy auto_review plugins marketplaces hooks allow_managed_hooks_only models model_provider model_providers enforce_residency additional_developer_instructions allowed_login_methods allowed_chatgpt_workspaces cli_auth_credentials_store chatgpt_base_url config_server allow_appshots allow_remote_control allow_browser_and_computer_use browser_use computer_use in_app_browser application desktop windows sqlite_home log_dir model_catalog_json check_for_update_on_startup feedback apps'.split(
    ' ',
  )

/** More than this many notices of one file are of no help to anybody. */
const maxNotices = 200

const networkNames = ['experimental_network', 'network_proxy'] as const

/** Thrown inside this file only: the first thing that makes a source unusable. */
class Unusable {
  readonly words: string
  readonly path: readonly string[]

  constructor(words: string, path: readonly string[]) {
    this.words = words
    this.path = path
  }
}

/**
 * Reads one requirements file. One wrong value makes the whole source broken, and a broken source leaves only
 * the narrowest settings: a limit that cannot be understood must not be taken for no limit. Never throws.
 *
 * @param hostName of this machine, for `remote_sandbox_config`; null when it is not known
 */
export function parseRequirements(source: ConfigLayer, hostName: string | null): RequirementReading {
  const file = source.file ?? 'requirements'
  const placeAt = (path: readonly string[]): Place => ({ file, line: source.lineOf(path) })
  const brokenBy = (words: string, place: Place): RequirementReading => {
    const message = `The requirements in ${placeText(place)} cannot be used: ${words} Until this is mended nothing may be wider than Read only, and every command is asked first.`
    const notice: Notice = { level: 'problem', code: 'requirementsBroken', message, place }
    return { requirements: { ...noRequirements, broken: notice }, notices: [notice] }
  }
  if (source.state === 'absent') return { requirements: noRequirements, notices: [] }
  if (source.state !== 'read') {
    return brokenBy(source.why ?? 'the file was not read.', { file, line: source.whyLine })
  }
  const notices: Notice[] = []
  const facts: RequirementFact[] = []
  let found: Partial<Requirements> = {}
  try {
    for (const name of Object.keys(source.table)) {
      const path = [name]
      const value = own(source.table, name)
      const reader: RequirementReader | undefined = Object.hasOwn(requirementReaders, name)
        ? requirementReaders[name]
        : undefined
      const isNetwork = networkNames.some((other) => other === name)
      if (reader) {
        const read = reader(value, {
          place: placeAt(path),
          base: source.base,
          hostName,
          sofar: found,
          lineOf: (below) => placeAt([...path, ...below]),
        })
        if ('wrong' in read)
          throw new Unusable(`${keyText(path)} ${read.wrong}.`, [...path, ...(read.at ?? [])])
        found = { ...found, ...read.found }
        for (const { level, words, at } of read.told ?? []) {
          notices.push({ level, code: 'requirement', message: words, place: placeAt([...path, ...at]) })
        }
      } else if (!others.includes(name) && !isNetwork && notices.length < maxNotices) {
        const near = nearestName(name, [...Object.keys(requirementReaders), ...others, ...networkNames])
        const message = `${keyText(path)} is not a requirement this version knows; it limits nothing.${near ? ` Did you mean ${near}?` : ''}`
        notices.push({ level: 'warning', code: 'unknownKey', message, place: placeAt(path) })
      }
      facts.push({ key: name, value: toJson(value), setBy: placeText(placeAt(path)) })
    }
    const network = networkOf(source, placeAt, notices)
    if (network) found = { ...found, network }
    checkProfiles(found)
  } catch (reason) {
    if (!(reason instanceof Unusable)) throw reason
    return brokenBy(reason.words, placeAt(reason.path))
  }
  return { requirements: { ...noRequirements, ...found, others: facts }, notices }
}

function networkOf(
  source: ConfigLayer,
  placeAt: (path: readonly string[]) => Place,
  notices: Notice[],
): { value: NetworkRequirement; place: Place } | null {
  const permissions = own(source.table, 'permissions')
  const given = [
    ...networkNames.map((name) => ({ path: [name], value: own(source.table, name) })),
    {
      path: ['permissions', 'network'],
      value: isTable(permissions) ? own(permissions, 'network') : undefined,
    },
  ].filter((one) => one.value !== undefined)
  const [first, second] = given
  if (!first) return null
  if (second) {
    throw new Unusable(
      `${keyText(first.path)} and ${keyText(second.path)} say the same thing; keep one of them.`,
      second.path,
    )
  }
  const read = readNetworkRequirement(first.value)
  if ('wrong' in read)
    throw new Unusable(`${keyText([...first.path, ...read.at])} ${read.wrong}.`, [...first.path, ...read.at])
  for (const name of read.unknown) {
    const message = `${keyText([...first.path, name])} is not a requirement this version knows; it limits nothing.`
    notices.push({ level: 'warning', code: 'unknownKey', message, place: placeAt([...first.path, name]) })
  }
  return { value: read.network, place: placeAt(first.path) }
}

function checkProfiles({ permissionProfiles, defaultPermissions }: Partial<Requirements>): void {
  if (!permissionProfiles) return
  const allows = (name: string): boolean => permissionProfiles.value.get(name) === true
  const named = defaultPermissions?.[0]
  if (!named && !(allows(':workspace') && allows(':read-only'))) {
    throw new Unusable(
      'default_permissions must be set unless allowed_permission_profiles allows both ":workspace" and ":read-only".',
      ['allowed_permission_profiles'],
    )
  }
  if (named && !allows(named.value)) {
    throw new Unusable('default_permissions is not one of allowed_permission_profiles.', [
      'default_permissions',
    ])
  }
}

/** `managed_config.toml` read once more as limits: each value set there is the only one permitted. */
export function legacyRequirements(managed: LayerReading): RequirementReading {
  const { layer } = managed
  if (layer.state === 'absent') return { requirements: noRequirements, notices: [] }
  if (layer.state !== 'read') return parseRequirements(layer, null)
  const table = Object.create(null) as Record<string, unknown>
  for (const { path, value } of [...managed.leaves, ...managed.pins]) {
    const [name, ...below] = path
    if (below.length > 0) continue
    if (name === 'sandbox_mode') table['allowed_sandbox_modes'] = [...new Set(['read-only', value])]
    if (name === 'approval_policy') table['allowed_approval_policies'] = [value]
    // A managed choice of the automatic reviewer leaves the person free to answer.
    if (name === 'approvals_reviewer') table['allowed_approvals_reviewers'] = [...new Set([value, 'user'])]
  }
  const old: Readonly<Record<string, string>> = {
    allowed_sandbox_modes: 'sandbox_mode',
    allowed_approval_policies: 'approval_policy',
    allowed_approvals_reviewers: 'approvals_reviewer',
  }
  const lineOf = (path: readonly string[]): number | null => layer.lineOf([old[path[0] ?? ''] ?? ''])
  return parseRequirements({ ...layer, table, lineOf }, null)
}
