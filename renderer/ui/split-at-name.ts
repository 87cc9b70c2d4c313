/**
 * Where the last name of a path stands in a line that contains the path: what is before it, the name, what is after.
 * null when it does not stand there as a whole name.
 */
export function splitAtName(text: string, name: string): readonly [string, string, string] | null {
  if (name === '') return null
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const end = at + name.length
    const begins = at === 0 || text[at - 1] === '/' || text[at - 1] === ' '
    const ends = end === text.length || text[end] === ',' || text[end] === ' '
    if (begins && ends) return [text.slice(0, at), name, text.slice(end)]
  }
  return null
}
