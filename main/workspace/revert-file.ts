import { blobId } from './blob-id.ts'
import type { BytePath } from './byte-path.ts'
import { textOf } from './byte-path.ts'
import { holdParent, PathRefused } from './held-folder.ts'
import { standInMark } from './index-folder.ts'
import type { ChangedFile } from './make-file-diffs.ts'
import type { PlacedHunk } from './parse-hunks.ts'
import type { Found, Wanted } from './replace-file.ts'
import { readEntry, replaceEntry } from './replace-file.ts'
import type { ShadowRepo } from './shadow-repo.ts'

export type ReviewAnswer = {
  readonly status: 'done' | 'changedSinceShown' | 'refused'
  readonly why: string | null
}

const done: ReviewAnswer = { status: 'done', why: null }
const changed: ReviewAnswer = {
  status: 'changedSinceShown',
  why: 'The file changed since it was shown. Look again, then decide.',
}
const refused = (why: string): ReviewAnswer => ({ status: 'refused', why })

/** Names at the top of a folder that only a person's own hand changes. */
export const protectedNames = ['.git', '.gatehouse', '.codex', '.agents', '.claude'] as const

/** Whether a path is one that no review writes to. Compared without case, as some disks do. */
export function isProtectedPath(path: string): boolean {
  const names = path.toLowerCase().split('/')
  return names.includes('.git') || protectedNames.some((name) => name === names[0])
}

const modes: Readonly<Record<string, 'file' | 'link' | 'absent'>> = {
  '000000': 'absent',
  '100644': 'file',
  '100755': 'file',
  '120000': 'link',
}

/**
 * Puts a file, or one hunk of it, back to the base. Only if the disk still has what was shown; never through
 * a link; never into a protected path.
 *
 * @param objects  the project's objects, when the base is its last commit
 */
export async function revertFile(
  repo: ShadowRepo,
  file: ChangedFile,
  hunk: PlacedHunk | null,
  objects: string | null,
): Promise<ReviewAnswer> {
  const { entry } = file
  const paths = [entry.path, ...(entry.from === null ? [] : [entry.from])]
  const texts = paths.map(textOf)
  if (texts.includes(null)) return refused('The name of this file is not UTF-8. Put it back by hand.')
  const closed = (texts as string[]).find(isProtectedPath)
  if (closed) return refused(`${closed} is a protected path. Put it back by hand.`)
  const base = /^0+$/.test(entry.oldOid) ? null : await repo.blob(entry.oldOid, objects)
  if (base?.subarray(0, standInMark.length).equals(Buffer.from(standInMark))) {
    return refused('The file was too large, or not readable, to be kept, so there is nothing to put back.')
  }
  try {
    if (hunk) return await revertHunk(repo, file, hunk, base ?? Buffer.alloc(0))
    return entry.from === null
      ? await revertAt(repo, entry.path, file, wantedFrom(entry.oldMode, base))
      : await revertRename(repo, file, entry.from, wantedFrom(entry.oldMode, base))
  } catch (error) {
    if (error instanceof PathRefused) return refused(error.message)
    const { code, message } = error as NodeJS.ErrnoException
    if (code) return refused(`The file could not be written: ${message}`)
    throw error
  }
}

function wantedFrom(mode: string, base: Buffer | null): Wanted {
  const kind = modes[mode] ?? 'absent'
  if (kind === 'absent' || !base) return { kind: 'absent' }
  return kind === 'link'
    ? { kind, target: base }
    : { kind: 'file', bytes: base, executable: mode === '100755' }
}

/** Whether the disk has what the diff showed as "now". */
function isShown(found: Found, mode: string, oid: string): boolean {
  if (found.kind === 'absent') return modes[mode] === 'absent'
  if (found.kind === 'other' || found.kind !== modes[mode]) return false
  if (found.kind === 'link') return blobId(found.target) === oid
  const executable = (Number(found.facts.mode) & 0o100) !== 0
  return executable === (mode === '100755') && blobId(found.bytes) === oid
}

