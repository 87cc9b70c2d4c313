import { realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname } from 'node:path'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { PathAccess } from '../../protocol/settings.ts'
import type { SpecRequest } from './backend.ts'
import { containedSpec } from './container/contained-spec.ts'
import { shimBeside, shimMissing } from './hold-shim.ts'
import { noPlaces } from './no-places.ts'
import { isWithin, outermostFirst } from './paths.ts'
import { SandboxUnavailable } from './sandbox-unavailable.ts'
import { type DeniedGlobs, openForReading, otherNamesOf, patternFor } from './spec/denied-reads.ts'
import { gitMetadataOf } from './spec/git-metadata.ts'
import { withoutSecrets } from './spec/hides-secrets.ts'
import { pinsFor } from './spec/pins.ts'
import { accessOf, type Places, placesOf } from './spec/places.ts'
import { closedInGrants as closedIn, firstAbsent, look, protectedIn } from './spec/protected-in.ts'

export { protectedNames } from './protected-set.ts'

/** What a private or emptied folder hides, so that a read-only workspace below it must be shown again. */
const emptied = ['/tmp', '/run', '/var/run']

/**
 * Turns a request into a spec: resolves every path, looks at what is on the disk, and refuses what could not
 * be kept closed.
 *
 * @param launcher our own program; read-only even when a workspace contains it
 * @throws SandboxUnavailable before anything is started
 */
export async function inspectPaths(request: SpecRequest, launcher: string | null): Promise<SandboxSpec> {
  const folder = await resolveFolder(request.folder)
  const own = await resolveAbsent(request.gatehouseHome)
  if (request.mode === 'danger-full-access' || request.grant.unsandboxed) return unbounded
  if (request.container) return containedSpec(request)
  if (isWithin(folder, own)) {
    throw unusable(folder, `it lies inside Gatehouse's own folder ${own}, which no command can see.`)
  }

  const home = await resolveAbsent(request.home ?? homedir())
  const { places: before, tmp, absent } = await placesFor(request, folder, home)
  const readPaths = await resolveExisting(request.grant.readPaths ?? [])
  const places = openForReading(before, readPaths, own)
  const { writableRoots, closedFolders, readable } = places
  for (const root of writableRoots) {
    if (root === '/') throw unusable(root, 'with the whole disk writable there is no boundary left.')
    if (isWithin(root, own)) throw unusable(root, `it lies inside Gatehouse's own folder ${own}.`)
  }

  const found = request.found ?? null
  const named = [own, ...places.denied].filter((path) => path === own || !readPaths.includes(path))
  const denied = [...new Set(await resolveExisting(named))]
  const deniedReads = [...new Set([...denied, ...(await otherNamesOf(denied, found))])]
  const covering = deniedReads.find((path) => isWithin(folder, path))
  if (covering) throw unusable(folder, `reading ${covering} is denied by the settings.`)

  const metadata = request.grant.gitMetadata ? await gitMetadataOf(folder) : []
  const grantedPaths = outermostFirst([
    ...(await resolveExisting(request.grant.writePaths)),
    ...metadata,
  ]).filter((path) => path !== '/' && !isWithin(path, own))

  const about = { home, found, lifted: await Promise.all((request.access?.lifted ?? []).map(resolveAbsent)) }
  const inRoots = await protectedIn(writableRoots, about)
  // One that is not there must not be kept absent: its stand-in would be taken for it.
  const usedShim = request.holdShim && launcher && shimMissing(launcher) === '' ? [shimBeside(launcher)] : []
  const programs = launcher === null ? [] : [launcher, ...usedShim]
  const ours = [own, ...programs].filter(
    (path) => !deniedReads.includes(path) && writableRoots.some((root) => isWithin(path, root)),
  )
  const closedRoots = writableRoots.filter(
    (root) =>
      inRoots.some((path) => isWithin(root, path)) && !about.lifted.some((open) => isWithin(root, open)),
  )
  const shown = writableRoots.length === 0 && emptied.some((path) => isWithin(folder, path)) ? [folder] : []
  const reserved = await reservedIn(writableRoots, absent)
  const alsoClosed = [...closedRoots, ...places.readOnly, ...shown, ...reserved]
  const protectedPaths = await look([...inRoots, ...ours, ...alsoClosed])
  const closedInGrants = await look(await closedIn(grantedPaths, [...inRoots, ...ours], about))

  const deniedGlobs = await globsFor(request, absent, [...writableRoots, ...grantedPaths])
  const opened = readPaths.filter((path) => !isWithin(path, own))
  const hold = deniedGlobs.length > 0 ? 'all' : request.hold
  const inside = [...deniedReads, ...closedFolders]
  return {
    boundary: 'bounded',
    writableRoots: [...writableRoots],
    // A hidden folder is pinned too: moved away, its name would be free for a folder that the host would then
    // read as its own.
    pinnedFolders: outermostFirst([
      ...pinsFor(writableRoots, [...protectedPaths.map(({ path }) => path), ...inside, ...readable]),
      ...pinsFor(grantedPaths, [...closedInGrants.map(({ path }) => path), ...inside]),
    ]),
    protectedPaths,
    grantedPaths,
    closedInGrants,
    deniedReads,
    network: request.grant.network ? 'host' : 'none',
    tmp,
    ...(closedFolders.length > 0 ? { closedFolders: outermostFirst(closedFolders) } : {}),
    ...(readable.length > 0 ? { readablePaths: outermostFirst(readable) } : {}),
    ...(deniedGlobs.length > 0 ? { deniedGlobs } : {}),
    ...(deniedGlobs.length > 0 && opened.length > 0 ? { grantedReads: opened } : {}),
    ...(request.localSockets === undefined ? {} : { localSockets: request.localSockets }),
    ...(request.proxied === undefined ? {} : { proxied: request.proxied }),
    ...(request.nesting === undefined ? {} : { nesting: request.nesting }),
    ...(hold === undefined ? {} : { hold }),
    ...(request.holdShim === undefined ? {} : { holdShim: request.holdShim }),
    ...(request.limits === undefined ? {} : { limits: request.limits }),
  }
}

