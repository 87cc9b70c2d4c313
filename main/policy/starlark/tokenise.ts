import { limits, StarlarkProblem, tooMuch } from './starlark-problem.ts'
import { readString } from './string-literal.ts'

export type TokenKind =
  | 'name'
  | 'int'
  | 'string'
  | 'fstring'
  | 'symbol'
  | 'newline'
  | 'indent'
  | 'dedent'
  | 'end'
  /** What cannot be a token; reading on stops when the parser gets here, so an earlier problem is told first. */
  | 'bad'

export type Token = {
  readonly kind: TokenKind
  /** Keywords and punctuation as written; strings with their escapes resolved. */
  readonly text: string
  readonly from: number
  readonly to: number
  readonly problem: StarlarkProblem | null
}

const reserved = new Set(
  'as assert async await class del except finally from global import is nonlocal raise try while with yield'.split(
    ' ',
  ),
)
const keywords = new Set(
  'and break continue def elif else for if in lambda load not or pass return'.split(' '),
)
const word = /[A-Za-z_][A-Za-z0-9_]*/y
const number =
  /0[xX][A-Fa-f0-9]+|0[bB][01]+|0[oO][0-7]+|[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?/y
const symbol = /\*\*|\/\/=|<<=|>>=|\.\.\.|->|[-+*/%=!<>&|^]=|\/\/|<<|>>|[,;:=<>+*%/.&|^~[\](){}-]/y
const wholeInt = /^(?:0[xXbBoO][0-9A-Fa-f]+|[0-9]+)$/

/** Whether tabs are problems, as they are for Codex, or blanks: for reading what is left of a broken file. */
export type Tabs = 'refused' | 'blank'

/**
 * Splits Starlark text into tokens, with the indentation as Codex's reader computes it. Never throws: what is
 * wrong becomes a `bad` token in its place.
 */
export function tokenise(text: string, from = 0, to = text.length, tabs: Tabs = 'refused'): readonly Token[] {
  const tokens: Token[] = []
  const indents: number[] = []
  let brackets = 0
  let at = from
  const push = (kind: TokenKind, start: number, end: number, value = ''): void => {
    tokens.push({ kind, text: value, from: start, to: end, problem: null })
  }
  const bad = (problem: StarlarkProblem): void => {
    tokens.push({ kind: 'bad', text: '', from: problem.at, to, problem })
  }
  const syntax = (message: string, where: number): void =>
    bad(new StarlarkProblem('starlark-syntax', message, where))

  /** Reads the blanks of a fresh line; true when reading can go on. `line` is where the line before ended. */
  const readIndent = (line: number, closing: (() => void) | null): boolean => {
    let spaces = 0
    let tabbed = false
    for (;;) {
      const char = at < to ? text.charAt(at) : ''
      if (char === '' || char === '\n') {
        closing?.()
        return true
      }
      if (char === ' ') spaces += 1
      else if (char === '\t') {
        if (tabs === 'blank') spaces += 8
        else tabbed = true
      } else if (char === '#') {
        const end = text.indexOf('\n', at)
        at = end === -1 || end > to ? to : end
        if (at < to) {
          spaces = 0
          tabbed = false
        } else {
          closing?.()
          return true
        }
      } else if (char !== '\r') break
      at += 1
    }
    if (tabbed) {
      syntax('Tabs are not allowed. Indent with spaces.', line)
      return false
    }
    const now = indents.at(-1) ?? 0
    const levels: TokenKind[] = []
    if (spaces > now) {
      indents.push(spaces)
      levels.push('indent')
    }
    while (spaces < (indents.at(-1) ?? 0)) {
      indents.pop()
      levels.push('dedent')
    }
    if (spaces !== (indents.at(-1) ?? 0)) {
      syntax('This line is indented by a number of spaces that no block above it has.', line)
      return false
    }
    closing?.()
    for (const kind of levels) push(kind, at, at)
    return true
  }

  if (!readIndent(from, null)) return tokens
  while (at < to) {
    const char = text.charAt(at)
    if (char === ' ') at += 1
    else if (char === '\t') {
      if (tabs === 'refused') {
        syntax('Tabs are not allowed. Indent with spaces.', at)
        return tokens
      }
      at += 1
    } else if (char === '#') {
      const end = text.slice(at, to).search(/[\r\n]/)
      at = end === -1 ? to : at + end
    } else if (char === '\\' && /^\\\r?\n/.test(text.slice(at, at + 3))) {
      at += text.charAt(at + 1) === '\r' ? 3 : 2
    } else if (char === '\n' || (char === '\r' && text.charAt(at + 1) === '\n')) {
      const start = at
      at += char === '\r' ? 2 : 1
      if (brackets > 0) continue
      const end = at
      // Blank lines say nothing more than the line end before them.
      const closing = tokens.at(-1)?.kind === 'newline' ? null : () => push('newline', start, end)
      if (!readIndent(start, closing)) return tokens
    } else {
      if (tokens.length >= limits.tokens) {
        bad(tooMuch('This rules file is too long', at))
        return tokens
      }
      const end = readToken(text, at, to, tokens)
      if (end === null) return tokens
      const last = tokens.at(-1)
      if (last?.kind === 'symbol') {
        if ('[({'.includes(last.text)) brackets += 1
        else if ('])}'.includes(last.text)) brackets -= 1
      }
      at = end
    }
  }
  push('newline', to, to)
  for (const _ of indents) push('dedent', to, to)
  push('end', to, to)
  return tokens
}

/** Brackets and commas, most of all signs, which no longer sign begins with. */
const single = '()[]{},:;~'

/** Reads one word, number, string or sign into `tokens`; null when there is none. */
function readToken(text: string, at: number, to: number, tokens: Token[]): number | null {
  const char = text.charAt(at)
  if (single.includes(char)) return add(tokens, 'symbol', char, at, at + 1)
  if (char === '"' || char === "'") return readQuoted(text, at, to, tokens, '')
  word.lastIndex = at
  const name = word.exec(text)?.[0]
  if (name !== undefined) {
    const end = at + name.length
    const marks = name === 'r' || name === 'f' || name === 'fr'
    if (marks && end < to && /["']/.test(text.charAt(end))) return readQuoted(text, at, to, tokens, name)
    if (reserved.has(name))
      return refuse(
        tokens,
        new StarlarkProblem('starlark-syntax', `\`${name}\` is a reserved word and cannot be used.`, at),
        to,
      )
    return add(tokens, keywords.has(name) ? 'symbol' : 'name', name, at, end)
  }
  number.lastIndex = at
  const digits = number.exec(text)?.[0]
  if (digits !== undefined) {
    const wrong = numberProblem(digits, at)
    return wrong ? refuse(tokens, wrong, to) : add(tokens, 'int', digits, at, at + digits.length)
  }
  symbol.lastIndex = at
  const sign = symbol.exec(text)?.[0]
  if (sign !== undefined && at + sign.length <= to) return add(tokens, 'symbol', sign, at, at + sign.length)
  const odd = JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))
  return refuse(tokens, new StarlarkProblem('starlark-syntax', `${odd} has no meaning here.`, at), to)
}

function add(tokens: Token[], kind: TokenKind, text: string, from: number, to: number): number {
  tokens.push({ kind, text, from, to, problem: null })
  return to
}

function refuse(tokens: Token[], problem: StarlarkProblem, to: number): null {
  tokens.push({ kind: 'bad', text: '', from: problem.at, to, problem })
  return null
}

/** `marks` stand in front of the quotes: `r`, `f` or `fr`. */
function readQuoted(text: string, at: number, to: number, tokens: Token[], marks: string): number | null {
  const open = at + marks.length
  const quote = text.charAt(open)
  const triple = text.startsWith(quote.repeat(3), open) && open + 3 <= to
  try {
    const read = readString(text, to, {
      start: at,
      body: open + (triple ? 3 : 1),
      quote,
      triple,
      raw: marks.includes('r'),
    })
    return add(tokens, marks.includes('f') ? 'fstring' : 'string', read.value, at, read.end)
  } catch (problem) {
    if (problem instanceof StarlarkProblem) return refuse(tokens, problem, to)
    throw problem
  }
}

function numberProblem(digits: string, at: number): StarlarkProblem | null {
  if (!wholeInt.test(digits))
    return new StarlarkProblem('starlark-syntax', 'Rules have whole numbers only.', at)
  if (/^0[0-9]/.test(digits))
    return new StarlarkProblem('starlark-syntax', 'A number cannot start with 0.', at)
  return Number.isSafeInteger(Number(digits)) ? null : tooMuch('A number is too large', at)
}
