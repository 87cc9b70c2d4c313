import type { DiffSnapshot } from '../../../protocol/workspace.ts'
import type { DiffRow } from './diff-rows.ts'

/** The view of the diff: live, or held still while the agent goes on. */
export type DiffView =
  | { readonly mode: 'live' }
  | { readonly mode: 'frozen'; readonly shown: DiffSnapshot; readonly behind: number }

export const liveView: DiffView = { mode: 'live' }

/** Holds the view still, or lets it go on. */
export const toggleFreeze = (view: DiffView, now: DiffSnapshot): DiffView =>
  view.mode === 'frozen' ? liveView : { mode: 'frozen', shown: now, behind: 0 }

/** A change arrived: a frozen view falls one further behind. */
export const fallBehind = (view: DiffView): DiffView =>
  view.mode === 'frozen' ? { ...view, behind: view.behind + 1 } : view

/** Index of the next or previous row of a kind, from `from` exclusive; -1 when there is none. */
export function stepTo(rows: readonly DiffRow[], kind: DiffRow['kind'], from: number, by: 1 | -1): number {
  for (let at = from + by; at >= 0 && at < rows.length; at += by) {
    if (rows[at]?.kind === kind) return at
  }
  return -1
}

/** The longest line of the rows in characters, bounded, so that all rows can share one width. */
export function widestLine(rows: readonly DiffRow[], limit: number): number {
  let widest = 0
  for (const row of rows) if (row.kind === 'line') widest = Math.max(widest, row.line.text.length)
  return Math.min(widest, limit)
}
