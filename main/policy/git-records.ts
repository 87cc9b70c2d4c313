import { isWithin } from './settings/plain-path.ts'

/** What git runs later, or reads to decide what to run, in any repository's own directory. */
const closedTop = new Set(['hooks', 'modules', 'info', 'commondir', 'gitdir'])
/** Folders that hold something closed: renamed or linked over, they would bring it with them. */
const holdsClosed = /^(?:objects(?:\/info)?|worktrees(?:\/[^/]+)?)$/
const movesNames = /^(?:rename|link|symlink)/

/**
 * Whether a path is one of a repository's own records: objects, refs, index, logs, and what a commit or rebase
 * keeps meanwhile. Never hooks, config, attributes, alternates, nor a repository below (submodules).
 *
 * @param gitDirs the resolved git directories of the workspace
 * @param call the system call: moving a whole folder into place is more than writing a record
 */
export function isGitRecord(path: string, gitDirs: readonly string[], call: string): boolean {
  const dir = gitDirs
    .filter((d) => path !== d && isWithin(path, d))
    .toSorted((a, b) => b.length - a.length)[0]
  if (dir === undefined) return false
  const rel = path.slice(dir.length + 1)
  const parts = rel.split('/')
  const last = parts.at(-1) ?? ''
  if (parts.some((p) => p === '' || p === '.' || p === '..')) return false
  // The list of refs that `git gc` writes; git runs nothing by it.
  if (/^info\/refs(?:_\w+)?$/.test(rel)) return true
  if (closedTop.has(parts[0] ?? '')) return false
  if (parts.some((p) => p === 'hooks' || p === 'modules') && parts[0] === 'worktrees') return false
  if (/^(?:config|config\.worktree|commondir|gitdir|attributes)(?:\.lock)?$/.test(last)) {
    // Branches may be named like that; files that git reads as settings stand at the top or below worktrees/.
    if (parts.length === 1 || parts[0] === 'worktrees' || parts[0] === 'info') return false
  }
  if (/^objects\/info\/(?:http-)?alternates/.test(rel)) return false
  return !(movesNames.test(call) && holdsClosed.test(rel))
}
