import type { FileDiff } from '../../protocol/workspace.ts'
import type { BytePath } from './byte-path.ts'
import { shownPath } from './byte-path.ts'
import { compareEntries } from './mini-trees.ts'
import type { FilePatch, RawEntry } from './parse-git-diff.ts'
import { parsePatches, patchArgs } from './parse-git-diff.ts'
import type { PlacedHunk } from './parse-hunks.ts'
import type { ShadowRepo } from './shadow-repo.ts'

/** A changed file with all that review needs to know about it. */
export type ChangedFile = { readonly entry: RawEntry; readonly patch: FilePatch }

/** Files that get a diff; the rest is counted. */
export const maxDiffFiles = 500
/** A patch longer than this is cut. */
const maxPatchBytes = 3 * 1024 * 1024
/** So few files are compared one by one; more are put together first. */
const aloneAtMost = 3
const longFileBytes = 512 * 1024
const groupBytes = 2 * 1024 * 1024

const nothing: FilePatch = { binary: false, added: 0, removed: 0, hunks: [], leftOut: 0 }

/**
 * Reads the patches of these entries. An entry whose patch git does not give is shown without hunks, as binary.
 *
 * @param objects  the project's objects, when the base is its last commit
 */
export async function readPatches(
  repo: ShadowRepo,
  entries: readonly RawEntry[],
  objects: string | null,
): Promise<ChangedFile[]> {
  const patches = new Map<RawEntry, FilePatch>()
  if (entries.length > aloneAtMost) {
    for (const group of await groupBySize(repo, entries, objects)) {
      await readTogether(repo, group, objects, patches)
    }
  }
  for (const entry of entries) {
    if (!patches.has(entry)) patches.set(entry, await readAlone(repo, entry, objects))
  }
  return entries.map((entry) => ({ entry, patch: patches.get(entry) ?? nothing }))
}

/** Groups of files that are short enough to be read in one run. Renames and long files are read alone. */
async function groupBySize(
  repo: ShadowRepo,
  entries: readonly RawEntry[],
  objects: string | null,
): Promise<RawEntry[][]> {
  const plain = entries.filter((entry) => entry.from === null)
  const oids = plain.flatMap((entry) => [entry.oldOid, entry.newOid])
  const stdin = Buffer.from(`${oids.join('\n')}\n`)
  const listed = await repo.text(['cat-file', '--batch-check=%(objectsize)'], {
    stdin,
    projectObjects: objects,
  })
  // An absent side is "missing", which is no number.
  const sizes = listed.split('\n').map((size) => Number.parseInt(size, 10) || 0)
  const groups: RawEntry[][] = [[]]
  let bytes = 0
  for (const [at, entry] of plain.entries()) {
    const size = (sizes[at * 2] ?? 0) + (sizes[at * 2 + 1] ?? 0)
    if (size > longFileBytes) continue
    bytes += size
    if (bytes <= groupBytes) groups.at(-1)?.push(entry)
    else {
      groups.push([entry])
      bytes = size
    }
  }
  return groups
}

async function readTogether(
  repo: ShadowRepo,
  entries: readonly RawEntry[],
  objects: string | null,
  into: Map<RawEntry, FilePatch>,
): Promise<void> {
  if (entries.length === 0) return
  const result = await compareEntries(repo, entries, ['-r', ...patchArgs], {
    objects,
    maxBytes: maxPatchBytes,
  })
  // Then each is read alone.
  if (result.code !== 0 || result.cut) return
  const found = parsePatches(result.stdout, false)
  for (const entry of entries) {
    const patch = found.get(entry.path)
    if (patch) into.set(entry, placed(entry, patch))
  }
}

/** Compares two contents, whatever their names. */
async function readAlone(repo: ShadowRepo, entry: RawEntry, objects: string | null): Promise<FilePatch> {
  if (entry.oldOid === entry.newOid) return nothing
  const sides = [entry.oldOid, entry.newOid].map((oid) => (/^0+$/.test(oid) ? emptyBlob : oid))
  const result = await repo.tryGit(['diff', ...patchArgs, ...sides], {
    projectObjects: objects,
    maxBytes: maxPatchBytes,
  })
  if (result.code !== 0 && !result.cut) return { ...nothing, binary: true }
  const patch = [...parsePatches(result.stdout, result.cut, entry.path).values()][0]
  return patch ? placed(entry, patch) : nothing
}

const emptyBlob = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'

/** A file that became a link, or back, has no lines in common with what it was. */
const placed = (entry: RawEntry, patch: FilePatch): FilePatch =>
  entry.status === 'T' ? { ...patch, binary: true, hunks: [], leftOut: 0 } : patch

/** Names the content of a changed file, so that "kept" ends when it changes again. */
export const fileKey = (entry: RawEntry): string =>
  `file:${shownPath(entry.path)}:${entry.newMode}.${entry.newOid.slice(0, 24)}`

/** Lines, and what they are long, that all files of a diff have together; a window holds all of it. */
export const maxDiffWeight = 100_000

export const weightOf = ({ patch }: ChangedFile): number =>
  patch.hunks.reduce(
    (sum, { lines }) => sum + lines.reduce((all, line) => all + 1 + line.text.length / 80, 0),
    0,
  )

/** The file without its lines, when the diff as a whole has too many. */
export const withoutLines = ({ entry, patch }: ChangedFile): ChangedFile => ({
  entry,
  patch: { ...patch, hunks: [], leftOut: patch.added + patch.removed },
})

export function toFileDiff({ entry, patch }: ChangedFile, kept: ReadonlySet<string>): FileDiff {
  const whole = kept.has(fileKey(entry))
  const hunks = patch.hunks.map((hunk) => shownHunk(hunk, whole || kept.has(hunk.id)))
  return {
    path: shownPath(entry.path),
    fromPath: entry.from === null ? null : shownPath(entry.from),
    change: changeOf(entry.status),
    added: patch.added,
    removed: patch.removed,
    binary: patch.binary,
    hunks,
    leftOut: patch.leftOut,
    kept: whole || (hunks.length > 0 && patch.leftOut === 0 && hunks.every((hunk) => hunk.kept)),
  }
}

const shownHunk = ({ id, header, lines }: PlacedHunk, kept: boolean) => ({
  id,
  header,
  lines: [...lines],
  kept,
})

function changeOf(status: string): FileDiff['change'] {
  if (status === 'A') return 'add'
  if (status === 'D') return 'delete'
  return status === 'R' ? 'rename' : 'update'
}

/** Equal for equal differences; tells which files must be read and sent again. */
export const entryKey = (entry: RawEntry): string =>
  [entry.status, entry.oldMode, entry.newMode, entry.oldOid, entry.newOid, entry.from ?? ''].join(' ')

export const byPath = (a: { readonly path: BytePath }, b: { readonly path: BytePath }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0
