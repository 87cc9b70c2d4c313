import type { FileDiff, Hunk } from '../../../protocol/workspace.ts'

/** A hunk that the person marked as viewed. Lines are those of the base, which do not move. */
export type SeenHunk = {
  readonly path: string
  readonly id: string
  readonly from: number
  readonly to: number
}
export type SeenState = 'new' | 'seen' | 'changedAgain'

/** First and last line of the base that a hunk touches. A pure insertion has a line of context around it. */
function baseRange(hunk: Hunk): { from: number; to: number } {
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (const line of hunk.lines) {
    if (line.oldNo === null) continue
    from = Math.min(from, line.oldNo)
    to = Math.max(to, line.oldNo)
  }
  // A new file has no line of the base: all its hunks stand at 0.
  return to === 0 ? { from: 0, to: 0 } : { from, to }
}

export const markSeen = (path: string, hunk: Hunk): SeenHunk => ({ path, id: hunk.id, ...baseRange(hunk) })

/** A hunk is "changed again" when it covers lines of one that was seen and has another content now. */
export function seenState(path: string, hunk: Hunk, seen: readonly SeenHunk[]): SeenState {
  const { from, to } = baseRange(hunk)
  let state: SeenState = 'new'
  for (const mark of seen) {
    if (mark.path !== path) continue
    if (mark.id === hunk.id) return 'seen'
    if (mark.from <= to && from <= mark.to) state = 'changedAgain'
  }
  return state
}

/** Marks a hunk, or takes the mark off again. A new mark replaces older ones of the same lines. */
export function toggleSeen(path: string, hunk: Hunk, seen: readonly SeenHunk[]): SeenHunk[] {
  if (seen.some((mark) => mark.path === path && mark.id === hunk.id)) {
    return seen.filter((mark) => !(mark.path === path && mark.id === hunk.id))
  }
  const fresh = markSeen(path, hunk)
  const others = seen.filter((mark) => mark.path !== path || mark.from > fresh.to || fresh.from > mark.to)
  return [...others, fresh]
}

export type SeenCounts = {
  readonly hunks: number
  readonly seen: number
  readonly changedAgain: number
  /** Changed lines in hunks that were not marked. */
  readonly newLines: number
}

export function countSeen(files: readonly FileDiff[], seen: readonly SeenHunk[]): SeenCounts {
  const counts = { hunks: 0, seen: 0, changedAgain: 0, newLines: 0 }
  for (const file of files) {
    for (const hunk of file.hunks) {
      counts.hunks += 1
      const state = seenState(file.path, hunk, seen)
      if (state === 'seen') counts.seen += 1
      else counts.newLines += hunk.lines.filter((line) => line.kind !== 'context').length
      if (state === 'changedAgain') counts.changedAgain += 1
    }
  }
  return counts
}
