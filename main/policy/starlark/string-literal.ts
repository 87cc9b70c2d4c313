import { limits, StarlarkProblem, tooMuch } from './starlark-problem.ts'

export type StringOpening = {
  /** Where the literal begins, prefix included. */
  readonly start: number
  /** The first code unit after the opening quotes. */
  readonly body: number
  readonly quote: string
  readonly triple: boolean
  readonly raw: boolean
}

const simple: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '"': '"',
  "'": "'",
  '\\': '\\',
  '\n': '',
}
const coded = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})/y

/**
 * Reads a string up to its closing quotes. Escapes as in Starlark: an unknown one keeps its backslash, carriage
 * returns vanish.
 *
 * @throws StarlarkProblem for an unfinished string, a broken escape, or one that is too long
 */
export function readString(
  text: string,
  to: number,
  opening: StringOpening,
): { readonly value: string; readonly end: number } {
  const closing = opening.triple ? opening.quote.repeat(3) : opening.quote
  const plain = plainEnd(text, to, opening)
  if (plain !== null) return plain
  let value = ''
  let at = opening.body
  let plainFrom = at
  for (;;) {
    if (at >= to) throw unfinished(opening.start)
    const char = text.charAt(at)
    if (char === opening.quote && (!opening.triple || text.startsWith(closing, at))) {
      if (at + closing.length > to) throw unfinished(opening.start)
      value += text.slice(plainFrom, at)
      if (value.length > limits.string) throw tooMuch('A string is too long', opening.start)
      return { value, end: at + closing.length }
    }
    if (char === '\n' && !opening.triple) throw unfinished(opening.start)
    if (char === '\r') {
      value += text.slice(plainFrom, at)
      at += 1
      plainFrom = at
    } else if (char === '\\') {
      if (value.length > limits.string) throw tooMuch('A string is too long', opening.start)
      value += text.slice(plainFrom, at)
      if (at + 1 >= to) throw unfinished(opening.start)
      const escape = opening.raw ? rawEscape(text, at) : cookedEscape(text, at, to)
      value += escape.value
      at = escape.end
      plainFrom = at
    } else {
      at += 1
    }
  }
}

/** The short way for a string without escapes: up to its quote, when nothing special stands before that. */
function plainEnd(
  text: string,
  to: number,
  { body, quote, triple }: StringOpening,
): { readonly value: string; readonly end: number } | null {
  if (triple) return null
  const end = text.indexOf(quote, body)
  if (end === -1 || end >= to || end - body > 1000) return null
  const value = text.slice(body, end)
  return /[\\\r\n]/.test(value) ? null : { value, end: end + 1 }
}

const unfinished = (at: number): StarlarkProblem =>
  new StarlarkProblem('starlark-syntax', 'This string has no closing quote on its line.', at)

function rawEscape(text: string, at: number): { value: string; end: number } {
  const next = text.charAt(at + 1)
  return { value: next === "'" || next === '"' ? next : `\\${next}`, end: at + 2 }
}

function cookedEscape(text: string, at: number, to: number): { value: string; end: number } {
  const next = text.charAt(at + 1)
  if (Object.hasOwn(simple, next)) return { value: simple[next] ?? '', end: at + 2 }
  if (next === '\r' && text.charAt(at + 2) === '\n' && at + 3 <= to) return { value: '', end: at + 3 }
  coded.lastIndex = at + 1
  const match = coded.exec(text)
  if (match && coded.lastIndex <= to) {
    const [, x, u, long, octal] = match
    const code = Number.parseInt(x ?? u ?? long ?? octal ?? '', octal === undefined ? 16 : 8)
    // Starlark strings are Unicode text, so half a pair is no character.
    if (code <= 0x10ffff && (code < 0xd800 || code > 0xdfff))
      return { value: String.fromCodePoint(code), end: at + 1 + match[0].length }
  }
  if ('xuU\r'.includes(next))
    throw new StarlarkProblem('starlark-syntax', `The escape \\${next} in this string is not complete.`, at)
  return { value: `\\${next}`, end: at + 2 }
}
