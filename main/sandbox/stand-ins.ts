import { lstatSync, readdirSync, type Stats } from 'node:fs'
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
 * those that are absent, and those that are empty, which may be the stand-in of another run and go with it.
 *
 * @throws SandboxUnavailable when a path became a symlink, which no mount can hold in place
 */
export function planStandIns(spec: SandboxSpec): StandIns {
  if (spec.boundary === 'none') return { spec, folders: [], files: [] }
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

/** The folder belongs to another user, so the command cannot open it for itself either. */
function cannotBeMadeInside(path: string): boolean {
  const parent = lstatSync(dirname(path), { throwIfNoEntry: false })
  return parent === undefined || (parent.uid !== process.getuid?.() && process.getuid?.() !== 0)
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
