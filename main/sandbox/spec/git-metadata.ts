import { lstat, readFile, realpath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { commonGitDir, looksLikeGitDir, pointedGitDirs } from '../git-dirs.ts'
import { settingsIn } from './git-config.ts'

/** More folders above than this are not looked at. */
const maxAbove = 64

/**
 * The git directories that a grant of "Git metadata" opens for a folder: of the repository around it, of a linked
 * worktree its own part and the common one, of a submodule its own. Resolved.
 *
 * A pointer file lies in the workspace and may name anything, so what it names is taken only if it names the
 * workspace back: git writes both ends. Otherwise another repository would be opened. Empty when in doubt.
 */
export async function gitMetadataOf(folder: string): Promise<readonly string[]> {
  const top = await repositoryAround(folder)
  if (top === null) return []
  const own = `${top}/.git`
  const stats = await lstat(own).catch(() => null)
  if (stats?.isDirectory()) return (await isRepository(own)) ? [own] : []
  if (!stats?.isFile()) return []
  const [gitDir, common] = await pointedGitDirs(top)
  if (gitDir === undefined) return []
  if (common !== undefined && common !== gitDir) {
    const back = (await readFile(`${gitDir}/gitdir`, 'utf8').catch(() => '')).trimEnd()
    const matches = (await realpath(back).catch(() => null)) === own
    // git keeps the part of a worktree nowhere else.
    const inCommon = dirname(gitDir) === `${common}/worktrees`
    return matches && inCommon && (await isRepository(common)) ? [common] : []
  }
  const config = await readFile(`${gitDir}/config`, 'utf8').catch(() => '')
  const named = settingsIn(config).find(({ section, key }) => section === 'core' && key === 'worktree')
  const back = named ? await realpath(resolve(gitDir, named.value)).catch(() => null) : null
  return back === top && (await isRepository(gitDir)) ? [gitDir] : []
}

async function repositoryAround(folder: string): Promise<string | null> {
  let at = folder
  for (let step = 0; step < maxAbove; step++) {
    if (await lstat(`${at}/.git`).catch(() => null)) return at
    if (at === '/') return null
    at = dirname(at)
  }
  return null
}

/** Has what a repository has, and is the whole of it, not the part of a worktree. */
async function isRepository(gitDir: string): Promise<boolean> {
  const parts = await Promise.all(
    ['HEAD', 'objects', 'refs'].map((name) => lstat(`${gitDir}/${name}`).catch(() => null)),
  )
  return (
    parts.every((stats) => stats !== null && !stats.isSymbolicLink()) &&
    (await looksLikeGitDir(gitDir)) &&
    (await commonGitDir(gitDir)) === gitDir
  )
}
