import type { CommandDecoder, CommandPart, DecodedCommand, Redirect } from './command-part.ts'
import type { Input } from './inner.ts'
import { type Known, known } from './peel.ts'
import { type ReadScript, readScript } from './read-script.ts'
import { declares } from './read-simple.ts'
import type { ReadCommand } from './scan.ts'
import { isPosixOnly, isShell, readShellCall } from './shells.ts'
import { unwrap } from './unwrap.ts'

/** The bash grammar, as far as it is needed here; `loadShellGrammar` gives one. */
export type ShellGrammar = {
  /** null: not read, because it is too long or too involved. */
  readonly parse: (script: string) => {
    /** The text of every program name, as written. */
    readonly programs: readonly string[]
    readonly hasError: boolean
  } | null
}

/** Characters of all scripts of one command together, and parts of it. More is not read. */
const maxLetters = 40_000
const maxParts = 1_000
const maxBehind = 10

/**
 * Makes a decoder. Every script is read twice, by our own reader and by the bash grammar; where they differ in
 * which programs they see, the command is not inspectable.
 *
 * @param grammar null: could not be loaded; every shell script is then not inspectable
 */
export const createDecoder =
  (grammar: ShellGrammar | null): CommandDecoder =>
  (argv) =>
    new Decoding(grammar).decode(argv)

type Place = {
  readonly behind: readonly string[]
  readonly assignments: readonly string[]
  readonly redirects: readonly Redirect[]
  readonly text: string
  readonly plain: boolean
  readonly loose: boolean
  /** For scripts: the shell is called sh or dash. */
  readonly posixOnly: boolean
  readonly input: Input
}

/** Shells whose own path is no reason to ask: bare, or where systems and package managers put them. */
const trustedShell = /^(?:(?:\/usr(?:\/local)?|\/opt\/homebrew|\/run\/current-system\/sw)?\/bin\/)?\w+$/

class Decoding {
  readonly #grammar: ShellGrammar | null
  readonly #parts: CommandPart[] = []
  readonly #doubts = new Set<string>()
  readonly #functions = new Set<string>()
  #letters = 0

  constructor(grammar: ShellGrammar | null) {
    this.#grammar = grammar
  }

