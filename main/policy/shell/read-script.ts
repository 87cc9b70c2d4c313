import { readCompound } from './read-compound.ts'
import { readSimple } from './read-simple.ts'
import { endsCommand, isClosingWord, peekWord, skipBlanks, skipLines } from './read-spaces.ts'
import { type Found, type Grade, type ReadCommand, ReadStopped, Scan } from './scan.ts'

/** What a shell script holds, read the way a shell reads it. */
export type ReadScript = {
  /** Every simple command, also in substitutions, functions and branches that may not be taken. */
  readonly commands: readonly ReadCommand[]
  /** Why some of it cannot be told; empty when everything was read. */
  readonly problems: readonly string[]
  /** Names of the functions it defines. */
  readonly functions: ReadonlySet<string>
  readonly grade: Grade
  /** The script without the line breaks that backslashes take away; this is what the grammar is given. */
  readonly joined: string
}

/**
 * Reads a shell script into its simple commands, by the rules of POSIX and bash.
 *
 * Written by hand because a deny rule is only worth what the reading is worth: tree-sitter's grammar takes
 * carriage returns for spaces and `r\⏎m` for two words, for instance. The decoder compares both.
 *
 * Never throws; one pass, with limits on depth and number of commands.
 *
 * @param posixOnly the shell is called sh or dash: where it may differ from bash, a problem is noted
 */
export function readScript(script: string, posixOnly: boolean): ReadScript {
  const found: Found = {
    commands: [],
    problems: new Set(),
    functions: new Set(),
    grade: 'plain',
    nesting: 0,
    posixOnly,
    readList,
  }
  const joins: number[] = []
  try {
    const scan = new Scan(script, found)
    readList(scan, null)
    if (!scan.done) scan.stop(`${scan.char()} stands where a command was expected`)
    if (scan.heredocs.length > 0) scan.stop('a here-document has no body')
    joins.push(...scan.joins)
  } catch (cause) {
    // Anything else is a mistake of ours, and no reason to let a command pass.
    if (!(cause instanceof ReadStopped)) found.problems.add(readingFailed)
  }
  return {
    commands: found.commands,
    problems: [...found.problems],
    functions: found.functions,
    grade: found.grade,
    joined: joins.length === 0 ? script : withoutJoins(script, joins),
  }
}

/** Commands up to a closing bracket or word, which is not read; without one, up to the end. */
export function readList(s: Scan, closer: string | null): void {
  let wants = false // after && or || a command must follow
  for (;;) {
    skipLines(s)
    if (s.done || (closer !== null && s.has(closer)) || isClosingWord(s)) {
      if (wants) s.stop('a command is missing behind && or ||')
      return
    }
    readPipeline(s)
    skipBlanks(s)
    wants = s.has('&&') || s.has('||')
    if (wants) s.at += 2
    else if (s.has(';;') || s.has(';&')) return
    else if (s.char() === ';') s.at += 1
    else if (s.char() === '&') {
      s.lower('other')
      s.at += 1
    } else if (s.char() !== '\n') {
      if (s.done || s.char() === closer || isClosingWord(s)) continue
      s.stop(`${s.char()} stands where a command should end`)
    }
  }
}

/** `!` and `time`, then commands joined by `|`; what follows a pipe reads from it. */
function readPipeline(s: Scan): void {
  const outer = s.piped
  while (peekWord(s) === '!' || timesCompound(s)) {
    s.lower('other')
    const from = s.at
    s.at += s.char() === '!' ? 1 : 4
    if (s.at > from + 1) {
      const words = [{ value: 'time', start: 'time', grade: 'other', quoted: false }] as const
      s.add(from, { words, assignments: [], redirects: [], rawProgram: 'time' })
    }
    skipBlanks(s)
  }
  for (;;) {
    if (endsCommand(s)) s.stop('a command is missing')
    if (!readCompound(s)) readSimple(s)
    skipBlanks(s)
    if (s.char() !== '|' || s.text[s.at + 1] === '|') break
    s.at += 1
    if (s.char() === '&') {
      s.lower('other')
      s.at += 1
    }
    s.piped = true
    skipLines(s)
  }
  s.piped = outer
}

/** Whether `time` stands in front of something that is no simple command; those are left to the wrappers. */
const timesCompound = (s: Scan): boolean => {
  const ahead = /time[ \t]+(?:\(|!\s|(?:\{|if|while|until|for|case|select|function|\[\[|time)\s)/y
  ahead.lastIndex = s.at
  return ahead.test(s.text)
}

/** Never seen in tests; hostile text must not get past a mistake of ours. */
export const readingFailed = 'reading it went wrong'

function withoutJoins(script: string, joins: readonly number[]): string {
  let text = ''
  let from = 0
  for (const at of joins.toSorted((a, b) => a - b)) {
    text += script.slice(from, at)
    from = at + 2
  }
  return text + script.slice(from)
}
