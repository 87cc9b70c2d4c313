/** One word of a command after quoting was resolved. null: decided at run time (variable, glob, substitution). */
export type Word = string | null

export type Redirect = {
  /** As written: `>`, `>>`, `<`, `2>`, `&>`, `<<`, `<<<`, `2>&1`, … */
  readonly operator: string
  /** File name or descriptor; null when decided at run time, or for a heredoc. */
  readonly target: Word
}

/** One simple command found in an action: on its own, in a list, behind a wrapper, or inside a substitution. */
export type CommandPart = {
  /**
   * Program first. Wrappers were taken off: `sudo rm x` gives a part for sudo and one for rm.
   * Empty for what has no program: `X=1`, `> file`.
   */
  readonly words: readonly Word[]
  /**
   * For each word, what it begins with whatever happens at run time; the whole word when it is known. `~` stands
   * for a home folder. `--out=$X` begins with `--out=`, `"$X"` with nothing.
   */
  readonly starts: readonly string[]
  /** All words when every one is known; null otherwise. */
  readonly argv: readonly string[] | null
  /** The text it was read from, as written; at most 2,000 characters. */
  readonly text: string
  /** The wrappers it was found behind, outermost first: `sudo`, `env`, `xargs`, `find -exec`, `bash -c`, `$( )`. */
  readonly behind: readonly string[]
  /** `NAME=value` in front of it (also from `env`). */
  readonly assignments: readonly string[]
  readonly redirects: readonly Redirect[]
  /**
   * Codex would hand it to its rules too: only literal words (quotes around a whole word are fine), joined by
   * `&&`, `||`, `;`, `|` or line breaks, no redirection, no assignment, no wrapper.
   */
  readonly plain: boolean
  /**
   * Like `plain`, but words may hold globs, `~`, braces and backslashes, and it may stand in the script of a
   * shell (`sh -c`): the form that Codex 0.148 handed to its list of commands that only read.
   */
  readonly loose: boolean
}

/** All that could be read of one command. Reading never runs anything and never guesses. */
export type DecodedCommand = {
  /** Never empty while `notInspectable` is null. */
  readonly parts: readonly CommandPart[]
  /** Why some of it cannot be told by reading; null when everything was read. Undecodable means ask. */
  readonly notInspectable: string | null
  /** Every part is `plain`, so a known-safe list may speak for it. */
  readonly plain: boolean
}

/** Turns an argument list into its parts. Synchronous: the grammar was loaded before. Never throws. */
export type CommandDecoder = (argv: readonly string[]) => DecodedCommand
