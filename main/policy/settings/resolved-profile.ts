import type { DomainEntry, NetworkSettings } from '../../../protocol/config.ts'
import type { SandboxMode } from '../../../protocol/settings.ts'
import { isWithin, selfAndAbove } from './plain-path.ts'

export type Access = 'read' | 'write' | 'deny'

/** What may be done at a path and below it, until a more specific entry says otherwise. Absolute and plain. */
export type AccessEntry = { readonly path: string; readonly access: Access }

/** A pattern below a folder: matching files stay unreadable. `*`, `?`, `[ ]`, `{ }`, and `**` for any depth. */
export type DeniedGlob = {
  /** Absolute, to be taken literally. */
  readonly folder: string
  /** Relative to `folder`. */
  readonly pattern: string
  /** How many levels below `folder` are searched; null: all. */
  readonly maxDepth: number | null
}

/** All that a permission profile or a sandbox mode comes to, with every path resolved by its text. */
export type ResolvedProfile = {
  readonly mode: SandboxMode
  /** The whole truth about paths, one entry per path, sorted. The lists below are read off it. */
  readonly entries: readonly AccessEntry[]
  readonly readRoots: 'all' | readonly string[]
  readonly writableRoots: 'all' | readonly string[]
  /** Entries of access `read` inside something writable. */
  readonly readOnlyPaths: readonly string[]
  readonly deniedReads: readonly string[]
  readonly deniedGlobs: readonly DeniedGlob[]
  /** Protected names (`.git`) for which the profile says `write` in so many words. */
  readonly liftedProtection: readonly string[]
  readonly network: NetworkSettings
  /** Writable folders that were named one by one, besides the workspace and the temporary folders. */
  readonly extraWritableRoots: readonly string[]
  readonly excludeTmpdirEnvVar: boolean
  readonly excludeSlashTmp: boolean
  /** Made from a sandbox mode, so that the mode and the extra roots tell all there is to know of paths. */
  readonly plain?: true
}

export type ProfileParts = Pick<
  ResolvedProfile,
  | 'deniedGlobs'
  | 'liftedProtection'
  | 'network'
  | 'extraWritableRoots'
  | 'excludeTmpdirEnvVar'
  | 'excludeSlashTmp'
  | 'plain'
> & { readonly entries: readonly AccessEntry[] }

const rank: Readonly<Record<Access, number>> = { deny: 0, read: 1, write: 2 }

