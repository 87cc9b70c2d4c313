import { createHash } from 'node:crypto'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProjectGit } from './project-git.ts'
import { readSmall } from './read-small.ts'

/** What stands in the parts of a repository that decide what git runs and shows: name to fingerprint. */
export type ProtectedState = ReadonlyMap<string, string>

/** Entries looked at below refs and hooks; beyond that only their number counts. */
const maxEntries = 3000

/**
 * Takes the fingerprint of `.git`. HEAD, config and a small index count by content, since git rewrites its
 * index for its own purposes; everything else by size, time and place on the disk, which is cheap to look at.
 */
export async function readProtectedState(git: ProjectGit | null): Promise<ProtectedState> {
  if (!git) return new Map()
  const parts = await Promise.all([
    part('.git/HEAD', [join(git.gitDir, 'HEAD')]),
    part('.git/index', [join(git.gitDir, 'index')]),
    part('.git/config', [join(git.commonDir, 'config'), join(git.gitDir, 'config.worktree')]),
    part('.git/refs', [join(git.commonDir, 'refs'), join(git.commonDir, 'packed-refs')]),
    part('.git/hooks', [join(git.commonDir, 'hooks')]),
    part('.git/info', [join(git.commonDir, 'info')]),
  ])
  return new Map(parts)
}

/** Names of what differs, in a fixed order. */
export const protectedChanges = (before: ProtectedState, now: ProtectedState): string[] =>
  [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name))

async function part(name: string, paths: readonly string[]): Promise<[string, string]> {
  const hash = createHash('sha256')
  let left = maxEntries
  const visit = async (path: string): Promise<void> => {
    const facts = await lstat(path).catch(() => null)
    if (!facts || left-- <= 0) return
    hash.update(`${path}\0${facts.mode}\0`)
    if (facts.isDirectory()) {
      const names = await readdir(path).catch(() => [])
      for (const entry of names.toSorted((a, b) => (a < b ? -1 : 1))) await visit(join(path, entry))
    } else if (path === paths[0] && facts.size <= 65_536) {
      hash.update((await readSmall(path, 65_536)) ?? '')
    } else {
      hash.update(`${facts.size} ${facts.mtimeMs} ${facts.ino}`)
    }
  }
  for (const path of paths) await visit(path)
  return [name, hash.digest('hex')]
}