async function revertAt(
  repo: ShadowRepo,
  path: BytePath,
  { entry }: ChangedFile,
  wanted: Wanted,
): Promise<ReviewAnswer> {
  return inFolderOf(repo, path, wanted.kind === 'absent' ? 'nothing' : 'missing', async (folder, name) => {
    const found = await readEntry(folder, name)
    if (!isShown(found, entry.newMode, entry.newOid)) return changed
    return (await replaceEntry(folder, name, found, wanted)) === 'done' ? done : changed
  })
}

/** First the old name, then the new one: if the second step does not work, nothing is lost. */
async function revertRename(
  repo: ShadowRepo,
  file: ChangedFile,
  from: BytePath,
  wanted: Wanted,
): Promise<ReviewAnswer> {
  const { entry } = file
  const same = await inFolderOf(repo, entry.path, 'nothing', async (folder, name) =>
    isShown(await readEntry(folder, name), entry.newMode, entry.newOid) ? done : changed,
  )
  if (same.status !== 'done') return same
  const restored = await inFolderOf(repo, from, 'missing', async (folder, name) => {
    const step = await replaceEntry(folder, name, { kind: 'absent' }, wanted)
    return step === 'done' ? done : changed
  })
  if (restored.status !== 'done') return restored
  return revertAt(repo, entry.path, file, { kind: 'absent' })
}

async function revertHunk(
  repo: ShadowRepo,
  { entry }: ChangedFile,
  hunk: PlacedHunk,
  base: Buffer,
): Promise<ReviewAnswer> {
  if (!hunk.whole) return refused('Only a part of this hunk is shown. Revert the whole file instead.')
  if (modes[entry.newMode] !== 'file') return refused('There is no file to change. Revert it as a whole.')
  return inFolderOf(repo, entry.path, 'nothing', async (folder, name) => {
    const found = await readEntry(folder, name)
    if (found.kind !== 'file' || !isShown(found, entry.newMode, entry.newOid)) return changed
    const executable = entry.newMode === '100755'
    const wanted: Wanted = { kind: 'file', bytes: withoutHunk(base, found.bytes, hunk), executable }
    return (await replaceEntry(folder, name, found, wanted)) === 'done' ? done : changed
  })
}

/** The content of now with the lines of one hunk as the base has them. Works on bytes: line ends stay as they are. */
export function withoutHunk(base: Buffer, now: Buffer, hunk: PlacedHunk): Buffer {
  const old = lineRange(base, hunk.oldStart, hunk.oldCount)
  const gone = lineRange(now, hunk.newStart, hunk.newCount)
  return Buffer.concat([now.subarray(0, gone.from), base.subarray(old.from, old.to), now.subarray(gone.to)])
}

/** Where lines begin and end. A count of 0 means: after line `start`. */
function lineRange(bytes: Buffer, start: number, count: number): { from: number; to: number } {
  const from = lineOffset(bytes, count === 0 ? start : start - 1, 0)
  return { from, to: lineOffset(bytes, count, from) }
}

function lineOffset(bytes: Buffer, lines: number, from: number): number {
  let at = from
  for (let line = 0; line < lines; line++) {
    const end = bytes.indexOf(0x0a, at)
    if (end === -1) return bytes.length
    at = end + 1
  }
  return at
}

async function inFolderOf(
  repo: ShadowRepo,
  path: BytePath,
  make: 'missing' | 'nothing',
  act: (folder: Awaited<ReturnType<typeof holdParent>>, name: string) => Promise<ReviewAnswer>,
): Promise<ReviewAnswer> {
  const text = textOf(path) as string
  const folder = await holdParent(repo.folder, text, make)
  try {
    return await act(folder, text.slice(text.lastIndexOf('/') + 1))
  } finally {
    await folder.close()
  }
}
