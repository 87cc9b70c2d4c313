import { parseParameters } from './parse-parameters.ts'
import { StarlarkProblem } from './starlark-problem.ts'
import type { Argument, Clause, Expression, FStringPart } from './syntax.ts'
import {
  accept,
  ahead,
  endOfLast,
  enter,
  expect,
  expectKind,
  isSymbol,
  step,
  type TokenReader,
  unexpected,
} from './token-reader.ts'
import type { Token } from './tokenise.ts'

/** How tightly binary operators bind, loosest first. The prefix `not` stands between `and` and comparisons. */
const tightness: ReadonlyMap<string, number> = new Map(
  [
    ['or'],
    ['and'],
    [],
    ['==', '!=', '<', '>', '<=', '>=', 'in', 'not'],
    ['|'],
    ['^'],
    ['&'],
    ['<<', '>>'],
    ['+', '-'],
    ['*', '%', '/', '//'],
  ].flatMap((operators, level) => operators.map((operator) => [operator, level] as const)),
)
const orLevel = 0
const notLevel = 2
const compareLevel = 3
/** What may stand left of `in` in a `for`: no comparison, so that `in` ends it. */
const targetLevel = 4

/** `Test` of the grammar: conditional, lambda, or operators. @throws StarlarkProblem */
export function parseTest(reader: TokenReader): Expression {
  enter(reader)
  const expression = parseTestInside(reader)
  reader.depth -= 1
  return expression
}

function parseTestInside(reader: TokenReader): Expression {
  const { from } = ahead(reader)
  if (accept(reader, 'lambda')) {
    const params = parseParameters(reader, ':', false)
    expect(reader, ':')
    const body = parseTest(reader)
    return { kind: 'lambda', params, body, from, to: body.to }
  }
  const yes = parseOperators(reader, orLevel)
  if (!accept(reader, 'if')) return yes
  const test = parseOperators(reader, orLevel)
  expect(reader, 'else')
  const no = parseTest(reader)
  return { kind: 'conditional', test, yes, no, from, to: no.to }
}

/** One or more tests with commas: a tuple when there is a comma. */
export function parseTestList(reader: TokenReader): Expression {
  return continueList(reader, parseTest(reader))
}

/** What follows the first test of a list; the test itself when no comma does. */
export function continueList(reader: TokenReader, first: Expression): Expression {
  return parseCommas(reader, first, () => parseTest(reader))
}

/** Targets of `for`. */
export function parseTargets(reader: TokenReader): Expression {
  const parse = (): Expression => parseOperators(reader, targetLevel)
  return parseCommas(reader, parse(), parse)
}

function parseCommas(reader: TokenReader, first: Expression, parse: () => Expression): Expression {
  if (!isSymbol(ahead(reader), ',')) return first
  const items = [first]
  while (accept(reader, ',')) {
    if (!startsExpression(ahead(reader))) break
    items.push(parse())
  }
  return { kind: 'tuple', items, from: first.from, to: endOfLast(reader) }
}

function startsExpression(token: Token): boolean {
  if (token.kind !== 'symbol') return ['name', 'int', 'string', 'fstring'].includes(token.kind)
  return ['[', '{', '(', '-', '+', '~', 'not', 'lambda'].includes(token.text)
}

/**
 * Operators that bind at least as tightly as `least`. Comparisons do not chain: `a < b < c` is refused, as in
 * Starlark.
 */
function parseOperators(reader: TokenReader, least: number): Expression {
  const first = ahead(reader)
  const negated = least <= notLevel && isSymbol(first, 'not')
  let left = negated ? parseNot(reader) : parseUnary(reader)
  // What comes next can bind no tighter than what was just read, or it would have been part of it.
  let most = negated ? notLevel - 1 : Number.POSITIVE_INFINITY
  for (;;) {
    const token = ahead(reader)
    const level = token.kind === 'symbol' ? tightness.get(token.text) : undefined
    if (level === undefined || level < least || level > most) return left
    reader.at += 1
    if (token.text === 'not') expect(reader, 'in')
    const right = parseOperators(reader, level + 1)
    const op = token.text === 'not' ? 'not in' : token.text
    left = { kind: 'binary', op, left, right, from: left.from, to: right.to }
    most = level === compareLevel ? level - 1 : level
  }
}

