import { readRedirects } from './read-redirects.ts'
import { isClosingWord, peekWord, skipBlanks, skipLines } from './read-spaces.ts'
import { arithmeticEnd, readArithmetic, readWord } from './read-word.ts'
import type { ReadWord, Scan } from './scan.ts'

/**
 * Reads a compound command with its redirections: subshell, group, loop, branch, test, function, arithmetic.
 *
 * @returns false when none starts here, so it is a simple command
 */
export const readCompound = (s: Scan): boolean => s.nested(() => readOne(s))

function readOne(s: Scan): boolean {
  const from = s.at
  const word = peekWord(s)
  if (s.char() === '(') readBrackets(s)
  else if (word === '{') {
    s.at += 1
    readUntil(s, ['}'])
  } else if (word === 'if') readIf(s)
  else if (word === 'while' || word === 'until') {
    s.at += word.length
    readUntil(s, ['do'])
    readUntil(s, ['done'])
  } else if (word === 'for' || word === 'select') readFor(s, word)
  else if (word === 'case') readCase(s)
  else if (word === '[[') readTest(s)
  else if (word === 'function') readFunction(s)
  else if (word === 'coproc') {
    s.note('it starts a process that talks to the script')
    s.at += word.length
    const name = /[ \t]+\w+(?=[ \t]+[{(])/y
    name.lastIndex = s.at
    s.at += name.exec(s.text)?.[0].length ?? 0
    skipBlanks(s)
    return readCompound(s)
  } else return false
  s.lower('other')
  const redirects = readRedirects(s)
  if (redirects.length > 0) s.add(from, { words: [], assignments: [], redirects, rawProgram: null })
  return true
}

/** Reads a list, and the word that ends it. @returns that word */
function readUntil(s: Scan, ends: readonly string[]): string {
  s.found.readList(s, null)
  const word = peekWord(s) ?? ''
  if (!isClosingWord(s) || !ends.includes(word)) s.stop(`${ends.join(' or ')} is missing`)
  s.at += word.length
  return word
}

function readBrackets(s: Scan): void {
  const end = s.text[s.at + 1] === '(' ? arithmeticEnd(s.text, s.at + 2) : -1
  if (end < 0) {
    s.at += 1
    s.readInside('( )', ')')
    return
  }
  s.onlySome('((')
  const from = s.at
  s.at += 2
  readArithmetic(s, end)
  s.at = end + 2
  emit(s, from, [literal('(('), unknown])
}

function readIf(s: Scan): void {
  s.at += 2
  for (let part = 'elif'; part === 'elif'; ) {
    readUntil(s, ['then'])
    part = readUntil(s, ['elif', 'else', 'fi'])
    if (part === 'else') readUntil(s, ['fi'])
  }
}

function readFor(s: Scan, word: string): void {
  s.at += word.length
  skipBlanks(s)
  if (s.has('((')) {
    const end = arithmeticEnd(s.text, s.at + 2)
    if (end < 0) s.stop('for (( is not closed')
    // three expressions, so the semicolons are no reason to doubt it
    for (const piece of s.text.slice(s.at + 2, end).split(';')) {
      s.at += 2 - (s.has('((') ? 0 : 1)
      readArithmetic(s, s.at + piece.length)
    }
    s.at = end + 2
  } else {
    if (readWord(s).length !== 1) s.stop('the variable of a loop is missing')
    skipLines(s)
    if (peekWord(s) === 'in') {
      s.at += 2
      readWords(s)
    }
  }
  skipBlanks(s)
  if (s.char() === ';') s.at += 1
  skipLines(s)
  const body = peekWord(s)
  if (body !== 'do' && body !== '{') s.stop('do is missing')
  s.at += body.length
  readUntil(s, [body === 'do' ? 'done' : '}'])
}

function readWords(s: Scan): void {
  for (;;) {
    skipBlanks(s)
    if (readWord(s).length === 0) return
  }
}

function readCase(s: Scan): void {
  s.at += 4
  skipBlanks(s)
  if (readWord(s).length === 0) s.stop('case has no word')
  skipLines(s)
  if (peekWord(s) !== 'in') s.stop('case has no in')
  s.at += 2
  for (;;) {
    skipLines(s)
    if (peekWord(s) === 'esac') break
    if (s.char() === '(') s.at += 1
    for (;;) {
      skipBlanks(s)
      if (readWord(s).length === 0) s.stop('a pattern of case cannot be read')
      skipBlanks(s)
      if (s.char() !== '|') break
      s.at += 1
    }
    if (s.char() !== ')') s.stop('a pattern of case cannot be read')
    s.at += 1
    s.found.readList(s, ';;')
    const end = /;;&|;;|;&/y
    end.lastIndex = s.at
    const ended = end.exec(s.text)?.[0]
    s.at += ended?.length ?? 0
    if (ended === undefined && peekWord(s) !== 'esac') s.stop('esac is missing')
  }
  s.at += 4
}

/** `[[ … ]]`: pure, but its words may hold substitutions. Brackets and operators in it join nothing. */
function readTest(s: Scan): void {
  s.onlySome('[[')
  const from = s.at
  s.at += 2
  const words: ReadWord[] = [literal('[[')]
  for (;;) {
    skipLines(s)
    if (s.has(']]') && /[\s;|&<>()]|^$/.test(s.text[s.at + 2] ?? '')) break
    const read = readWord(s)
    words.push(...read)
    if (read.length > 0) continue
    if (s.done || s.char() === ';') s.stop(']] is missing')
    words.push(literal(s.char()))
    s.at += 1
  }
  s.at += 2
  emit(s, from, [...words, literal(']]')])
}

function readFunction(s: Scan): void {
  s.onlySome('function')
  s.at += 8
  skipBlanks(s)
  const [name] = readWord(s)
  if (name?.value == null) s.stop('the name of a function cannot be read')
  skipBlanks(s)
  if (s.char() === '(') {
    s.at += 1
    skipBlanks(s)
    if (s.char() !== ')') s.stop('the brackets of a function are not closed')
    s.at += 1
  }
  readFunctionBody(s, name.value)
}

/** The body behind `name()`; it is read where it stands, since it can only be called later. */
export function readFunctionBody(s: Scan, name: string): void {
  s.lower('other')
  s.found.functions.add(name)
  skipLines(s)
  if (!readCompound(s)) s.stop('the body of a function cannot be read')
}

const literal = (value: string): ReadWord => ({ value, start: value, grade: 'other', quoted: false })
const unknown: ReadWord = { value: null, start: '', grade: 'other', quoted: false }

/** Tests and arithmetic count as commands too, so that what was read is never empty. */
const emit = (s: Scan, from: number, words: readonly ReadWord[]): void =>
  s.add(from, { words, assignments: [], redirects: [], rawProgram: null })
