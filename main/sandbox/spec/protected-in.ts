import { lstat, readlink, realpath, stat } from 'node:fs/promises'
import type { ProtectedPath } from '../../../protocol/sandbox.ts'
import type { Found } from '../backend.ts'
import { closedInGitDir, closedInWorktrees, looksLikeGitDir, pointedGitDirs } from '../git-dirs.ts'
import { foldersBetween, isWithin, outermostFirst } from '../paths.ts'
import { type ProtectedEntry, protectedInHome, protectedNames, protectedSet } from '../protected-set.ts'
import { SandboxUnavailable } from '../sandbox-unavailable.ts'
import { readGitConfig } from './git-config.ts'

/** More nested repositories than this are not closed one by one; a run has only so many mounts. */
const maxNested = 200

export type ProtectingIn = {
  /** The user's own folder, resolved. */
  readonly home: string
  readonly found: Found | null
  /** Paths that the profile opens although they are protected. */
  readonly lifted: readonly string[]
}

/** The protected paths of every root: the set, git directories that pointer files name, nested repositories, hooks. */
export async function protectedIn(roots: readonly string[], about: ProtectingIn): Promise<string[]> {
  const folders: string[] = []
  for (const root of roots) if ((await stat(root)).isDirectory()) folders.push(root)
  const named: string[] = []
  for (const root of folders) {
    for (const entry of protectedSet) named.push(...(await placesOfEntry(root, entry)))
    if (isWithin(about.home, root))
      for (const entry of protectedInHome) named.push(...(await placesOfEntry(about.home, entry)))
  }
  const foreign = await nestedRepositories(about.found)
  for (const root of folders) {
    const pointed = await pointedGitDirs(root)
    foreign.push(...pointed, ...(await gitSettings(root, pointed, about.home)))
  }
  // What a file of the workspace names could be any folder; one above a root would close the root itself.
  const sound = foreign.filter((path) => !folders.some((root) => isWithin(root, path)))
  return [...new Set([...named, ...sound])].filter(
    (path) =>
      // Only what some root would open.
      folders.some((root) => isWithin(path, root) && path !== root) &&
      !about.lifted.some((open) => isWithin(path, open)),
  )
}

/** Where an entry of the set has to be closed below a folder. Empty for what is only watched. */
async function placesOfEntry(folder: string, { name, absent, link }: ProtectedEntry): Promise<string[]> {
  const path = `${folder}/${name}`
  const stats = await lstat(path).catch(() => null)
  if (stats?.isSymbolicLink() && link === 'target') return leadsTo(path)
  // What is to be closed lies behind a link, so that its real place is what counts.
  const parent = await realpath(path.slice(0, path.lastIndexOf('/'))).catch(() => null)
  if (stats) return parent === null ? [] : [`${parent}/${path.slice(path.lastIndexOf('/') + 1)}`]
  return absent === 'standIn' ? [await firstAbsent(folder, path)] : []
}

const leadsTo = (path: string): Promise<string[]> =>
  realpath(path).then(
    (target) => [target],
    () => [],
  )

/** Where parents of an absent path are absent too, the outermost of them is what must not appear. */
export async function firstAbsent(folder: string, path: string): Promise<string> {
  for (const parent of foldersBetween(folder, path))
    if ((await lstat(parent).catch(() => null)) === null) return parent
  return path
}

/** Hooks that the configuration names, and the files it takes in, where they lie in the workspace. */
async function gitSettings(root: string, pointed: readonly string[], home: string): Promise<string[]> {
  const dirs = pointed.length > 0 ? pointed : [`${root}/.git`]
  const files = [
    ...dirs.flatMap((dir) => [`${dir}/config`, `${dir}/config.worktree`]),
    `${home}/.gitconfig`,
    `${home}/.config/git/config`,
    '/etc/gitconfig',
  ]
  const { hookFolders, includedFiles } = await readGitConfig(files, root, home)
  const hooks = await Promise.all(
    hookFolders
      .filter((folder) => isWithin(folder, root) && folder !== root)
      .map((folder) => realpath(folder).catch(() => firstAbsent(root, folder))),
  )
  return [...hooks, ...includedFiles]
}

async function nestedRepositories(found: Found | null): Promise<string[]> {
  const nested = (found?.gitDirs ?? []).slice(0, maxNested)
  const there = await Promise.all(nested.map((path) => lstat(path).catch(() => null)))
  const pointers = nested.filter((_, at) => there[at]?.isFile())
  const pointed = await Promise.all(pointers.map((path) => pointedGitDirs(path.slice(0, -'/.git'.length))))
  // A link would be refused at the top of a root; deeper, where nobody asked for it, it is only left alone.
  return [...nested.filter((_, at) => there[at] && !there[at].isSymbolicLink()), ...pointed.flat()]
}

/** What stays closed below granted folders. A path that was granted by its own name is open. */
export async function closedInGrants(
  granted: readonly string[],
  closedAnyway: readonly string[],
  about: ProtectingIn,
): Promise<string[]> {
  const closed: string[] = []
  for (const path of granted) {
    if (!(await stat(path)).isDirectory()) continue
    closed.push(...closedAnyway.filter((inner) => isWithin(inner, path)))
    if (await looksLikeGitDir(path)) {
      closed.push(...(await closedInGitDir(path)), ...(await closedInWorktrees(path)))
    } else if (path.includes('/.git/')) {
      closed.push(...(await closedInWorktrees(path)))
    } else if (!protectedNames.some((name) => `${path}/`.includes(`/${name}/`))) {
      closed.push(...(await protectedIn([path], about)))
    }
  }
  return [...new Set(closed)].filter(
    (path) => granted.some((grant) => isWithin(path, grant)) && !granted.includes(path),
  )
}

/** Whether each path exists. @throws SandboxUnavailable for a symlink, which no mount can hold in place. */
export async function look(paths: readonly string[]): Promise<ProtectedPath[]> {
  return Promise.all(
    outermostFirst(paths).map(async (path) => {
      const link = await readlink(path).catch(() => null)
      if (link !== null) throw new SandboxUnavailable({ code: 'protectedPathIsSymlink', path })
      return { path, exists: (await lstat(path).catch(() => null)) !== null }
    }),
  )
}