function parseNot(reader: TokenReader): Expression {
  const { from } = expect(reader, 'not')
  enter(reader)
  const operand = parseOperators(reader, notLevel)
  reader.depth -= 1
  return { kind: 'unary', op: 'not', operand, from, to: operand.to }
}

function parseUnary(reader: TokenReader): Expression {
  const token = ahead(reader)
  if (token.kind !== 'symbol' || !['-', '+', '~'].includes(token.text)) return parsePrimary(reader)
  reader.at += 1
  enter(reader)
  const operand = parseUnary(reader)
  reader.depth -= 1
  return { kind: 'unary', op: token.text, operand, from: token.from, to: operand.to }
}

function parsePrimary(reader: TokenReader): Expression {
  let object = parseOperand(reader)
  for (;;) {
    const { from } = object
    if (accept(reader, '.')) {
      const { text } = expectKind(reader, 'name', 'a name')
      object = { kind: 'dot', object, name: text, from, to: endOfLast(reader) }
    } else if (accept(reader, '(')) {
      const args = parseArguments(reader)
      object = { kind: 'call', callee: object, args, from, to: endOfLast(reader) }
    } else if (accept(reader, '[')) {
      object = parseIndex(reader, object)
    } else {
      return object
    }
  }
}

function parseIndex(reader: TokenReader, object: Expression): Expression {
  const bound = (): Expression | null =>
    [':', ']'].some((text) => isSymbol(ahead(reader), text)) ? null : parseTest(reader)
  const first = bound()
  if (first !== null && accept(reader, ']'))
    return { kind: 'index', object, index: first, from: object.from, to: endOfLast(reader) }
  expect(reader, ':')
  const stop = bound()
  const stride = accept(reader, ':') ? bound() : null
  expect(reader, ']')
  return { kind: 'slice', object, bounds: [first, stop, stride], from: object.from, to: endOfLast(reader) }
}

function parseArguments(reader: TokenReader): readonly Argument[] {
  const args: Argument[] = []
  while (!accept(reader, ')')) {
    const { from } = ahead(reader)
    const kind = accept(reader, '**') ? 'dict' : accept(reader, '*') ? 'list' : 'positional'
    const following = reader.tokens[reader.at + 1]
    if (kind === 'positional' && ahead(reader).kind === 'name' && following && isSymbol(following, '=')) {
      const { text } = step(reader)
      reader.at += 1
      args.push({ kind: 'named', name: text, value: parseTest(reader), from, to: endOfLast(reader) })
    } else {
      args.push({ kind, name: '', value: parseTest(reader), from, to: endOfLast(reader) })
    }
    if (!accept(reader, ',')) {
      expect(reader, ')')
      break
    }
  }
  checkArguments(args)
  return args
}

function checkArguments(args: readonly Argument[]): void {
  const order = { positional: 0, named: 1, list: 2, dict: 3 } as const
  const names = new Set<string>()
  let stage = 0
  for (const arg of args) {
    const now = order[arg.kind]
    if (now < stage || (now === stage && stage >= 2))
      throw new StarlarkProblem('starlark-syntax', 'Arguments by position come before named ones.', arg.from)
    if (arg.kind === 'named' && names.has(arg.name))
      throw new StarlarkProblem('starlark-syntax', `The argument \`${arg.name}\` is given twice.`, arg.from)
    names.add(arg.name)
    stage = now
  }
}

