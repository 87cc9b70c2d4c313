/**
 * The line a key stands in, counted from 1. The parser does not tell, so the text is looked through for table
 * heads and keys; null when the key is written in a way this does not see, such as inside an inline table.
 */
export function findKeyLine(text: string, path: readonly string[]): number | null {
  const wanted = path.join('\0')
  let table: string[] = []
  let longString: string | null = null
  for (const [number, line] of text.split('\n').entries()) {
    if (longString) {
      if (line.includes(longString)) longString = null
      continue
    }
    const head = /^\s*\[+([^\]]+)\]+\s*(?:#.*)?$/.exec(line)
    const key = head
      ? null
      : /^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=/.exec(line)
    if (head) table = names(head[1] ?? '')
    const here = head ? table : key ? [...table, ...names(key[1] ?? '')] : null
    if (here?.join('\0') === wanted) return number + 1
    for (const quotes of ['"""', "'''"]) if (line.split(quotes).length % 2 === 0) longString = quotes
  }
  return null
}

const names = (dotted: string): string[] =>
  [...dotted.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
