import { ansiText } from './ansi-text.ts'
import { Letters } from './letters.ts'
import { type ReadWord, Scan } from './scan.ts'

const ends = new Set([' ', '\t', '\n', ';', '|', '&', '<', '>', '(', ')'])
const doubtful = /[\p{Cc}\s]/u
const ordinary = /[\w./@%+=:,-]+/y

/**
 * Reads the word at the scan's place, which may be several when it holds braces; none when no word starts there.
 *
 * Commands in substitutions are found on the way.
 */
export function readWord(s: Scan): readonly ReadWord[] {
  const letters = new Letters()
  while (!s.done) {
    const c = s.char()
    if ((c === '<' || c === '>') && s.text[s.at + 1] === '(') {
      s.at += 2
      s.readInside(`${c}( )`, ')')
      letters.addUnknown()
    } else if (ends.has(c)) break
    else readPiece(s, letters, c)
  }
  return letters.empty ? [] : letters.words(s)
}

function readPiece(s: Scan, letters: Letters, c: string): void {
  switch (c) {
    case '\\': {
      const next = s.text[s.at + 1]
      if (next === undefined) s.stop('it ends in a backslash')
      if (next === '\n') {
        s.joins.push(s.at)
        letters.lower('other')
      } else {
        letters.add(next, 'q')
        letters.lower('loose')
      }
      s.at += 2
      return
    }
    case "'": {
      const end = s.text.indexOf("'", s.at + 1)
      if (end < 0) s.stop('a quote is not closed')
      letters.add(s.text.slice(s.at + 1, end), 'q')
      letters.quoted = true
      s.at = end + 1
      return
    }
    case '"':
      return readDouble(s, letters)
    case '`':
      readBackticks(s, false)
      return letters.addUnknown()
    case '$':
      return readDollar(s, letters, false)
    default: {
      ordinary.lastIndex = s.at
      const run = ordinary.exec(s.text)?.[0] ?? c
      if (doubtful.test(run)) s.note('it holds a control character or an unusual space')
      letters.add(run, 'b')
      s.at += run.length
    }
  }
}

function readDouble(s: Scan, letters: Letters): void {
  letters.quoted = true
  s.at += 1
  for (;;) {
    if (s.done) s.stop('a quote is not closed')
    const c = s.char()
    if (c === '"') break
    if (c === '\\') {
      const next = s.text[s.at + 1] ?? ''
      if (next === '\n') s.joins.push(s.at)
      else letters.add('$`"\\'.includes(next) ? next : c + next, 'q')
      letters.lower('loose')
      s.at += 2
    } else if (c === '`') {
      readBackticks(s, true)
      letters.addUnknown()
    } else if (c === '$') readDollar(s, letters, true)
    else {
      letters.add(c, 'q')
      s.at += 1
    }
  }
  s.at += 1
}

/** Reads what `$` starts. @param inDouble within double quotes, where `$'` and `$"` are nothing special */
const readDollar = (s: Scan, letters: Letters, inDouble: boolean): void =>
  s.nested(() => readAfterDollar(s, letters, inDouble))