function parseOperand(reader: TokenReader): Expression {
  const token = ahead(reader)
  const { from, to } = token
  if (token.kind === 'name') {
    reader.at += 1
    const constants: Readonly<Record<string, null | boolean>> = { None: null, True: true, False: false }
    return Object.hasOwn(constants, token.text)
      ? { kind: 'literal', value: constants[token.text] ?? null, from, to }
      : { kind: 'name', name: token.text, from, to }
  }
  if (token.kind === 'int' || token.kind === 'string') {
    reader.at += 1
    return { kind: 'literal', value: token.kind === 'int' ? Number(token.text) : token.text, from, to }
  }
  if (token.kind === 'fstring') {
    reader.at += 1
    return { kind: 'fstring', parts: fstringParts(token), from, to }
  }
  if (accept(reader, '(')) {
    if (accept(reader, ')')) return { kind: 'tuple', items: [], from, to: endOfLast(reader) }
    const inner = parseTestList(reader)
    expect(reader, ')')
    return inner
  }
  if (accept(reader, '[')) return parseList(reader, from)
  if (accept(reader, '{')) return parseDict(reader, from)
  throw unexpected(token, 'an expression')
}

function parseList(reader: TokenReader, from: number): Expression {
  const items: Expression[] = []
  while (!accept(reader, ']')) {
    items.push(parseTest(reader))
    const first = items[0]
    if (items.length === 1 && first && isSymbol(ahead(reader), 'for')) {
      const clauses = parseClauses(reader)
      expect(reader, ']')
      return { kind: 'comprehension', key: null, element: first, clauses, from, to: endOfLast(reader) }
    }
    if (!accept(reader, ',')) {
      expect(reader, ']')
      break
    }
  }
  return { kind: 'list', items, from, to: endOfLast(reader) }
}

function parseDict(reader: TokenReader, from: number): Expression {
  const entries: [Expression, Expression][] = []
  while (!accept(reader, '}')) {
    const key = parseTest(reader)
    expect(reader, ':')
    const element = parseTest(reader)
    entries.push([key, element])
    if (entries.length === 1 && isSymbol(ahead(reader), 'for')) {
      const clauses = parseClauses(reader)
      expect(reader, '}')
      return { kind: 'comprehension', key, element, clauses, from, to: endOfLast(reader) }
    }
    if (!accept(reader, ',')) {
      expect(reader, '}')
      break
    }
  }
  return { kind: 'dict', entries, from, to: endOfLast(reader) }
}

function parseClauses(reader: TokenReader): readonly Clause[] {
  const clauses: Clause[] = []
  for (;;) {
    if (clauses.length > 0 && accept(reader, 'if')) {
      clauses.push({ kind: 'if', test: parseOperators(reader, orLevel) })
    } else if (accept(reader, 'for')) {
      enter(reader)
      const target = checkTarget(parseTargets(reader))
      expect(reader, 'in')
      clauses.push({ kind: 'for', target, over: parseOperators(reader, orLevel) })
      reader.depth -= 1
    } else {
      return clauses
    }
    if (clauses.length > 20)
      throw new StarlarkProblem(
        'starlark-limit',
        'This comprehension has too many parts.',
        ahead(reader).from,
      )
  }
}

/** Refuses what cannot be assigned to. */
export function checkTarget(target: Expression): Expression {
  if (target.kind === 'name' || target.kind === 'index' || target.kind === 'dot') return target
  if (target.kind === 'tuple' || target.kind === 'list') {
    for (const item of target.items) checkTarget(item)
    return target
  }
  throw new StarlarkProblem('starlark-syntax', 'Nothing can be assigned to this.', target.from)
}

/** `f"{name}"`: plain names only, as the Starlark of Codex has it. */
function fstringParts(token: Token): readonly FStringPart[] {
  const parts: FStringPart[] = []
  const piece = /\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)(!r|!s)?\}|[{}]|[^{}]+/g
  for (const [whole, name, conversion] of token.text.matchAll(piece)) {
    if (name !== undefined) parts.push({ kind: 'name', name, quoted: conversion === '!r' })
    else if (whole === '{{' || whole === '}}') parts.push({ kind: 'text', text: whole.charAt(0) })
    else if (whole === '{' || whole === '}')
      throw new StarlarkProblem(
        'starlark-syntax',
        'Between { and } of an f-string stands one plain name.',
        token.from,
      )
    else parts.push({ kind: 'text', text: whole })
  }
  return parts
}
