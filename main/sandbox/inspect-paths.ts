import { lstat, readlink, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ProtectedPath, SandboxSpec } from '../../protocol/sandbox.ts'
import type { SpecRequest } from './backend.ts'
import { closedInGitDir, closedInWorktrees, looksLikeGitDir, pointedGitDirs } from './git-dirs.ts'
import { foldersBetween, isWithin, outermostFirst } from './paths.ts'
import { SandboxUnavailable } from './sandbox-unavailable.ts'

/** Settings and code that somebody runs later: read-only at the top of every writable root. */
export const protectedNames = ['.git', '.gatehouse', '.codex', '.agents'] as const

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
  const home = await resolveAbsent(request.gatehouseHome)
  if (request.mode === 'danger-full-access' || request.grant.unsandboxed) return unbounded

  if (isWithin(folder, home)) {
    throw unusable(folder, `it lies inside Gatehouse's own folder ${home}, which no command can see.`)
  }

  const extra = request.mode === 'workspace-write' ? await resolveExisting(request.extraWritableRoots) : []
  const writableRoots = request.mode === 'workspace-write' ? outermostFirst([folder, ...extra]) : []
  for (const root of writableRoots) {
    if (root === '/') throw unusable(root, 'with the whole disk writable there is no boundary left.')
    if (isWithin(root, home)) throw unusable(root, `it lies inside Gatehouse's own folder ${home}.`)
  }

  const deniedReads = await resolveExisting([home, ...request.deniedReads])
  const covering = deniedReads.find((path) => isWithin(folder, path))
  if (covering) throw unusable(folder, `reading ${covering} is denied by the settings.`)

  const grantedPaths = outermostFirst(await resolveExisting(request.grant.writePaths)).filter(
    (path) => path !== '/' && !isWithin(path, home),
  )

  const inRoots = await protectedIn(writableRoots)
  const own = [home, ...(launcher ? [launcher] : [])].filter(
    (path) => !deniedReads.includes(path) && writableRoots.some((root) => isWithin(path, root)),
  )
  const shown = writableRoots.length === 0 && emptied.some((path) => isWithin(folder, path)) ? [folder] : []
  const protectedPaths = await look([...inRoots, ...own, ...shown])
  const closedInGrants = await look(await closedIn(grantedPaths, [...inRoots, ...own]))

  // A hidden folder below a root is pinned too: moved away, its name would be free for a folder that the
  // host would then read as its own.
  const kept = [...protectedPaths.map(({ path }) => path), ...deniedReads]
  const pinnedFolders = outermostFirst([
    ...writableRoots.flatMap((root) => kept.flatMap((path) => foldersBetween(root, path))),
    ...grantedPaths.flatMap((granted) =>
      [...closedInGrants.map(({ path }) => path), ...deniedReads].flatMap((path) =>
        foldersBetween(granted, path),
      ),
    ),
  ])

  return {
    boundary: 'bounded',
    writableRoots,
    pinnedFolders,
    protectedPaths,
    grantedPaths,
    closedInGrants,
    deniedReads,
    network: request.grant.network ? 'host' : 'none',
    tmp: 'private',
  }
}

const unbounded: SandboxSpec = {
  boundary: 'none',
  writableRoots: [],
  pinnedFolders: [],
  protectedPaths: [],
  grantedPaths: [],
  closedInGrants: [],
  deniedReads: [],
  network: 'host',
  tmp: 'host',
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

/** Like realpath, for a path whose last parts may not exist yet. */
export async function resolveAbsent(path: string): Promise<string> {
  const resolved = await realpath(path).catch(() => null)
  if (resolved !== null) return resolved
  const parent = dirname(path)
  if (parent === path) return path
  const base = await resolveAbsent(parent)
  return `${base === '/' ? '' : base}/${path.slice(parent === '/' ? 1 : parent.length + 1)}`
}

/** The protected paths of every root, with the git directories that pointer files name. */
async function protectedIn(roots: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const root of roots) {
    if (!(await stat(root)).isDirectory()) continue
    found.push(...protectedNames.map((name) => `${root}/${name}`))
    const pointed = await pointedGitDirs(root)
    // Only what some root would open; a pointer to a folder above a root would close the root itself.
    found.push(
      ...pointed.filter(
        (dir) => roots.some((other) => isWithin(dir, other)) && !roots.some((other) => isWithin(other, dir)),
      ),
    )
  }
  return [...new Set(found)]
}

/** What stays closed below granted folders. A path that was granted by its own name is open. */
async function closedIn(granted: readonly string[], closedAnyway: readonly string[]): Promise<string[]> {
  const closed: string[] = []
  for (const path of granted) {
    if (!(await stat(path)).isDirectory()) continue
    closed.push(...closedAnyway.filter((inner) => isWithin(inner, path)))
    if (await looksLikeGitDir(path)) {
      closed.push(...(await closedInGitDir(path)), ...(await closedInWorktrees(path)))
    } else if (path.includes('/.git/')) {
      closed.push(...(await closedInWorktrees(path)))
    } else if (!protectedNames.some((name) => `${path}/`.includes(`/${name}/`))) {
      closed.push(...(await protectedIn([path])))
    }
  }
  return [...new Set(closed)].filter(
    (path) => granted.some((grant) => isWithin(path, grant)) && !granted.includes(path),
  )
}

/** Whether each path exists. @throws SandboxUnavailable for a symlink, which no mount can hold in place. */
async function look(paths: readonly string[]): Promise<ProtectedPath[]> {
  return Promise.all(
    outermostFirst(paths).map(async (path) => {
      const link = await readlink(path).catch(() => null)
      if (link !== null) throw new SandboxUnavailable({ code: 'protectedPathIsSymlink', path })
      return { path, exists: (await lstat(path).catch(() => null)) !== null }
    }),
  )
}
