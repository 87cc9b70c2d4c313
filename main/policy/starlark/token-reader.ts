import { limits, StarlarkProblem, tooMuch } from './starlark-problem.ts'
import type { Token } from './tokenise.ts'

/** Walks over tokens, one ahead. The parsers share it. */
export type TokenReader = {
  readonly tokens: readonly Token[]
  at: number
  depth: number
}

const none: Token = { kind: 'end', text: '', from: 0, to: 0, problem: null }

/** The token ahead. @throws StarlarkProblem when there is no token but something unreadable */
export function ahead(reader: TokenReader): Token {
  const token = reader.tokens[reader.at] ?? none
  if (token.problem) throw token.problem
  return token
}

export function step(reader: TokenReader): Token {
  const token = ahead(reader)
  reader.at += 1
  return token
}

export const isSymbol = (token: Token, text: string): boolean =>
  token.kind === 'symbol' && token.text === text

/** Steps over `text` when it is ahead. */
export function accept(reader: TokenReader, text: string): boolean {
  if (!isSymbol(ahead(reader), text)) return false
  reader.at += 1
  return true
}

export function expect(reader: TokenReader, text: string): Token {
  const token = ahead(reader)
  if (!isSymbol(token, text)) throw unexpected(token, `\`${text}\``)
  reader.at += 1
  return token
}

export function expectKind(reader: TokenReader, kind: Token['kind'], what: string): Token {
  const token = ahead(reader)
  if (token.kind !== kind) throw unexpected(token, what)
  reader.at += 1
  return token
}

/** End of the token that was stepped over last. */
export const endOfLast = (reader: TokenReader): number => reader.tokens[reader.at - 1]?.to ?? 0

export function unexpected(token: Token, wanted: string): StarlarkProblem {
  const found =
    token.kind === 'newline'
      ? 'the line ends'
      : token.kind === 'end'
        ? 'the file ends'
        : token.kind === 'indent' || token.kind === 'dedent'
          ? 'the indentation changes'
          : `${JSON.stringify(token.text)} stands`
  return new StarlarkProblem('starlark-syntax', `Here ${found}, where ${wanted} was expected.`, token.from)
}

/** Counts one level of nesting; callers count back when they are done. */
export function enter(reader: TokenReader): void {
  reader.depth += 1
  if (reader.depth > limits.nesting) throw tooMuch('Nested too deeply', ahead(reader).from)
}
