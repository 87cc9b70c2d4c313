/** A part of a line; `changed` parts get the stronger tint. */
export type WordPart = { readonly text: string; readonly changed: boolean }
export type WordPair = { readonly del: readonly WordPart[]; readonly add: readonly WordPart[] }

/** Longer lines are marked as a whole: the table below grows with the product of both. */
const maxTokens = 400
/** Below this share of equal text the two lines are different lines, and marks would only be noise. */
const minShared = 0.3

/** Words, runs of spaces, and single other characters. */
const tokens = (text: string): string[] => text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? []

/**
 * Which words differ between a removed line and the added line that stands in its place.
 *
 * Longest common subsequence over words. null when marking would not help: one side is empty, too long,
 * or the lines have too little in common.
 */
export function wordDiff(del: string, add: string): WordPair | null {
  if (del === add || del === '' || add === '') return null
  // Cheap bound first: even all characters as tokens must fit, or a one-megabyte line is tokenised for nothing.
  if (del.length > maxTokens * 12 || add.length > maxTokens * 12) return null
  const a = tokens(del)
  const b = tokens(add)
  if (a.length > maxTokens || b.length > maxTokens) return null

  const width = b.length + 1
  const table = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const at = i * width + j
      table[at] =
        a[i] === b[j]
          ? (table[at + width + 1] ?? 0) + 1
          : Math.max(table[at + width] ?? 0, table[at + 1] ?? 0)
    }
  }

  const left: WordPart[] = []
  const right: WordPart[] = []
  let shared = 0
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]]
    if (x !== undefined && x === y) {
      if (x.trim() !== '') shared += x.length
      push(left, x, false)
      push(right, x, false)
      i += 1
      j += 1
    } else if (
      y === undefined ||
      (x !== undefined && (table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0))
    ) {
      push(left, x ?? '', true)
      i += 1
    } else {
      push(right, y, true)
      j += 1
    }
  }
  const longest = Math.max(del.trim().length, add.trim().length)
  return longest > 0 && shared / longest >= minShared ? { del: left, add: right } : null
}

function push(parts: WordPart[], text: string, changed: boolean): void {
  const last = parts.at(-1)
  if (last && last.changed === changed) parts[parts.length - 1] = { text: last.text + text, changed }
  else parts.push({ text, changed })
}
