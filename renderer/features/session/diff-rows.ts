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
  /** A sentence in place of lines: binary, no lines, left out. */
  | { readonly kind: 'note'; readonly key: string; readonly text: string }

export const rowHeight: Record<DiffRow['kind'], number> = { file: 40, hunk: 36, line: 20, note: 28 }

/** All files as one list of rows. Linear; word marks are made later, for rows on screen only. */
export function diffRows(files: readonly FileDiff[]): DiffRow[] {
  const rows: DiffRow[] = []
  for (const file of files) {
    rows.push({ kind: 'file', key: `f:${file.path}`, file })
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

/** Pairs the n-th removed line of a block with the n-th added line that follows it. */
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
    const pairs = Math.min(firstAdd - firstDel, at - firstAdd)
    for (let n = 0; n < pairs; n += 1) {
      const [del, add] = [lines[firstDel + n], lines[firstAdd + n]]
      if (!del || !add) continue
      partners.set(firstDel + n, add.text)
      partners.set(firstAdd + n, del.text)
    }
  }
  return partners
}

/** The parts of a line with its changed words marked; one unmarked part when there is nothing to compare. */
export function markedParts(line: DiffLine, partner: string | null): readonly WordPart[] {
  const whole = [{ text: line.text, changed: false }]
  if (partner === null || line.kind === 'context') return whole
  const pair = line.kind === 'del' ? wordDiff(line.text, partner) : wordDiff(partner, line.text)
  if (!pair) return whole
  return line.kind === 'del' ? pair.del : pair.add
}
