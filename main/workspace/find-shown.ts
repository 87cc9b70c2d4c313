import type { DiffScope } from '../../protocol/workspace.ts'
import { bytePath, isPathInside } from './byte-path.ts'
import type { DiffView } from './diff-view.ts'
import type { ChangedFile } from './make-file-diffs.ts'
import { fileKey } from './make-file-diffs.ts'
import type { Parts } from './open-parts.ts'
import type { PlacedHunk } from './parse-hunks.ts'

export type Shown = { readonly file: ChangedFile; readonly hunk: PlacedHunk | null }

/**
 * The file, and the hunk if one is meant, that a person has before them. Looks at the disk first.
 *
 * @returns null when it is not any more what was shown
 */
export async function findShown(
  parts: Parts,
  scope: DiffScope,
  view: DiffView,
  kept: ReadonlySet<string>,
  path: string,
  hunkId: string | null,
): Promise<Shown | null> {
  // Without a window there is nothing that was shown, so what is there now counts.
  const before = view.listeners.size > 0 ? view.find(path) : null
  if (!before && !isPathInside(path)) return null
  if (!parts.touched.has(scope)) return null
  await parts.touched.look(before ? pathsOf(before) : [bytePath(path)], [scope])
  await view.refresh(parts.repo, parts.touched, kept, 'changes')
  const file = view.find(path)
  if (!file) return null
  if (hunkId !== null) {
    const hunk = file.patch.hunks.find((one) => one.id === hunkId)
    return hunk ? { file, hunk } : null
  }
  return before && fileKey(before.entry) !== fileKey(file.entry) ? null : { file, hunk: null }
}

export const pathsOf = ({ entry }: ChangedFile) =>
  entry.from === null ? [entry.path] : [entry.path, entry.from]
