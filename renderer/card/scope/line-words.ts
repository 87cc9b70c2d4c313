/** Words of a typed command line, or why it is more than one plain command. */
export type LineWords =
  | { readonly words: readonly string[]; readonly problem: null }
  | { readonly words: null; readonly problem: string }

const blank = /[ \t\r\n]/
const acts = /[|&;<>()$`*?{}[\]]/
/** Only where a word begins. */
const actsFirst = /[~#!]/

/**
 * Splits one plain command by the quoting rules of a shell. What a shell would act on is refused rather than
 * taken literally: an example must be the words that would really run.
 */
export function wordsOfLine(line: string): LineWords {
  const words: string[] = []
  let word: string | null = null
  let at = 0
  while (at < line.length) {
    const c = line.charAt(at)
    if (blank.test(c)) {
      if (word !== null) words.push(word)
      word = null
      at += 1
    } else if (c === "'") {
      const end = line.indexOf("'", at + 1)
      if (end === -1) return refused("A ' is not closed.")
      word = (word ?? '') + line.slice(at + 1, end)
      at = end + 1
    } else if (c === '"') {
      const read = readDouble(line, at + 1)
      if (read === null) return refused('A " is not closed.')
      if ('acts' in read)
        return refused(`A shell would act on ${read.acts}. Put it in ' ' to mean the character.`)
      word = (word ?? '') + read.text
      at = read.next
    } else if (c === '\\') {
      if (at + 1 >= line.length) return refused('The line ends with a single \\.')
      if (line.charAt(at + 1) !== '\n') word = (word ?? '') + line.charAt(at + 1)
      at += 2
    } else if (acts.test(c) || (word === null && actsFirst.test(c))) {
      return refused(`A shell would act on ${c}. Put it in ' ' to mean the character.`)
    } else {
      word = (word ?? '') + c
      at += 1
    }
  }
  if (word !== null) words.push(word)
  return { words, problem: null }
}

const refused = (problem: string): LineWords => ({ words: null, problem })

function readDouble(line: string, from: number): { text: string; next: number } | { acts: string } | null {
  let text = ''
  for (let at = from; at < line.length; at++) {
    const c = line.charAt(at)
    if (c === '"') return { text, next: at + 1 }
    if (c === '$' || c === '`') return { acts: c }
    const following = line.charAt(at + 1)
    if (c === '\\' && following !== '' && '"\\$`\n'.includes(following)) {
      if (following !== '\n') text += following
      at += 1
    } else text += c
  }
  return null
}

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/

/** Words as a shell would read them back. */
export const lineOfWords = (words: readonly string[]): string =>
  words.map((word) => (plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
