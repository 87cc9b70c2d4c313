/**
 * Splits an example into words as Codex does (the Rust crate shlex): quotes, backslashes and `#` comments, no
 * expansion. null when a quote or a backslash is left open.
 */
export function splitExample(text: string): readonly string[] | null {
  const words: string[] = []
  let at = 0
  const isBlank = (char: string): boolean => char === ' ' || char === '\t' || char === '\n'
  while (at < text.length) {
    const char = text.charAt(at)
    if (isBlank(char)) at += 1
    else if (char === '#') {
      const end = text.indexOf('\n', at)
      at = end === -1 ? text.length : end
    } else {
      const word = readWord(text, at, isBlank)
      if (word === null) return null
      words.push(word.value)
      at = word.end
    }
  }
  return words
}

function readWord(
  text: string,
  from: number,
  isBlank: (char: string) => boolean,
): { readonly value: string; readonly end: number } | null {
  let value = ''
  let at = from
  let quote = ''
  for (; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (quote === '' && isBlank(char)) break
    if (char === quote) quote = ''
    else if (quote === '' && (char === '"' || char === "'")) quote = char
    else if (char === '\\' && quote !== "'") {
      at += 1
      if (at >= text.length) return null
      const next = text.charAt(at)
      if (next === '\n') continue
      value += quote === '' || '$`"\\'.includes(next) ? next : `\\${next}`
    } else value += char
  }
  return quote === '' ? { value, end: at } : null
}
