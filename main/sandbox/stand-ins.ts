import { accessSync, constants, lstatSync, readdirSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import type { ProtectedPath, SandboxSpec } from '../../protocol/sandbox.ts'
import { standInIsFile } from './git-dirs.ts'
import { SandboxUnavailable } from './sandbox-unavailable.ts'

export type StandIns = {
  /** The spec without paths that neither exist nor could be made, by us or by the command. */
  readonly spec: SandboxSpec
  readonly folders: readonly string[]
  readonly files: readonly string[]
}

/**
 * Which protected paths the launcher has to hold a stand-in for, since only what exists can be mounted over:
 * those that are absent, and those that are empty, which may be the stand-in of another run and go with it. Each of
 * them is mounted; where the launcher cannot make one, it starts nothing.
 *
 * @throws SandboxUnavailable when a path became a symlink, which no mount can hold in place
 */
export function planStandIns(spec: SandboxSpec): StandIns {
  if (spec.boundary !== 'bounded') return { spec, folders: [], files: [] }
  const wanted: string[] = []
  const keep = ({ path }: ProtectedPath): boolean => {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found?.isSymbolicLink()) throw new SandboxUnavailable({ code: 'protectedPathIsSymlink', path })
    if (!found && cannotBeMadeInside(path)) return false
    if (!found || isEmpty(path, found)) wanted.push(path)
    return true
  }
  const protectedPaths = spec.protectedPaths.filter(keep)
  const closedInGrants = spec.closedInGrants.filter(keep)
  return {
    spec: { ...spec, protectedPaths, closedInGrants },
    folders: wanted.filter((path) => !standInIsFile(path)),
    files: wanted.filter(standInIsFile),
  }
}

/** When the launcher gave a stand-in its time, in whole seconds; see native-sandbox/linux/stand-in.c. */
const markSeconds = 999_999_990

/**
 * The folder is absent; it is a stand-in itself, closed as a whole; or nothing can be made in it, and the command,
 * having the same user, cannot change that: it is another user's, or on a disk that is read-only.
 */
function cannotBeMadeInside(path: string): boolean {
  const folder = dirname(path)
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (!found?.isDirectory() || Math.floor(found.mtimeMs / 1000) === markSeconds) return true
  try {
    accessSync(folder, constants.W_OK)
    return false
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EROFS' || found.uid !== process.getuid?.()
  }
}

function isEmpty(path: string, found: Stats): boolean {
  if (found.isFile()) return found.size === 0
  if (!found.isDirectory()) return false
  try {
    return readdirSync(path).length === 0
  } catch {
    // Nobody could fill it either.
    return true
  }
}
