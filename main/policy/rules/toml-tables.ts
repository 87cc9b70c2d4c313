import type { TextRange } from './rule.ts'

const ours = /^\s*\[\[\s*gatehouse\s*\.\s*rules\s*\]\]\s*(?:#[^]*)?$/
const header = /^\s*\[/

/**
 * Where the `[[gatehouse.rules]]` tables of a TOML text stand, in order: from the header to the end of their last
 * line that is neither blank nor a comment, line end included. Long strings are stepped over. Text alone; whether
 * it is valid TOML is for others to say.
 */
export function gatehouseTables(text: string): readonly TextRange[] {
  const tables: TextRange[] = []
  let open: { from: number; to: number } | null = null
  let quote: string | null = null
  let brackets = 0
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at)
    const next = end === -1 ? text.length : end + 1
    const line = text.slice(at, next).replace(/\r?\n$/, '')
    const inside = quote !== null || brackets > 0
    if (!inside && header.test(line)) {
      if (open) tables.push(open)
      open = ours.test(line) ? { from: at, to: next } : null
    } else {
      const told = inside || !/^\s*(?:#|$)/.test(line)
      if (open && told) open.to = next
      const scanned = scanLine(line, quote)
      quote = scanned.quote
      brackets = Math.max(0, brackets + scanned.brackets)
    }
    at = next
  }
  if (open) tables.push(open)
  return tables
}

/** Follows quotes and brackets through one line; `quote` is the long string that is open at its start or end. */
function scanLine(
  line: string,
  opened: string | null,
): { readonly quote: string | null; readonly brackets: number } {
  let quote = opened
  let brackets = 0
  for (let at = 0; at < line.length; ) {
    if (quote !== null) {
      if (line.startsWith(quote, at)) {
        at += quote.length
        // A long string may end in one or two quotes of its own.
        while (quote.length === 3 && line.charAt(at) === quote.charAt(0)) at += 1
        quote = null
      } else at += line.charAt(at) === '\\' && quote.startsWith('"') ? 2 : 1
      continue
    }
    const char = line.charAt(at)
    if (char === '#') break
    if (char === '"' || char === "'") {
      quote = line.startsWith(char.repeat(3), at) ? char.repeat(3) : char
      at += quote.length
      continue
    }
    if (char === '[' || char === '{') brackets += 1
    if (char === ']' || char === '}') brackets -= 1
    at += 1
  }
  return { quote: quote?.length === 3 ? quote : null, brackets }
}
