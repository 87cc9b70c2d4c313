import { readFunctionBody } from './read-compound.ts'
import { readRedirect } from './read-redirects.ts'
import { skipBlanks } from './read-spaces.ts'
import { readWord } from './read-word.ts'
import type { ReadRedirect, ReadWord, Scan } from './scan.ts'

const assignment = /[A-Za-z_]\w*(?:\[[\w@*+-]*\])?\+?=/y
/** Programs that the shell reads with a grammar of their own; Codex hands none of them to its rules. */
export const declares = new Set([
  'declare',
  'typeset',
  'export',
  'readonly',
  'local',
  'unset',
  'unsetenv',
  '[',
])
const reserved = new Set(
  'if then else elif fi for while until do done case esac select function in coproc { } ! [['.split(' '),
)

/** Reads assignments, words and redirections up to the end of a simple command, or a function definition. */
export function readSimple(s: Scan): void {
  const from = s.at
  const words: ReadWord[] = []
  const assignments: string[] = []
  const redirects: ReadRedirect[] = []
  let rawProgram: string | null = null
  for (;;) {
    skipBlanks(s)
    const redirect = readRedirect(s)
    if (redirect !== null) {
      redirects.push(redirect)
      continue
    }
    const at = s.at
    if (words.length === 0 && readAssignment(s)) {
      assignments.push(s.text.slice(at, s.at))
      continue
    }
    const read = readWord(s)
    const [first] = read
    if (first === undefined) break
    if (words.length === 0) rawProgram = s.text.slice(at, s.at).replaceAll('\\\n', '')
    words.push(...read)
    if (declares.has(words[0]?.value ?? '') && s.char() === '(' && s.text[s.at - 1] === '=') readArray(s)
  }
  const [program] = words
  if (
    words.length === 1 &&
    s.char() === '(' &&
    assignments.length + redirects.length === 0 &&
    program?.value != null
  ) {
    s.at += 1
    skipBlanks(s)
    if (s.char() !== ')') s.stop('( stands where a command should end')
    s.at += 1
    return readFunctionBody(s, program.value)
  }
  // Only a line break taken away by a backslash hides a reserved word from the reader of compound commands.
  if (rawProgram !== null && reserved.has(rawProgram)) s.stop(`${rawProgram} is not expected here`)
  if (program?.quoted || assignments.length > 0 || declares.has(program?.value ?? '')) s.lower('other')
  for (const word of words) s.lower(word.grade)
  s.add(from, { words, assignments, redirects, rawProgram })
}

function readAssignment(s: Scan): boolean {
  assignment.lastIndex = s.at
  const found = assignment.exec(s.text)
  if (!found) return false
  s.lower('other')
  s.at += found[0].length
  if (s.char() === '(') readArray(s)
  else readWord(s)
  return true
}

function readArray(s: Scan): void {
  s.at += 1
  for (;;) {
    while (s.char() === '\n') s.at += 1
    skipBlanks(s)
    if (s.char() === '\n') continue
    if (readWord(s).length === 0) break
  }
  if (s.char() !== ')') s.stop('an array is not closed')
  s.at += 1
}
