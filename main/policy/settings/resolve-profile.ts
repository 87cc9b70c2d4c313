import type { DomainEntry, Json, NetworkSettings } from '../../../protocol/config.ts'
import { isTable, own } from './layer.ts'
import { resolvePlain } from './plain-path.ts'
import type { ProfilePlace, SpelledEntry } from './profile-entries.ts'
import { resolveEntries, spelledEntries } from './profile-entries.ts'
import type { ResolvedProfile } from './resolved-profile.ts'
import {
  accessAt,
  makeEntries,
  makeProfile,
  noNetwork,
  openNetwork,
  withoutWriting,
} from './resolved-profile.ts'
import { strictEntries } from './strict-profile.ts'

/** `[permissions.NAME]` after its values were checked one by one. */
export type ProfileSource = { readonly table: Json; readonly broken: boolean }

export type ProfileAnswer = {
  readonly profile: ResolvedProfile
  readonly extends: string | null
  /** Sentences that begin with the name of the profile. With any of them the profile gives no writing. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/** Those that Codex has too. `:strict` is ours and is known by its name. */
export const builtinProfiles = [':read-only', ':workspace', ':danger-full-access'] as const

const readAll: SpelledEntry = { base: ':root', below: '.', access: 'read' }
const builtinEntries: Readonly<Record<string, readonly SpelledEntry[]>> = {
  ':read-only': [readAll],
  ':workspace': [
    readAll,
    { base: ':workspace_roots', below: '.', access: 'write' },
    { base: ':tmpdir', below: '.', access: 'write' },
    { base: ':slash_tmp', below: '.', access: 'write' },
  ],
  ':strict': strictEntries,
  ':danger-full-access': [{ base: ':root', below: '.', access: 'write' }],
}

/** More parents than this are taken for a mistake. */
const maxParents = 32

/**
 * Resolves a permission profile by name: parents first, the profile's own entries over theirs, every path made
 * absolute. The most specific entry wins wherever they overlap.
 *
 * Anything wrong, such as an unknown parent or a cycle, leaves a profile that reads what it would have read and
 * writes nothing. Never throws. Source: seed documents; Codex permission profiles.
 */
export function resolveProfile(
  name: string,
  sources: ReadonlyMap<string, ProfileSource>,
  place: ProfilePlace,
): ProfileAnswer {
  const chain = chainOf(name, sources)
  const problems = [...chain.problems]
  const warnings: string[] = []
  const spelled = new Map<string, SpelledEntry>()
  let maxDepth: number | null = null
  const roots = [...place.workspaceRoots]
  for (const table of chain.tables.toReversed()) {
    const filesystem = own(table, 'filesystem') as Json | undefined
    for (const one of spelledEntries(filesystem)) spelled.set(`${one.base}\0${one.below}`, one)
    const depth = isTable(filesystem) ? own(filesystem, 'glob_scan_max_depth') : undefined
    if (typeof depth === 'number') maxDepth = depth
    const more = own(table, 'workspace_roots')
    for (const root of isTable(more) ? Object.keys(more) : []) {
      if (!isTable(more) || own(more, root) !== true) continue
      const path = /^[/~]/.test(root) ? resolvePlain(root, { base: '/', home: place.home }) : null
      if (path === null || path === '/')
        problems.push(
          `has the workspace root ${JSON.stringify(root).slice(0, 100)}, which is no usable folder`,
        )
      else roots.push(path)
    }
  }
  const start = (builtinEntries[chain.builtin ?? ''] ?? []).filter(
    (one) => !spelled.has(`${one.base}\0${one.below}`),
  )
  const read = resolveEntries([...start, ...spelled.values()], maxDepth, { ...place, workspaceRoots: roots })
  problems.push(...read.problems)
  warnings.push(...read.warnings)
  const network = chain.builtin === ':danger-full-access' ? openNetwork : networkOf(chain.tables, warnings)
  const access = new Map(makeEntries(read.entries).map((one) => [one.path, one.access]))
  const opens = (path: string): boolean => accessAt(access, path) === 'write'
  const writes = read.entries.some((one) => one.access === 'write') && !opens('/')
  const has = (base: string): boolean =>
    [...start, ...spelled.values()].some(
      (one) => one.base === base && one.below === '.' && one.access === 'write',
    )
  const profile = makeProfile({
    entries: read.entries,
    deniedGlobs: read.globs,
    liftedProtection: read.lifted,
    network,
    extraWritableRoots: read.named,
    excludeTmpdirEnvVar: writes && !(place.tmpdir === null ? has(':tmpdir') : opens(place.tmpdir)),
    excludeSlashTmp: writes && !opens('/tmp'),
  })
  const quoted = JSON.stringify(name).slice(0, 100)
  return {
    profile: problems.length > 0 ? withoutWriting(profile) : profile,
    extends: chain.parent,
    problems: problems.map((words) => `The permission profile ${quoted} ${words}.`),
    warnings: warnings.map((words) => `The permission profile ${quoted} ${words}.`),
  }
}

type Chain = {
  /** The profile itself first, then its parents. */
  readonly tables: readonly Readonly<Record<string, unknown>>[]
  readonly builtin: string | null
  readonly parent: string | null
  readonly problems: readonly string[]
}

function chainOf(name: string, sources: ReadonlyMap<string, ProfileSource>): Chain {
  const tables: Readonly<Record<string, unknown>>[] = []
  const problems: string[] = []
  const seen = new Set<string>()
  let parent: string | null = null
  let at = name
  for (;;) {
    if (Object.hasOwn(builtinEntries, at)) {
      if (at === ':danger-full-access' && at !== name) {
        problems.push('extends ":danger-full-access", which cannot be extended')
        return { tables, builtin: ':read-only', parent, problems }
      }
      return { tables, builtin: at, parent, problems }
    }
    const source = sources.get(at)
    if (at.startsWith(':') || !source || !isTable(source.table)) {
      problems.push(
        at === name ? 'is not defined' : `extends ${JSON.stringify(at).slice(0, 100)}, which is not defined`,
      )
      return { tables, builtin: tables.length === 0 ? ':read-only' : null, parent, problems }
    }
    if (seen.has(at) || seen.size >= maxParents) {
      problems.push(
        seen.has(at) ? 'extends itself, over one or more others' : `has more than ${maxParents} parents`,
      )
      return { tables, builtin: null, parent, problems }
    }
    seen.add(at)
    tables.push(source.table)
    if (source.broken)
      problems.push(
        at === name ? 'has a wrong value' : `extends ${JSON.stringify(at)}, which has a wrong value`,
      )
    const next = own(source.table, 'extends')
    if (typeof next !== 'string') return { tables, builtin: null, parent, problems }
    if (at === name) parent = next
    at = next
  }
}

/** A network without a single allowed host is closed, not open: `enabled` alone says nothing about where to. */
function networkOf(
  tables: readonly Readonly<Record<string, unknown>>[],
  warnings: string[],
): NetworkSettings {
  let merged: Readonly<Record<string, unknown>> = {}
  const domains = new Map<string, DomainEntry>()
  for (const table of tables.toReversed()) {
    const network = own(table, 'network')
    if (!isTable(network)) continue
    merged = { ...merged, ...network }
    for (const entry of domainEntries(own(network, 'domains'), 'settings')) {
      if (domains.get(entry.pattern)?.decision !== 'deny') domains.set(entry.pattern, entry)
    }
  }
  if (own(merged, 'enabled') !== true) return noNetwork
  const all = [...domains.values()]
  if (!all.some((one) => one.decision === 'allow')) {
    warnings.push(
      'switches the network on without an allowed host, so it stays closed; list hosts under network.domains',
    )
    return noNetwork
  }
  return limitedNetwork(merged, all)
}

/** The settings of `network` and `features.network_proxy` tables. */
export const limitedNetwork = (
  table: Readonly<Record<string, unknown>>,
  domains: DomainEntry[],
): NetworkSettings => ({
  access: 'limited',
  domains,
  allowLocalBinding: own(table, 'allow_local_binding') === true,
  unixSockets: allowedSockets(own(table, 'unix_sockets')),
  dangerouslyAllowAllUnixSockets: own(table, 'dangerously_allow_all_unix_sockets') === true,
  managedDomainsOnly: false,
})

const allowedSockets = (value: unknown): string[] =>
  isTable(value)
    ? Object.keys(value).filter((path) => path.startsWith('/') && own(value, path) === 'allow')
    : []

export const domainEntries = (value: unknown, from: DomainEntry['from']): DomainEntry[] =>
  isTable(value)
    ? Object.keys(value).map((pattern) => ({
        pattern,
        decision: own(value, pattern) === 'allow' ? 'allow' : 'deny',
        from,
      }))
    : []
