import { lstatSync, rmSync } from 'node:fs'
import { lstat, readdir, readFile, realpath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** The longest pointer or commondir file that is read; a real one is one path. */
const maxPointerBytes = 8192

/**
 * The git directories that `<folder>/.git` stands for, resolved: of a pointer file (worktree, submodule) the
 * one it names, and the common directory that one shares. Empty for a plain `.git` folder or none. Whatever a
 * hostile pointer names is only a path here; the caller closes it, it never opens anything.
 */
export async function pointedGitDirs(folder: string): Promise<readonly string[]> {
  const text = await readShort(`${folder}/.git`)
  const named = text === null ? null : /^gitdir: (.+)/.exec(text)?.[1]
  if (!named || named.includes('\0')) return []
  const gitDir = await realpath(resolve(folder, named)).catch(() => null)
  if (gitDir === null) return []
  const common = await commonGitDir(gitDir)
  return common === gitDir ? [gitDir] : [gitDir, common]
}

/**
 * The git directories whose records a folder's commands may be given: its own, or what a pointer names where
 * that is really its repository. A pointer comes with the folder and may name anything: a worktree's directory
 * must name the folder back, and a submodule's must be one.
 */
export async function ownGitDirs(folder: string): Promise<readonly string[]> {
  const own = await lstat(`${folder}/.git`).catch(() => null)
  if (own?.isDirectory()) return [`${folder}/.git`]
  const [gitDir, common] = await pointedGitDirs(folder)
  if (gitDir === undefined) return []
  if (common === undefined)
    return gitDir.includes('/.git/modules/') && (await looksLikeGitDir(gitDir)) ? [gitDir] : []
  const back = (await readShort(`${gitDir}/gitdir`))?.trimEnd()
  if (!back || back.includes('\0') || resolve(gitDir, back) !== `${folder}/.git`) return []
  return dirname(gitDir) === `${common}/worktrees` && (await looksLikeGitDir(common)) ? [gitDir, common] : []
}

/** Where a worktree's git directory keeps config, hooks and objects; the directory itself for all others. */
export async function commonGitDir(gitDir: string): Promise<string> {
  const text = (await readShort(`${gitDir}/commondir`))?.trimEnd()
  if (!text || text.includes('\0')) return gitDir
  return realpath(resolve(gitDir, text)).catch(() => gitDir)
}

/** Whether git would take this folder for a repository's own directory. */
export async function looksLikeGitDir(folder: string): Promise<boolean> {
  if (folder.endsWith('/.git')) return true
  const found = await Promise.all(
    ['HEAD', 'objects', 'refs'].map((name) => lstat(`${folder}/${name}`).catch(() => null)),
  )
  return found.every((stats) => stats !== null)
}

/** What git executes, or reads to decide what to execute, whenever somebody uses the repository later. */
const runsLater = [
  'hooks',
  'modules', // whole: each submodule has hooks and a config of its own
  'config',
  'config.worktree',
  'info/attributes',
  'objects/info/alternates',
  'objects/info/http-alternates',
]

/** Says where a worktree's config and hooks are. */
const worktreeFiles = ['commondir', 'gitdir', 'config.worktree']

/**
 * What stays closed when a git directory is granted, absent parts included. `commondir` of the directory
 * itself is missing here: an empty stand-in would break git, so `removeNewCommonDirs` looks after the run.
 */
export async function closedInGitDir(gitDir: string): Promise<readonly string[]> {
  return Promise.all(
    runsLater.map(async (name) => {
      const parent = dirname(`${gitDir}/${name}`)
      // Where info/ is absent as a whole, it is the folder that must not appear.
      return parent === gitDir || (await isThere(parent)) ? `${gitDir}/${name}` : parent
    }),
  )
}

/** The same for git directories of linked worktrees at, or one or two levels below, a granted folder. */
export async function closedInWorktrees(folder: string): Promise<readonly string[]> {
  const below = async (path: string) => (await readdir(path).catch(() => [])).map((name) => `${path}/${name}`)
  const dirs = [folder, ...(await below(folder)), ...(await below(`${folder}/worktrees`))]
  const linked = await Promise.all(
    dirs.map(async (dir) =>
      (await isThere(`${dir}/commondir`)) ? worktreeFiles.map((f) => `${dir}/${f}`) : [],
    ),
  )
  const files = linked.flat()
  const there = await Promise.all(files.map(isThere))
  return files.filter((path, index) => there[index] || path.endsWith('/config.worktree'))
}

/** Stand-ins for these absent paths are empty files; for all others empty folders, which git passes over. */
export const standInIsFile = (path: string): boolean =>
  /\/(config|config\.worktree|info\/attributes|objects\/info\/(http-)?alternates)$/.test(path)

const isThere = async (path: string) => (await lstat(path).catch(() => null)) !== null

async function readShort(path: string): Promise<string | null> {
  const stats = await lstat(path).catch(() => null)
  if (!stats?.isFile() || stats.size > maxPointerBytes) return null
  return readFile(path, 'utf8').catch(() => null)
}

/**
 * Remembers which granted git directories have no `commondir`, and removes one that appears. With such a
 * file git would read config and hooks from wherever it says.
 */
export function newCommonDirs(grantedPaths: readonly string[]): { remove(): void } {
  const absent = grantedPaths
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory())
    .map((path) => `${path}/commondir`)
    .filter((path) => lstatSync(path, { throwIfNoEntry: false }) === undefined)
  return {
    remove() {
      for (const path of absent) {
        // Only where git would read it: elsewhere a file of that name means nothing.
        if (lstatSync(`${dirname(path)}/HEAD`, { throwIfNoEntry: false }))
          rmSync(path, { force: true, recursive: true })
      }
    },
  }
}
