import type { DiffChange, DiffSnapshot, FileDiff } from '../../protocol/workspace.ts'
import { isWithin } from '../sandbox/paths.ts'
import { type ProtectedEntry, protectedInHome, protectedSet } from '../sandbox/protected-set.ts'
import { runsIt } from './what-runs-later.ts'

/**
 * Who acts on a path later and outside the boundary, in words; null for a path of no such list.
 *
 * @param path absolute
 * @param roots folders at whose top the protected set stands
 */
export function runsLaterAt(path: string, roots: readonly string[], home: string): string | null {
  const entry =
    roots.map((root) => entryIn(protectedSet, root, path)).find((found) => found !== undefined) ??
    entryIn(protectedInHome, home, path)
  return entry === undefined ? null : runsIt[entry.group]
}

function entryIn(set: readonly ProtectedEntry[], folder: string, path: string): ProtectedEntry | undefined {
  return set.find(({ name }) => isWithin(path, folder === '/' ? `/${name}` : `${folder}/${name}`))
}

/** The diff of a folder, on its way to a screen: files are marked that somebody acts on later. Of a rename both names count. */
export function markRunsLater(
  folder: string,
  home: string,
): {
  snapshot(snapshot: DiffSnapshot): DiffSnapshot
  change(change: DiffChange): DiffChange
} {
  const mark = (file: FileDiff): FileDiff => {
    const names = file.fromPath === null ? [file.path] : [file.path, file.fromPath]
    const words = names.map((name) => runsLaterAt(`${folder}/${name}`, [folder], home)).find(Boolean)
    return words ? { ...file, runsLater: words } : file
  }
  return {
    snapshot: (snapshot) => ({ ...snapshot, files: snapshot.files.map(mark) }),
    change: (change) => (change.type === 'file' ? { ...change, file: mark(change.file) } : change),
  }
}
