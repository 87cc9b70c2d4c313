import type { Redirect } from './command-part.ts'

/** How far from literal text a word or a script is. `plain` is handed to rules, `loose` to the known-safe list. */
export type Grade = 'plain' | 'loose' | 'other'

/** One word as read from a script. */
export type ReadWord = {
  /** null: decided at run time. */
  readonly value: string | null
  /** See `CommandPart.starts`. */
  readonly start: string
  readonly grade: Grade
  /** Some of it was quoted or escaped. */
  readonly quoted: boolean
}

/** A redirection; the body of a heredoc is filled in when its lines are reached. */
export type ReadRedirect = Redirect & { body: string | null }

/** One simple command as read from a script, before wrappers are taken off. */
export type ReadCommand = {
  readonly words: readonly ReadWord[]
  readonly assignments: readonly string[]
  readonly redirects: readonly ReadRedirect[]
  readonly text: string
  /** The program as written; null when there is none. Compared with what the grammar says. */
  readonly rawProgram: string | null
  /** Substitutions and subshells around it, outermost first. */
  readonly inside: readonly string[]
  /** Its input comes from a pipe. */
  readonly piped: boolean
}

/** A heredoc whose body has not been reached. */
type PendingHeredoc = {
  readonly redirect: ReadRedirect
  readonly end: string
  readonly literal: boolean
  readonly stripTabs: boolean
}

/** What all levels of one script share. */
export type Found = {
  readonly commands: ReadCommand[]
  /** Why some of it cannot be told, in words. */
  readonly problems: Set<string>
  readonly functions: Set<string>
  grade: Grade
  /** How many brackets of any kind are open. */
  nesting: number
  /** Whether the shell knows more than POSIX asks for; `sh` may be dash or bash, which read some texts differently. */
  readonly posixOnly: boolean
  /** Reads commands up to `closer`, or to the end; given here because words hold commands and commands words. */
  readonly readList: (scan: Scan, closer: string | null) => void
}

/** Thrown to stop reading; caught by `readScript`, never seen outside. What was found so far stays. */
export class ReadStopped extends Error {
  override readonly name = 'ReadStopped'
}

const maxNesting = 60
const maxCommands = 500

/** A position in a text, and what was found on the way. Substitutions get one of their own. */
export class Scan {
  readonly text: string
  readonly found: Found
  /** See `ReadCommand.inside`. */
  readonly inside: readonly string[]
  /** Places of backslash and line break, which the shell removes before reading. */
  readonly joins: number[]
  readonly heredocs: PendingHeredoc[] = []
  at = 0
  piped: boolean

  constructor(text: string, found: Found, outer: Scan | null = null, inside: string | null = null) {
    this.text = text
    this.found = found
    this.inside = [...(outer?.inside ?? []), ...(inside === null ? [] : [inside])]
    this.piped = outer?.piped ?? false
    this.joins = outer?.text === text ? outer.joins : []
  }

  char(): string {
    return this.text[this.at] ?? ''
  }
  get done(): boolean {
    return this.at >= this.text.length
  }
  has(text: string): boolean {
    return this.text.startsWith(text, this.at)
  }

  /** Notes that something cannot be told, and goes on. */
  note(problem: string): void {
    this.found.problems.add(problem)
  }
  /** Notes it, and ends the reading. */
  stop(problem: string): never {
    this.note(problem)
    throw new ReadStopped(problem)
  }
  lower(grade: Grade): void {
    this.found.grade = lowest(this.found.grade, grade)
  }

  /** Reads something that may hold more of its kind, up to a limit: the stack is not endless. */
  nested<T>(read: () => T): T {
    if (this.found.nesting >= maxNesting) this.stop('it is nested too deeply')
    this.found.nesting += 1
    const result = read()
    this.found.nesting -= 1
    return result
  }

  /** Notes that shells differ about what was just read, if that matters here. */
  onlySome(what: string): void {
    if (this.found.posixOnly) this.note(`sh may read ${what} in another way`)
  }

  /** Notes a simple command that was read from `from` to here. */
  add(from: number, read: Omit<ReadCommand, 'text' | 'inside' | 'piped'>): void {
    if (this.found.commands.length >= maxCommands) this.stop('it holds too many commands')
    const text = this.text.slice(from, this.at).trim().slice(0, 2_000)
    this.found.commands.push({ ...read, text, inside: this.inside, piped: this.piped })
  }

  /** Reads commands one level further in, up to `closer`, over the same text. */
  readInside(inside: string, closer: string): void {
    const scan = new Scan(this.text, this.found, this, inside)
    scan.at = this.at
    this.found.readList(scan, closer)
    if (!scan.has(closer)) this.stop(`${inside} is not closed`)
    if (scan.heredocs.length > 0) this.stop('a here-document has no body')
    this.at = scan.at + closer.length
  }
}

const grades: readonly Grade[] = ['plain', 'loose', 'other']
export const lowest = (a: Grade, b: Grade): Grade =>
  grades[Math.max(grades.indexOf(a), grades.indexOf(b))] ?? 'other'
