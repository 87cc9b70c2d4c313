/** A pattern over relative paths, ready to be asked. Names that begin with a dot are names like any other. */
export type GlobPattern = {
  /** The path itself matches, or a folder above it does. */
  matches(path: string): boolean
  /** Something below this folder could match; '' is the folder the pattern starts from. */
  reaches(folder: string): boolean
}

/** More alternatives than this in `{ }` are not told apart: the whole pattern then matches everything. */
const maxAlternatives = 256

type Part = '**' | readonly Token[]
type Token = { readonly kind: 'star' } | { readonly kind: 'one'; matches(letter: string): boolean }

/** `*` and `?` within a name, `[a-z]` and `[!a]`, `{a,b}`, `**` for any number of folders. Takes no more than path × pattern. */
export function globPattern(text: string): GlobPattern {
  const alternatives = expandBraces(text)
  if (alternatives === null) return { matches: () => true, reaches: () => true }
  const patterns = alternatives.map((one) =>
    one
      .split('/')
      .filter((name) => name !== '' && name !== '.')
      .map((name): Part => (name === '**' ? '**' : tokensOf(name))),
  )
  return {
    matches: (path) => patterns.some((parts) => endsAfter(parts, path.split('/')).includes(parts.length)),
    reaches: (folder) =>
      patterns.some((parts) =>
        reachedAfter(parts, folder === '' ? [] : folder.split('/')).some((at) => at < parts.length),
      ),
  }
}

/** Positions in the pattern that all names together can reach. */
function reachedAfter(parts: readonly Part[], names: readonly string[]): number[] {
  let at = skipping(parts, [0])
  for (const name of names) at = step(parts, at, name)
  return at
}

/** The same after any number of names, so that a folder stands for what is below it. */
function endsAfter(parts: readonly Part[], names: readonly string[]): number[] {
  const all = new Set<number>()
  let at = skipping(parts, [0])
  for (const name of names) {
    at = step(parts, at, name)
    for (const place of at) all.add(place)
  }
  return [...all]
}

function step(parts: readonly Part[], at: readonly number[], name: string): number[] {
  const next = at.flatMap((place) => {
    const part = parts[place]
    if (part === undefined) return []
    if (part === '**') return [place]
    return matchesName(part, name) ? [place + 1] : []
  })
  return skipping(parts, next)
}

/** `**` also stands for no folder at all. */
function skipping(parts: readonly Part[], at: readonly number[]): number[] {
  const all = new Set(at)
  for (const place of all) if (parts[place] === '**') all.add(place + 1)
  return [...all]
}

function matchesName(tokens: readonly Token[], name: string): boolean {
  let reached = new Set([0])
  for (const letter of name) {
    const next = new Set<number>()
    for (const at of withStars(tokens, reached)) {
      const token = tokens[at]
      if (token?.kind === 'star') next.add(at)
      else if (token?.matches(letter)) next.add(at + 1)
    }
    reached = next
  }
  return withStars(tokens, reached).has(tokens.length)
}

function withStars(tokens: readonly Token[], places: Set<number>): Set<number> {
  for (const at of places) if (tokens[at]?.kind === 'star') places.add(at + 1)
  return places
}

function tokensOf(name: string): Token[] {
  const letters = Array.from(name)
  const tokens: Token[] = []
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] as string
    if (letter === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' })
    } else if (letter === '?') tokens.push({ kind: 'one', matches: () => true })
    else if (letter === '[') {
      // A `]` right after the opening belongs to the set; without an end the bracket stands for itself.
      const start = letters[at + 1] === '!' || letters[at + 1] === '^' ? at + 2 : at + 1
      const end = letters.indexOf(']', start + 1)
      if (end < 0) tokens.push(literal(letter))
      else {
        tokens.push(set(letters.slice(start, end), start === at + 2))
        at = end
      }
    } else tokens.push(literal(letter))
  }
  return tokens
}

const literal = (wanted: string): Token => ({ kind: 'one', matches: (letter) => letter === wanted })

function set(letters: readonly string[], inverted: boolean): Token {
  const has = (letter: string): boolean => {
    for (let at = 0; at < letters.length; at++) {
      const from = letters[at] as string
      const to = letters[at + 1] === '-' && letters[at + 2] !== undefined ? letters[at + 2] : undefined
      if (to !== undefined) {
        if (letter >= from && letter <= to) return true
        at += 2
      } else if (letter === from) return true
    }
    return false
  }
  return { kind: 'one', matches: (letter) => has(letter) !== inverted }
}

/** null: too many. Braces that do not close stand for themselves. */
function expandBraces(text: string): string[] | null {
  const done: string[] = []
  const waiting = [text]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const inner = innermostBraces(next)
    if (inner === null) done.push(next)
    else for (const one of inner.choices) waiting.push(inner.before + one + inner.after)
    if (done.length + waiting.length > maxAlternatives) return null
  }
  return done
}

function innermostBraces(text: string): { before: string; choices: string[]; after: string } | null {
  for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}', end + 1)) {
    const start = text.lastIndexOf('{', end)
    if (start < 0) continue
    // A brace inside [ ] is a letter.
    if (text[start - 1] === '[' && text[start + 1] === ']') return null
    return {
      before: text.slice(0, start),
      choices: text.slice(start + 1, end).split(','),
      after: text.slice(end + 1),
    }
  }
  return null
}
