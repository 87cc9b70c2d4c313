import type { BytePath } from './byte-path.ts'
import type { PlacedHunk } from './parse-hunks.ts'
import { parseHunks } from './parse-hunks.ts'

/** One line of `git diff-tree --raw -z`. */
export type RawEntry = {
  readonly status: string
  readonly oldMode: string
  readonly newMode: string
  readonly oldOid: string
  readonly newOid: string
  readonly path: BytePath
  /** Only for renames. */
  readonly from: BytePath | null
}

export type FilePatch = {
  readonly binary: boolean
  readonly added: number
  readonly removed: number
  readonly hunks: readonly PlacedHunk[]
  readonly leftOut: number
}

/** How git is asked for what is parsed here. */
export const patchArgs = [
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--no-renames',
  '--src-prefix=a/',
].concat(['--dst-prefix=b/', '--numstat', '-p', '-z', '-U3', '--inter-hunk-context=0', '--full-index'])

export const parseRaw = (output: Buffer): RawEntry[] => parseRawPart(output).entries

/** Reads the raw entries an output begins with, and tells where they end. */
export function parseRawPart(output: Buffer): { entries: RawEntry[]; end: number } {
  const entries: RawEntry[] = []
  let at = 0
  const next = (): string | null => {
    const end = output.indexOf(0, at)
    if (end === -1) return null
    const field = output.toString('latin1', at, end)
    at = end + 1
    return field
  }
  for (;;) {
    const before = at
    const head = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*$/.exec(next() ?? '')
    const [, oldMode = '', newMode = '', oldOid = '', newOid = '', status = ''] = head ?? []
    const from = head && (status === 'R' || status === 'C') ? (next() as BytePath | null) : null
    const path = head ? (next() as BytePath | null) : null
    if (path === null) return { entries, end: before }
    entries.push({ status, oldMode, newMode, oldOid, newOid, path, from })
  }
}

/**
 * Reads `git diff --numstat -p -z --no-renames`: first the counts, then the patch.
 *
 * @param cut   the output ended early; what is incomplete is left out and counted
 * @param name  the file that two contents were compared for; they have no names of their own
 */
export function parsePatches(
  output: Buffer,
  cut: boolean,
  name: BytePath | null = null,
): Map<BytePath, FilePatch> {
  const { counts, patchAt } = parseCounts(output)
  const found = new Map<BytePath, FilePatch>()
  const sections = parseHunks(output.subarray(patchAt).toString('latin1'), cut, name)
  for (const [path, count] of counts) {
    const section = sections.get(path) ?? { hunks: [], total: 0 }
    const shown = section.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0)
    const changedShown = section.hunks.flatMap((h) => h.lines).filter((l) => l.kind !== 'context').length
    const missing = cut ? count.added + count.removed - changedShown : section.total - shown
    found.set(path, { ...count, hunks: section.hunks, leftOut: Math.max(0, missing) })
  }
  return found
}

type Count = { readonly binary: boolean; readonly added: number; readonly removed: number }

function parseCounts(output: Buffer): { counts: Map<BytePath, Count>; patchAt: number } {
  const counts = new Map<BytePath, Count>()
  let at = 0
  while (at < output.length) {
    const end = output.indexOf(0, at)
    if (end === -1) break
    const record = output.subarray(at, end).toString('latin1')
    at = end + 1
    // An empty record stands between counts and patch.
    if (record === '') break
    const fields = /^(\d+|-)\t(\d+|-)\t([^]*)$/.exec(record)
    if (!fields) break
    const [, added = '-', removed = '-'] = fields
    let path = fields[3] ?? ''
    if (path === '') {
      // Two blobs have two names; the first one heads the patch.
      const names = output.subarray(at).toString('latin1', 0, 200).split('\0')
      path = names[0] ?? ''
      at += path.length + (names[1] ?? '').length + 2
    }
    const binary = added === '-'
    counts.set(path as BytePath, {
      binary,
      added: binary ? 0 : Number(added),
      removed: binary ? 0 : Number(removed),
    })
  }
  return { counts, patchAt: at }
}