const unbounded: SandboxSpec = { boundary: 'none', ...noPlaces }

/** What the mode and the profile say, with every path resolved. `absent`: denied, but not there. */
async function placesFor(
  request: SpecRequest,
  folder: string,
  home: string,
): Promise<{ places: Places; tmp: 'private' | 'host'; absent: readonly string[] }> {
  const { access, mode } = request
  const writes = mode === 'workspace-write'
  const extra = writes ? await resolveRoots(request.extraWritableRoots) : []
  const entries: PathAccess[] = []
  const absent: string[] = []
  for (const entry of access?.entries ?? [{ path: '/', access: 'read' as const }]) {
    const path = await realpath(entry.path).catch(() => null)
    if (path !== null) entries.push({ ...entry, path })
    else if (entry.access === 'deny') absent.push(await resolveAbsent(entry.path))
  }
  if (writes && !entries.some((entry) => entry.access === 'write')) {
    const others = entries.filter(({ path, access: given }) => path !== folder || given === 'deny')
    entries.splice(0, entries.length, ...others, ...[folder, ...extra].map(written))
  }
  const tmp = extra.includes('/tmp') && accessOf(entries, '/tmp') === 'write' ? 'host' : 'private'
  const programs = programFolder()
  if (programs && accessOf(entries, programs) === 'deny' && isWithin(home, nearest(entries, programs)))
    entries.push({ path: programs, access: 'read' })

  const places = placesOf(entries, mode, tmp)
  const denied = new Set(places.denied)
  for (const path of request.deniedReads) {
    const resolved = await realpath(path).catch(() => null)
    if (resolved === null) absent.push(await resolveAbsent(path))
    else if (!places.closedFolders.includes(resolved)) denied.add(resolved)
  }
  if (accessOf(entries, folder) === 'deny' && !places.writableRoots.some((root) => isWithin(folder, root)))
    throw unusable(folder, 'the permission profile does not let it be read.')

  // Who may not write to /tmp gets an empty one that cannot be written. Where nothing says anything of it, since even
  // the disk is closed, it is a place for temporary files like any other of the run's own.
  const given = accessOf(entries, '/tmp')
  const excluded = tmp === 'private' && (mode === 'read-only' || (access !== undefined && given === 'read'))
  const closedFolders = excluded ? [...places.closedFolders, '/tmp'] : places.closedFolders
  const readable = await withoutSecrets(places.readable, home)
  return { places: { ...places, closedFolders, readable, denied: [...denied] }, tmp, absent }
}