/** One entry per path, sorted. Of several for one path the narrowest holds. */
export function makeEntries(entries: readonly AccessEntry[]): AccessEntry[] {
  const byPath = new Map<string, Access>()
  for (const { path, access } of entries) {
    const other = byPath.get(path)
    if (other === undefined || rank[access] < rank[other]) byPath.set(path, access)
  }
  return [...byPath]
    .map(([path, access]) => ({ path, access }))
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

/** Builds the lists from the entries. */
export function makeProfile(parts: ProfileParts): ResolvedProfile {
  const entries = makeEntries(parts.entries)
  const byPath = new Map(entries.map(({ path, access }) => [path, access]))
  const withAccess = (access: Access): string[] =>
    entries.filter((entry) => entry.access === access).map((entry) => entry.path)
  const writable = withAccess('write')
  const root = byPath.get('/')
  const above = (path: string): Access => {
    const found = selfAndAbove(path)
      .slice(1)
      .find((folder) => byPath.has(folder))
    return (found === undefined ? undefined : byPath.get(found)) ?? 'deny'
  }
  return {
    ...parts,
    entries,
    mode: root === 'write' ? 'danger-full-access' : writable.length > 0 ? 'workspace-write' : 'read-only',
    readRoots: root === 'read' || root === 'write' ? 'all' : [...withAccess('read'), ...writable],
    writableRoots: root === 'write' ? 'all' : writable,
    readOnlyPaths: withAccess('read').filter((path) => path !== '/' && above(path) === 'write'),
    deniedReads: withAccess('deny'),
    extraWritableRoots: parts.extraWritableRoots.filter((path) => byPath.get(path) === 'write'),
  }
}

/** The access the most specific entry gives; `deny` when no entry speaks of the path. Globs are not looked at. */
export function accessAt(entries: ReadonlyMap<string, Access>, path: string): Access {
  for (const folder of selfAndAbove(path)) {
    const access = entries.get(folder)
    if (access !== undefined) return access
  }
  return 'deny'
}

const mapOf = (profile: ResolvedProfile): Map<string, Access> =>
  new Map(profile.entries.map(({ path, access }) => [path, access]))

/** What both profiles permit: at every path the narrower access, and the narrower network. */
export function intersectProfiles(a: ResolvedProfile, b: ResolvedProfile): ResolvedProfile {
  const [inA, inB] = [mapOf(a), mapOf(b)]
  const paths = new Set([...inA.keys(), ...inB.keys()])
  const entries = [...paths].map((path): AccessEntry => {
    const [one, other] = [accessAt(inA, path), accessAt(inB, path)]
    return { path, access: rank[one] < rank[other] ? one : other }
  })
  return makeProfile({
    entries,
    deniedGlobs: joinGlobs(a.deniedGlobs, b.deniedGlobs),
    liftedProtection: a.liftedProtection.filter((path) => b.liftedProtection.includes(path)),
    network: intersectNetworks(a.network, b.network),
    extraWritableRoots: [...new Set([...a.extraWritableRoots, ...b.extraWritableRoots])],
    excludeTmpdirEnvVar: a.excludeTmpdirEnvVar || b.excludeTmpdirEnvVar,
    excludeSlashTmp: a.excludeSlashTmp || b.excludeSlashTmp,
  })
}

/** The same profile without any writing and without a network. What may be read does not change. */
export const withoutWriting = (profile: ResolvedProfile): ResolvedProfile =>
  makeProfile({
    ...profile,
    entries: profile.entries.map(({ path, access }) => ({
      path,
      access: access === 'deny' ? 'deny' : 'read',
    })),
    liftedProtection: [],
    extraWritableRoots: [],
    network: noNetwork,
    excludeTmpdirEnvVar: false,
    excludeSlashTmp: false,
  })

/** Adds denied reads that nothing below them reopens: they come from someone the profile cannot overrule. */
export const withDeniedReads = (
  profile: ResolvedProfile,
  paths: readonly string[],
  globs: readonly DeniedGlob[],
): ResolvedProfile =>
  makeProfile({
    ...profile,
    entries: [
      ...profile.entries.filter((entry) => !paths.some((path) => isWithin(entry.path, path))),
      ...paths.map((path): AccessEntry => ({ path, access: 'deny' })),
    ],
    deniedGlobs: joinGlobs(profile.deniedGlobs, globs),
  })

/** No depth limit is the stricter one, as more is found. */
const joinGlobs = (a: readonly DeniedGlob[], b: readonly DeniedGlob[]): DeniedGlob[] => {
  const byPattern = new Map<string, DeniedGlob>()
  for (const glob of [...a, ...b]) {
    const key = `${glob.folder}\0${glob.pattern}`
    const other = byPattern.get(key)
    const deeper =
      !other || (other.maxDepth !== null && (glob.maxDepth === null || glob.maxDepth > other.maxDepth))
    if (deeper) byPattern.set(key, glob)
  }
  return [...byPattern.values()]
}

export const noNetwork: NetworkSettings = {
  access: 'off',
  domains: [],
  allowLocalBinding: false,
  unixSockets: [],
  dangerouslyAllowAllUnixSockets: false,
  managedDomainsOnly: false,
}

export const openNetwork: NetworkSettings = {
  ...noNetwork,
  access: 'open',
  allowLocalBinding: true,
  dangerouslyAllowAllUnixSockets: true,
}

/** What both networks permit. Allowed hosts must stand in both lists as they are; denied ones stay denied. */
export function intersectNetworks(a: NetworkSettings, b: NetworkSettings): NetworkSettings {
  if (a.access === 'off' || b.access === 'off') return noNetwork
  if (a.access === 'open') return b
  if (b.access === 'open') return a
  const denied = [...a.domains, ...b.domains].filter((entry) => entry.decision === 'deny')
  return {
    access: 'limited',
    domains: [...bothAllow(a.domains, b.domains), ...denied],
    allowLocalBinding: a.allowLocalBinding && b.allowLocalBinding,
    unixSockets: b.dangerouslyAllowAllUnixSockets
      ? a.unixSockets
      : a.dangerouslyAllowAllUnixSockets
        ? b.unixSockets
        : a.unixSockets.filter((path) => b.unixSockets.includes(path)),
    dangerouslyAllowAllUnixSockets: a.dangerouslyAllowAllUnixSockets && b.dangerouslyAllowAllUnixSockets,
    managedDomainsOnly: a.managedDomainsOnly || b.managedDomainsOnly,
  }
}

function bothAllow(a: readonly DomainEntry[], b: readonly DomainEntry[]): DomainEntry[] {
  const allowed = (all: readonly DomainEntry[]): DomainEntry[] =>
    all.filter((one) => one.decision === 'allow')
  const has = (all: readonly DomainEntry[], pattern: string): boolean =>
    allowed(all).some((one) => one.pattern === pattern || (one.pattern === '*' && isPublicName(pattern)))
  return [
    ...allowed(a).filter((one) => has(b, one.pattern)),
    ...allowed(b).filter((one) => has(a, one.pattern)),
  ].filter((one, place, all) => all.findIndex((other) => other.pattern === one.pattern) === place)
}

/** `*` speaks for public names only: addresses and local names must be listed by themselves. */
const isPublicName = (pattern: string): boolean =>
  /^(?:\*{1,2}\.)?(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/i.test(pattern) &&
  !/\.(?:localhost|local|internal)$/i.test(pattern)
