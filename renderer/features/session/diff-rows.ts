import type { DiffLine, FileDiff, Hunk } from '../../../protocol/workspace.ts'
import { type WordPart, wordDiff } from './word-diff.ts'

/** One row of the diff pane. Heights depend on `kind` alone, so the list needs no measuring. */
export type DiffRow =
  | { readonly kind: 'file'; readonly key: string; readonly file: FileDiff }
  | { readonly kind: 'hunk'; readonly key: string; readonly file: FileDiff; readonly hunk: Hunk }
  | {
      readonly kind: 'line'
      readonly key: string
      readonly line: DiffLine
      readonly hunkId: string
      /** The line of the other side that this one replaces, for word marks. null when it stands alone. */
      readonly partner: string | null
    }
  /** Under the header of a file that somebody acts on later, who that is. */
  | { readonly kind: 'later'; readonly key: string; readonly text: string }
  /** A sentence in place of lines: binary, no lines, left out. */
  | { readonly kind: 'note'; readonly key: string; readonly text: string }

export const rowHeight: Record<DiffRow['kind'], number> = {
  file: 40,
  later: 40,
  hunk: 36,
  line: 20,
  note: 28,
}

/** All files as one list of rows. Linear; word marks are made later, for rows on screen only. */
export function diffRows(files: readonly FileDiff[]): DiffRow[] {
  const rows: DiffRow[] = []
  for (const file of files) {
    rows.push({ kind: 'file', key: `f:${file.path}`, file })
    if (file.runsLater !== undefined)
      rows.push({ kind: 'later', key: `r:${file.path}`, text: `Runs later: ${file.runsLater}.` })
    const note = noteOf(file)
    if (note !== null) rows.push({ kind: 'note', key: `n:${file.path}`, text: note })
    for (const hunk of file.hunks) {
      const key = `${file.path}:${hunk.id}`
      rows.push({ kind: 'hunk', key: `h:${key}`, file, hunk })
      const partners = pairLines(hunk.lines)
      for (const [index, line] of hunk.lines.entries()) {
        rows.push({
          kind: 'line',
          key: `l:${key}:${index}`,
          line,
          hunkId: hunk.id,
          partner: partners.get(index) ?? null,
        })
      }
    }
    if (file.leftOut > 0) {
      rows.push({
        kind: 'note',
        key: `o:${file.path}`,
        text: `${file.leftOut.toLocaleString('en')} more lines of this file are not shown. Open it in your editor to see them.`,
      })
    }
  }
  return rows
}

function noteOf(file: FileDiff): string | null {
  if (file.binary) return 'Binary file. Its content is not shown.'
  if (file.hunks.length > 0 || file.leftOut > 0) return null
  if (file.change === 'rename') return 'Renamed, content unchanged.'
  if (file.change === 'add') return 'New and empty.'
  if (file.change === 'delete') return 'Deleted; it was empty.'
  return 'No line changed: file mode or type only.'
}

/** Blocks with more combinations than this are paired by place alone. */
const mostCompared = 400

/**
 * For each removed line the added line of the same block that it became, and the other way round.
 *
 * In blocks of equal size the n-th belongs to the n-th. Otherwise each removed line takes the most similar added
 * line after the one taken last, so that an inserted line does not shift all that follow.
 */
export function pairLines(lines: readonly DiffLine[]): Map<number, string> {
  const partners = new Map<number, string>()
  let at = 0
  while (at < lines.length) {
    if (lines[at]?.kind !== 'del') {
      at += 1
      continue
    }
    const firstDel = at
    while (lines[at]?.kind === 'del') at += 1
    const firstAdd = at
    while (lines[at]?.kind === 'add') at += 1
    pairBlock(lines, firstDel, firstAdd, at, partners)
  }
  return partners
}

function pairBlock(
  lines: readonly DiffLine[],
  firstDel: number,
  firstAdd: number,
  end: number,
  partners: Map<number, string>,
): void {
  const [dels, adds] = [firstAdd - firstDel, end - firstAdd]
  const byPlace = dels === adds || dels * adds > mostCompared
  let from = firstAdd
  for (let del = firstDel; del < firstAdd && from < end; del += 1) {
    const removed = lines[del]?.text ?? ''
    let add = from
    if (!byPlace) {
      let best = -1
      for (let candidate = from; candidate < end; candidate += 1) {
        const score = similarity(removed, lines[candidate]?.text ?? '')
        if (score > best) [best, add] = [score, candidate]
      }
      if (best === 0) continue
    }
    partners.set(del, lines[add]?.text ?? '')
    partners.set(add, removed)
    from = add + 1
  }
}

/** Characters of words that both lines contain, as a share of the longer line. Cheap, and good enough to choose. */
function similarity(a: string, b: string): number {
  const words = new Set(a.slice(0, 500).match(/[\p{L}\p{N}_]+/gu))
  const shared = (b.slice(0, 500).match(/[\p{L}\p{N}_]+/gu) ?? []).filter((word) => words.has(word))
  const longest = Math.max(a.length, b.length, 1)
  return shared.reduce((sum, word) => sum + word.length, 0) / longest
}

/** The parts of a line with its changed words marked; one unmarked part when there is nothing to compare. */
export function markedParts(line: DiffLine, partner: string | null): readonly WordPart[] {
  const whole = [{ text: line.text, changed: false }]
  if (partner === null || line.kind === 'context') return whole
  const pair = line.kind === 'del' ? wordDiff(line.text, partner) : wordDiff(partner, line.text)
  if (!pair) return whole
  return line.kind === 'del' ? pair.del : pair.add
}
