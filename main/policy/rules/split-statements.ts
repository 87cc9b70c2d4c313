import type { TextRange } from './rule.ts'

/**
 * Cuts a broken file into pieces that may be statements: each begins with a line at the left edge that is no
 * comment, closing bracket, `else` or `elif`. Brackets and quotes are not looked at, since they may be what is
 * broken; whoever reads the pieces joins those that only make sense together.
 */
export function splitStatements(text: string): readonly TextRange[] {
  const starts: number[] = []
  // A byte order mark is no part of a statement.
  const from = text.startsWith('\ufeff') ? 1 : 0
  for (let at = from; at < text.length; ) {
    if (beginsStatement(text, at)) starts.push(at)
    const end = text.indexOf('\n', at)
    at = end === -1 ? text.length : end + 1
  }
  return starts.map((start, index) => ({ from: start, to: starts[index + 1] ?? text.length }))
}

function beginsStatement(text: string, at: number): boolean {
  const char = text.charAt(at)
  if (char === '' || /[\s#)\]}]/.test(char)) return false
  return !/^(?:else|elif)\b/.test(text.slice(at, at + 5))
}