  decode(argv: readonly string[]): DecodedCommand {
    const text = argv.join(' ').slice(0, 2_000)
    const outside = {
      behind: [],
      assignments: [],
      redirects: [],
      text,
      posixOnly: false,
      input: { fed: false, body: null },
    }
    if (argv.some((word) => word.includes('\0') || !word.isWellFormed()))
      this.#doubts.add('it holds characters that no command can hold')
    const words = argv.slice(0, 5_000).map(known)
    if (words.length < argv.length) this.#doubts.add('it has too many words')
    const call = argv.length > 0 && isShell(argv[0] ?? '') ? readShellCall(words) : null
    if (call?.kind === 'script' && call.script.value !== null && trustedShell.test(argv[0] ?? '')) {
      if (call.doubt !== null) this.#doubts.add(call.doubt)
      // The user's own shell is how commands are run, so it is no part of the command.
      this.#script(call.script.value, {
        ...outside,
        plain: call.exact,
        loose: call.exact,
        posixOnly: isPosixOnly(argv[0] ?? ''),
      })
    } else if (argv.length > 0) this.#command(words, { ...outside, plain: true, loose: true })
    if (this.#parts.length === 0) this.#doubts.add('there is no command in it')
    for (const { words: w } of this.#parts)
      if (this.#functions.has(w[0] ?? '')) this.#doubts.add(`it defines what ${w[0]} means, and calls it`)
    const notInspectable = this.#doubts.size === 0 ? null : [...this.#doubts].slice(0, 3).join('; ')
    return {
      parts: this.#parts,
      notInspectable,
      plain: notInspectable === null && this.#parts.every((p) => p.plain),
    }
  }

  #script(script: string, place: Place): void {
    this.#letters += script.length
    if (this.#letters > maxLetters || place.behind.length > maxBehind) {
      this.#doubts.add(
        place.behind.length > maxBehind ? 'it is wrapped too deeply' : 'its script is too long',
      )
      return
    }
    const read = readScript(script, place.posixOnly)
    for (const problem of read.problems) this.#doubts.add(problem)
    for (const name of read.functions) this.#functions.add(name)
    const agreed = read.problems.length === 0 && this.#agrees(read)
    const plain = agreed && place.plain && read.grade === 'plain'
    const loose = agreed && place.loose && read.grade !== 'other'
    for (const command of read.commands) this.#simple(command, { ...place, plain, loose })
  }

  /** Whether the grammar sees the same programs; a doubt is noted when not. */
  #agrees({ joined, commands }: ReadScript): boolean {
    const tree = this.#grammar?.parse(joined) ?? null
    if (tree === null || tree.hasError) {
      this.#doubts.add(
        this.#grammar === null
          ? 'the shell grammar is not loaded'
          : tree === null
            ? 'its script is too long or too involved'
            : 'the shell grammar cannot read it',
      )
      return false
    }
    const ours = commands.flatMap((c) =>
      c.rawProgram === null || declares.has(c.rawProgram) ? [] : c.rawProgram,
    )
    const same =
      ours.length === tree.programs.length &&
      ours.toSorted().join('\0') === tree.programs.toSorted().join('\0')
    if (!same) this.#doubts.add('two ways of reading it differ')
    return same
  }

  #simple(command: ReadCommand, { behind, plain, loose, posixOnly, input: outer }: Place): void {
    const body = command.redirects.findLast((r) => r.body !== null)?.body ?? null
    const fed = command.piped || outer.fed || command.redirects.some((r) => /^\d*<(?!&-)/.test(r.operator))
    const redirects = command.redirects.map(({ operator, target }) => ({ operator, target }))
    this.#command(command.words, {
      behind: [...behind, ...command.inside],
      assignments: command.assignments,
      redirects,
      text: command.text,
      plain,
      loose,
      posixOnly,
      input: { fed, body },
    })
  }

  /** Adds a part, then what it starts. */
  #command(words: readonly Known[], place: Place): void {
    const { behind, assignments, redirects, text, plain, loose, posixOnly, input } = place
    if (this.#parts.length >= maxParts || behind.length > maxBehind) {
      this.#doubts.add(behind.length > maxBehind ? 'it is wrapped too deeply' : 'it holds too many commands')
      return
    }
    const values = words.map((w) => w.value)
    const argv = values.every((v) => v !== null) ? values : null
    const starts = words.map((w) => w.start)
    this.#parts.push({ words: values, starts, argv, text, behind, assignments, redirects, plain, loose })
    const sets = declares.has(starts[0] ?? '') ? [...assignments, ...starts.slice(1)] : assignments
    const loads = sets.find((a) => runsOnStart.test(a))
    if (loads !== undefined) this.#doubts.add(`${loads.replace(/=.*/s, '')} makes programs load other code`)
    if (assignments.some((a) => holdsIndex.test(a))) this.#doubts.add('a variable holds a substitution')
    const [program] = words
    if (program === undefined) return
    const inside = {
      behind,
      assignments: [],
      redirects: [],
      text,
      plain: false,
      loose: false,
      posixOnly,
      input,
    }
    if (program.value === null || program.value === '') {
      this.#doubts.add('which program it starts is decided at run time')
      // An empty variable makes the next word the program.
      if (words.length > 1) this.#command(words.slice(1), { ...inside, behind: [...behind, '$'] })
      return
    }
    const { inner, doubts } = unwrap(words, input)
    for (const doubt of doubts) this.#doubts.add(doubt)
    for (const one of inner) {
      const within = { ...inside, behind: [...behind, one.label] }
      if (one.kind === 'command') {
        if (one.words.length > 0) this.#command(one.words, { ...within, assignments: one.assignments })
      } else if (one.text === null) {
        this.#doubts.add(`the script behind ${one.label} is decided at run time`)
        if (one.args.length > 1) this.#command(one.args.slice(1), within)
      } else {
        this.#script(one.text, {
          ...within,
          loose: loose && one.exact,
          posixOnly: one.shell === null ? posixOnly : isPosixOnly(one.shell),
        })
        if (one.args.length > 1 && runsParameters.test(one.text)) this.#command(one.args.slice(1), within)
      }
    }
  }
}

/** `"$@"` or `$1` where a program stands. */
const runsParameters = /(?:^|[;&|(\n]|\b(?:exec|sudo|env|command|eval|then|do)\b)\s*"?\$\{?[@*0-9]/

/** Text that arithmetic or a builtin would run when it looks up the element of an array. */
const holdsIndex = /'[^']*\[[^'\]]*(?:\$\(|`)|\[[^\]]*\\[$`]/

/** Variables that make programs run other code, or names mean something else. */
const runsOnStart =
  /^(?:BASH_ENV|ENV|ZDOTDIR|PROMPT_COMMAND|PS4|SHELLOPTS|BASHOPTS|BASH_FUNC_\w+|LD_PRELOAD|LD_AUDIT|DYLD_INSERT_LIBRARIES|GIT_(?:SSH|SSH_COMMAND|EXTERNAL_DIFF|ASKPASS|PROXY_COMMAND|EXEC_PATH|CONFIG\w*))(?:\+?=|%%)|^(?:BASH_ALIASES|BASH_CMDS|functions|aliases|galiases|saliases|commands)\[|^GIT_(?:PAGER|EDITOR|SEQUENCE_EDITOR)\+?=(?!(?:cat|true|:|false|less)?$)/
