import { type Hunk, quote } from './parse-patch.ts'

export type PatchedFile =
  | { readonly status: 'patched'; readonly content: string }
  /** `why` says which lines were not found; nothing of the file was changed. */
  | { readonly status: 'mismatch'; readonly why: string }

/**
 * Applies the hunks of one file, in order, each below the one before. Old lines must match; only blanks at
 * the end of a line may differ, and lines that stay keep the file's own. A place that is not unique is a
 * mismatch: a wrong place is worse than another try. Line ends, a missing last one, and a byte order mark stay.
 */
export function applyHunks(path: string, content: string, hunks: readonly Hunk[]): PatchedFile {
  const mark = content.startsWith('\uFEFF') ? '\uFEFF' : ''
  const text = content.slice(mark.length)
  const endsWithBreak = text.endsWith('\n') || text === ''
  const old = text === '' ? [] : (endsWithBreak ? text.slice(0, -1) : text).split('\n')
  const crlf = old.filter((line) => line.endsWith('\r')).length * 2 > old.length
  const added = (line: string) => (crlf ? `${line}\r` : line)

  const result: string[] = []
  let cursor = 0
  for (const hunk of hunks) {
    const found = placeOf(old, hunk, cursor)
    if (typeof found === 'string') {
      return { status: 'mismatch', why: `${path}: ${found} Nothing was changed.` }
    }
    while (cursor < found.at) result.push(old[cursor++] ?? '')
    for (const { op, text: line } of hunk.lines) {
      if (op === '+') result.push(added(line))
      else {
        if (op === ' ') result.push(old[cursor] ?? '')
        cursor += 1
      }
    }
  }
  while (cursor < old.length) result.push(old[cursor++] ?? '')
  if (result.length === 0) return { status: 'patched', content: mark }
  // Without its own line end, a last line that came from a CRLF file must not keep half of one.
  const body = result.join('\n')
  const tail = endsWithBreak ? '\n' : ''
  return { status: 'patched', content: mark + (tail ? body : body.replace(/\r$/, '')) + tail }
}

function placeOf(old: readonly string[], hunk: Hunk, cursor: number): { at: number } | string {
  let from = cursor
  for (const anchor of hunk.anchors) {
    const at = old.findIndex((line, i) => i >= from && line.trim() === anchor)
    const near = at >= 0 ? at : old.findIndex((line, i) => i >= from && line.includes(anchor))
    if (near < 0)
      return `the anchor ${quote(anchor)} (patch line ${hunk.line}) was not found${below(cursor)}.`
    // The anchor may be repeated as the first line that stays.
    from = near
  }
  const wanted = hunk.lines.filter((line) => line.op !== '+').map((line) => line.text)
  const afterAnchor = hunk.anchors.length > 0 && from < old.length ? from + 1 : from
  if (wanted.length === 0) return { at: hunk.anchors.length > 0 && !hunk.atEnd ? afterAnchor : old.length }

  const last = old.length - wanted.length
  const first = hunk.atEnd ? Math.max(from, last) : from
  for (const same of [exact, loose]) {
    const hits = placesWhere(old, wanted, same, first, last)
    if (hits === 'tooMuch') return `the hunk at patch line ${hunk.line} is too long to be placed. Split it.`
    const [hit, another] = hits
    if (hit === undefined) continue
    if (another !== undefined && hunk.anchors.length === 0) {
      return `the old lines of the hunk at patch line ${hunk.line} stand at more than one place (file lines ${hit + 1}, ${another + 1}). Add lines that stay, or an @@ anchor.`
    }
    return { at: hit }
  }
  const there = new Set(old.slice(from).map((line) => line.trimEnd()))
  const miss = wanted.find((line) => !there.has(line.trimEnd()))
  const where = hunk.atEnd ? ' at the end of the file' : below(from)
  return miss === undefined
    ? `the old lines of the hunk at patch line ${hunk.line} do not stand together in this order${where}. Read the file again.`
    : `the line ${quote(miss)} of the hunk at patch line ${hunk.line} was not found${where}. Read the file again.`
}

/** The first two places where all wanted lines stand. Bounded, since both sides may be made to match for long. */
function placesWhere(
  old: readonly string[],
  wanted: readonly string[],
  same: (a: string, b: string) => boolean,
  first: number,
  last: number,
): readonly number[] | 'tooMuch' {
  const hits: number[] = []
  let compared = 0
  for (let at = first; at <= last && hits.length < 2; at++) {
    let i = 0
    while (i < wanted.length && same(old[at + i] ?? '', wanted[i] ?? '')) i += 1
    compared += i + 1
    if (compared > maxCompared) return 'tooMuch'
    if (i === wanted.length) hits.push(at)
  }
  return hits
}
const maxCompared = 20_000_000

// A carriage return belongs to the line end.
const exact = (a: string, b: string) => (a.endsWith('\r') ? a.slice(0, -1) : a) === b
const loose = (a: string, b: string) => a.trimEnd() === b.trimEnd()
const below = (line: number) => (line > 0 ? ` below file line ${line}` : '')