function readAfterDollar(s: Scan, letters: Letters, inDouble: boolean): void {
  const next = s.text[s.at + 1] ?? ''
  if (next === '(') {
    const end = s.text[s.at + 2] === '(' ? arithmeticEnd(s.text, s.at + 3) : -1
    if (end < 0) {
      s.at += 2
      s.readInside('$( )', ')')
    } else {
      s.at += 3
      readArithmetic(s, end)
      s.at = end + 2
    }
    return letters.addUnknown()
  }
  if (next === '{') {
    readParameter(s, inDouble)
    return letters.addUnknown()
  }
  if (next === '[') {
    const end = s.text.indexOf(']', s.at)
    if (end < 0) s.stop('$[ is not closed')
    s.onlySome('$[')
    s.at += 2
    readArithmetic(s, end)
    s.at = end + 1
    return letters.addUnknown()
  }
  if (next === "'" && !inDouble) {
    const { text, end } = ansiText(s.text, s.at + 2)
    if (end < 0) s.stop('a quote is not closed')
    // dash ends the quote at the first ', bash does not
    if (s.text.slice(s.at, end).includes("\\'")) s.onlySome("$'")
    letters.add(text, 'q')
    letters.quoted = true
    letters.lower('other')
    s.at = end
    return
  }
  if (next === '"' && !inDouble) {
    letters.lower('other')
    s.at += 1
    return readDouble(s, letters)
  }
  const name = /[A-Za-z_]\w*|[0-9@*#?$!-]/y
  name.lastIndex = s.at + 1
  const found = name.exec(s.text)
  s.at += 1 + (found?.[0].length ?? 0)
  if (found) return letters.addUnknown()
  letters.add('$', 'q')
  letters.lower('other')
}

function readBackticks(s: Scan, inDouble: boolean): void {
  let end = s.at + 1
  while (end < s.text.length && s.text[end] !== '`') end += s.text[end] === '\\' ? 2 : 1
  if (end >= s.text.length) s.stop('a backtick is not closed')
  const escaped = inDouble ? /\\([`\\$"])/g : /\\([`\\$])/g
  const inner = new Scan(s.text.slice(s.at + 1, end).replace(escaped, '$1'), s.found, s, '$( )')
  s.found.readList(inner, null)
  if (!inner.done || inner.heredocs.length > 0) s.stop('a substitution cannot be read')
  s.at = end + 1
}

/** `${…}`: only what it runs matters, since its value is known at run time. */
function readParameter(s: Scan, inDouble: boolean): void {
  const from = s.at
  s.at += 2
  // ${ command; } runs it in some shells, ${(e)x} reads a value as a script
  if (/[\s|(]/.test(s.char())) s.note('${ } runs commands in some shells')
  for (;;) {
    if (s.done) s.stop('${ is not closed')
    const c = s.char()
    if (c === '}') break
    if (c === "'" && inDouble) s.note('a quote inside ${ } is read differently by shells')
    if ((c === "'" && !inDouble) || c === '\\' || c === '"' || c === '`' || c === '$') {
      const thrownAway = new Letters()
      if (c === '$') readDollar(s, thrownAway, inDouble)
      else readPiece(s, thrownAway, c)
    } else s.at += 1
  }
  if (s.text.slice(from, s.at).endsWith('@P')) s.note('a value is expanded as a prompt')
  s.at += 1
}

/** Where arithmetic ends (the first of two brackets); -1 when it is a substitution that starts with a subshell. */
export function arithmeticEnd(text: string, from: number): number {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    if (text[i] === '(') depth += 1
    else if (text[i] === ')') {
      if (depth === 0) return text[i + 1] === ')' ? i : -1
      depth -= 1
    }
  }
  return -1
}

/** Finds the substitutions of arithmetic; quotes in it are not worth being clever about. */
export function readArithmetic(s: Scan, end: number): void {
  if (/['"\\;\n]/.test(s.text.slice(s.at, end))) s.note('arithmetic holds quotes')
  const thrownAway = new Letters()
  while (s.at < end) {
    if (s.char() === '$') readDollar(s, thrownAway, true)
    else if (s.char() === '`') readBackticks(s, true)
    else s.at += 1
  }
  if (s.at > end) s.stop('arithmetic cannot be read')
}

/** Finds the substitutions in the body of a here-document. */
export function readHeredocBody(body: string, outer: Scan): void {
  const s = new Scan(body, outer.found, outer, '<<')
  const thrownAway = new Letters()
  while (!s.done) {
    if (s.char() === '\\') s.at += 2
    else if (s.char() === '$') readDollar(s, thrownAway, true)
    else if (s.char() === '`') readBackticks(s, true)
    else s.at += 1
  }
}
