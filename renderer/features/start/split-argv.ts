/** What a typed command line becomes: the exact arguments, and what a shell would have done differently. */
export type SplitLine = {
  readonly argv: readonly string[]
  /** Why it cannot be started as typed. */
  readonly problem: string | null
  /** Characters outside quotes that a shell would act on and that are passed on as they are. */
  readonly literal: readonly string[]
}

const shellOnly = /[|&;<>()$`*?~#[\]{}!]/

/**
 * Splits a line into arguments by the quoting rules of a POSIX shell, and does nothing else that a shell does.
 *
 * Spaces, tabs and line breaks divide; '…' keeps everything; "…" keeps everything but \ before " \ $ `;
 * \ keeps the next character. No variables, patterns, pipes or redirections.
 */
export function splitArgv(line: string): SplitLine {
  const argv: string[] = []
  const literal = new Set<string>()
  let word: string | null = null
  let at = 0
  while (at < line.length) {
    const c = line.charAt(at)
    if (c === "'") {
      const end = line.indexOf("'", at + 1)
      if (end < 0) return broken(argv, word, "A ' is not closed.")
      word = (word ?? '') + line.slice(at + 1, end)
      at = end + 1
    } else if (c === '"') {
      const read = readDouble(line, at + 1)
      if (!read) return broken(argv, word, 'A " is not closed.')
      word = (word ?? '') + read.text
      at = read.next
    } else if (c === '\\') {
      if (at + 1 >= line.length) return broken(argv, word, 'The line ends with a single \\.')
      // A backslash before a line break joins the lines, as in a shell.
      if (line.charAt(at + 1) !== '\n') word = (word ?? '') + line.charAt(at + 1)
      at += 2
    } else if (/\s/.test(c)) {
      if (word !== null) argv.push(word)
      word = null
      at += 1
    } else {
      if (shellOnly.test(c)) literal.add(c)
      word = (word ?? '') + c
      at += 1
    }
  }
  if (word !== null) argv.push(word)
  return { argv, problem: check(argv), literal: [...literal] }
}

function readDouble(line: string, from: number): { text: string; next: number } | null {
  let text = ''
  let at = from
  while (at < line.length) {
    const c = line.charAt(at)
    if (c === '"') return { text, next: at + 1 }
    const following = line.charAt(at + 1)
    if (c === '\\' && following !== '' && '"\\$`\n'.includes(following)) {
      if (following !== '\n') text += following
      at += 2
    } else {
      text += c
      at += 1
    }
  }
  return null
}

const broken = (argv: readonly string[], word: string | null, problem: string): SplitLine => ({
  argv: word === null ? argv : [...argv, word],
  problem,
  literal: [],
})

function check(argv: readonly string[]): string | null {
  if (argv.length === 0) return 'Nothing to start yet.'
  const empty = argv.indexOf('')
  if (empty >= 0) return `Argument ${empty + 1} is empty; a program is not started with an empty argument.`
  if (argv.length > 200) return `${argv.length} arguments; at most 200 can be started.`
  if (argv.some((arg) => arg.includes('\0'))) return 'An argument contains a NUL character.'
  return null
}
