/** One program call of a shell line: its words after quoting was resolved. */
export type SimpleCommand = readonly string[]

/**
 * Splits a shell line into simple commands, if it holds nothing but plain words, quotes and the joints
 * `&&`, `||`, `;`, `|` and line breaks. Redirections are read only where they cannot write a file
 * (`2>&1`, `>/dev/null`).
 *
 * Deliberately small: variables, substitutions, globs, groups, keywords, heredocs and every other redirection
 * give null, which means "not decodable", which means "ask". It never guesses.
 *
 * @returns null when the line is not decodable in full
 */
export function splitScript(script: string): readonly SimpleCommand[] | null {
  if (script.length > 20_000 || script.includes('\0')) return null
  const commands: string[][] = []
  let words: string[] = []
  let word: string | null = null
  let i = 0

  const endWord = (): void => {
    if (word !== null) words.push(word)
    word = null
  }
  const endCommand = (): boolean => {
    endWord()
    if (words.length === 0) return false
    commands.push(words)
    words = []
    return true
  }

  while (i < script.length) {
    const c = script[i] as string
    const rest = script.slice(i)
    const harmless = /^(?:[12]?>\s*\/dev\/null|2>&1|<\s*\/dev\/null)(?=[\s;|&]|$)/.exec(rest)
    if (harmless && word === null) {
      i += harmless[0].length
      continue
    }
    if (c === ' ' || c === '\t') {
      endWord()
      i += 1
    } else if (rest.startsWith('&&') || rest.startsWith('||')) {
      if (!endCommand()) return null
      i += 2
    } else if (c === ';' || c === '\n' || c === '|') {
      if (c === '\n' && word === null && words.length === 0) {
        i += 1
        continue
      }
      if (!endCommand()) return null
      i += 1
    } else if (c === "'") {
      const end = script.indexOf("'", i + 1)
      if (end < 0) return null
      word = (word ?? '') + script.slice(i + 1, end)
      i = end + 1
    } else if (c === '"') {
      const end = script.indexOf('"', i + 1)
      if (end < 0) return null
      const inner = script.slice(i + 1, end)
      if (/[$`\\!]/.test(inner)) return null
      word = (word ?? '') + inner
      i = end + 1
    } else if (/[A-Za-z0-9_\-./:@%+=,\u0080-\uffff]/.test(c)) {
      word = (word ?? '') + c
      i += 1
    } else {
      return null
    }
  }
  endWord()
  if (words.length > 0) commands.push(words)
  // A word with = in front of the program sets a variable for it (PATH=… ls): not decodable here.
  if (commands.some((w) => /^[A-Za-z_]\w*=/.test(w[0] as string))) return null
  return commands.length > 0 ? commands : null
}

/** The simple commands an argv stands for: itself, or the parts of `bash -c LINE`. null: not decodable. */
export function commandsOf(argv: readonly string[]): readonly SimpleCommand[] | null {
  const [program, flag, script] = argv
  const shell = program !== undefined && /^(?:\/usr)?(?:\/bin\/)?(?:bash|sh|dash|zsh)$/.test(program)
  if (!shell) return [argv]
  if ((flag === '-c' || flag === '-lc') && script !== undefined && argv.length === 3)
    return splitScript(script)
  return null
}