const written = (path: string): PathAccess => ({ path, access: 'write' })

/** The entry that decides about a path; '/' when none does. */
const nearest = (entries: readonly PathAccess[], path: string): string =>
  entries.reduce((best, { path: at }) => (isWithin(path, at) && at.length > best.length ? at : best), '/')

/** Where this Node is installed, so that programs started with it run when the home folder is closed. */
function programFolder(): string | null {
  const folder = dirname(process.execPath)
  if (basename(process.execPath) !== 'node' || basename(folder) !== 'bin') return null
  const prefix = dirname(folder)
  return prefix.split('/').length > 2 ? prefix : null
}

/** Denied by their own name and not there: nothing can be made under that name. */
async function reservedIn(roots: readonly string[], absent: readonly string[]): Promise<string[]> {
  const reserved: string[] = []
  for (const path of absent) {
    const root = roots.find((folder) => path !== folder && isWithin(path, folder))
    if (root !== undefined) reserved.push(await firstAbsent(root, path))
  }
  return reserved
}

async function globsFor(
  request: SpecRequest,
  absent: readonly string[],
  writable: readonly string[],
): Promise<DeniedGlobs> {
  const globs = await Promise.all(
    (request.deniedGlobs ?? []).map(async ({ folder, pattern }) => ({
      folder: await resolveAbsent(folder),
      pattern,
    })),
  )
  // Outside of what a run can write, only somebody else could make it; see docs/KNOWN-LIMITS.md.
  const within = absent.filter((path) => writable.some((root) => isWithin(path, root)))
  return [...globs, ...within.map(patternFor)]
}

const unusable = (path: string, detail: string) =>
  new SandboxUnavailable({ code: 'pathUnusable', path, detail })

async function resolveFolder(path: string): Promise<string> {
  const resolved = await realpath(path).catch((cause: NodeJS.ErrnoException) => {
    throw unusable(path, cause.code === 'ENOENT' ? 'it is not there.' : `${cause.code ?? cause.message}.`)
  })
  if (!(await stat(resolved)).isDirectory()) throw unusable(path, 'it is not a folder.')
  return resolved
}

/** Absent roots, grants and denied reads are dropped: that gives less, never more. */
async function resolveExisting(paths: readonly string[]): Promise<string[]> {
  const resolved = await Promise.all(paths.map((path) => realpath(path).catch(() => null)))
  return [...new Set(resolved.filter((path) => path !== null))]
}

/** In a file nothing can be kept closed, so a folder that became one, or a slip, is not taken for a root. */
async function resolveRoots(paths: readonly string[]): Promise<string[]> {
  const roots = await resolveExisting(paths)
  for (const root of roots) {
    const isFolder = (await stat(root).catch(() => null))?.isDirectory() ?? false
    if (!isFolder)
      throw unusable(root, 'the settings make it writable, and that can only be said of a folder.')
  }
  return roots
}

/** Like realpath, for a path whose last parts may not exist yet. */
export async function resolveAbsent(path: string): Promise<string> {
  const resolved = await realpath(path).catch(() => null)
  if (resolved !== null) return resolved
  const parent = dirname(path)
  if (parent === path) return path
  const base = await resolveAbsent(parent)
  return `${base === '/' ? '' : base}/${path.slice(parent === '/' ? 1 : parent.length + 1)}`
}
