import { tokenise } from '../starlark/tokenise.ts'
import { baseName } from './program-name.ts'
import type { TextRange } from './rule.ts'

/** Signs that make new strings out of written ones, so that what is written no longer tells the program. */
const computing = new Set([
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '&',
  '|',
  '^',
  '~',
  '<<',
  '>>',
  '.',
  'load',
  'lambda',
])
const own = new Set(['prefix_rule', 'host_executable', 'network_rule', 'True', 'False', 'None'])
const most = 5000

/**
 * Which programs the unreadable pieces of a file may be about: the first words of what is written in quotes, or all
 * words where quotes are broken.
 *
 * @param known names that the file gives values to; a piece that uses one is about the whole file
 * @returns lower-case and exact spellings; null when nothing can be told, for instance when names are computed
 */
export function suspectsIn(
  text: string,
  pieces: readonly TextRange[],
  known: ReadonlySet<string>,
): ReadonlySet<string> | null {
  const found = new Set<string>()
  let whole = false
  for (const piece of pieces) {
    const use = collect(text, piece, known, found)
    if (use === 'unknown' || found.size > most) return null
    whole ||= use === 'names'
  }
  if (whole && collect(text, { from: 0, to: text.length }, known, found) === 'unknown') return null
  return found.size > most ? null : found
}

function collect(
  text: string,
  { from, to }: TextRange,
  known: ReadonlySet<string>,
  into: Set<string>,
): 'told' | 'names' | 'unknown' {
  const tokens = tokenise(text, from, to, 'blank')
  if (tokens.at(-1)?.kind === 'bad') return collectWords(text.slice(from, to), into)
  let result: 'told' | 'names' = 'told'
  for (const [at, token] of tokens.entries()) {
    const next = tokens[at + 1]
    const before = tokens[at - 1]
    if (token.kind === 'string') add(token.text, into)
    else if (token.kind === 'fstring' || (token.kind === 'symbol' && computing.has(token.text)))
      return 'unknown'
    else if (token.kind === 'symbol' && token.text === '[' && before && picksFrom(before.kind, before.text))
      return 'unknown'
    else if (token.kind === 'name' && !own.has(token.text)) {
      const called = next?.kind === 'symbol' && (next.text === '(' || next.text === '=')
      if (known.has(token.text)) result = 'names'
      else if (!called && before?.text !== 'for') return 'unknown'
    }
  }
  return result
}

/** A bracket behind a value takes a part of it. */
function picksFrom(kind: string, text: string): boolean {
  return kind === 'name' || kind === 'string' || (kind === 'symbol' && (text === ')' || text === ']'))
}

function collectWords(text: string, into: Set<string>): 'told' | 'unknown' {
  // An escape could spell any program.
  if (text.includes('\\')) return 'unknown'
  for (const [word] of text.matchAll(/[^\s"',()[\]{}=#]+/g)) {
    add(word, into)
    if (into.size > most) return 'unknown'
  }
  return 'told'
}

function add(text: string, into: Set<string>): void {
  const word = text.trim().split(/\s/, 1)[0] ?? ''
  if (word === '' || own.has(word)) return
  for (const name of [word, baseName(word)]) {
    into.add(name)
    into.add(name.toLowerCase())
  }
}
