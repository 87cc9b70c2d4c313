/** Where an offset stands. Lines and columns count from 1; columns count code points, as Codex prints them. */
export type TextPosition = { readonly line: number; readonly column: number }

/** Answers many offsets of one text without scanning it again. */
export function positionsIn(text: string): (offset: number) => TextPosition {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    let column = 1
    const end = Math.min(offset, text.length)
    for (let at = starts[low] ?? 0; at < end; at += 1) {
      const unit = text.charCodeAt(at)
      const pair = unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00
      if (!pair || at + 1 >= end) column += 1
    }
    return { line: low + 1, column }
  }
}
