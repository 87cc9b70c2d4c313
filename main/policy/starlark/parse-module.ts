import { checkTarget, continueList, parseTargets, parseTest, parseTestList } from './parse-expression.ts'
import { parseParameters } from './parse-parameters.ts'
import { StarlarkProblem, tooMuch } from './starlark-problem.ts'
import type { Statement } from './syntax.ts'
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
} from './token-reader.ts'
import type { Token } from './tokenise.ts'

/** Where a statement stands: decides what may be returned from and broken out of. */
type Inside = { readonly def: boolean; readonly loop: boolean }

/** Statements of a whole file or of one piece of it. @throws StarlarkProblem */
export function parseModule(tokens: readonly Token[]): readonly Statement[] {
  const reader: TokenReader = { tokens, at: 0, depth: 0 }
  const statements: Statement[] = []
  for (;;) {
    while (ahead(reader).kind === 'newline') reader.at += 1
    if (ahead(reader).kind === 'end') return statements
    parseStatement(reader, { def: false, loop: false }, statements)
  }
}

function parseStatement(reader: TokenReader, inside: Inside, into: Statement[]): void {
  const token = ahead(reader)
  if (isSymbol(token, 'def')) into.push(parseDef(reader))
  else if (isSymbol(token, 'if')) into.push(parseIf(reader, inside))
  else if (isSymbol(token, 'for')) into.push(parseFor(reader, inside))
  else parseLine(reader, inside, into)
}

function parseLine(reader: TokenReader, inside: Inside, into: Statement[]): void {
  do {
    into.push(parseSmall(reader, inside))
  } while (accept(reader, ';') && ahead(reader).kind !== 'newline')
  expectKind(reader, 'newline', 'the end of the line')
}

function parseSuite(reader: TokenReader, inside: Inside): readonly Statement[] {
  const body: Statement[] = []
  if (ahead(reader).kind !== 'newline') {
    parseLine(reader, inside, body)
    return body
  }
  while (ahead(reader).kind === 'newline') reader.at += 1
  expectKind(reader, 'indent', 'an indented block')
  enter(reader)
  while (ahead(reader).kind !== 'dedent') {
    if (ahead(reader).kind === 'newline') reader.at += 1
    else parseStatement(reader, inside, body)
  }
  reader.at += 1
  reader.depth -= 1
  return body
}

function parseDef(reader: TokenReader): Statement {
  const { from } = expect(reader, 'def')
  const name = expectKind(reader, 'name', 'the name of the function').text
  expect(reader, '(')
  const params = parseParameters(reader, ')', true)
  expect(reader, ')')
  const returns = accept(reader, '->') ? parseTest(reader) : null
  expect(reader, ':')
  const body = parseSuite(reader, { def: true, loop: false })
  return { kind: 'def', name, params, returns, body, from, to: endOfLast(reader) }
}

function parseIf(reader: TokenReader, inside: Inside): Statement {
  const { from } = expect(reader, 'if')
  const branches: { test: ReturnType<typeof parseTest>; body: readonly Statement[] }[] = []
  do {
    const test = parseTest(reader)
    expect(reader, ':')
    branches.push({ test, body: parseSuite(reader, inside) })
    if (branches.length > 1000) throw tooMuch('Too many branches', from)
  } while (accept(reader, 'elif'))
  let otherwise: readonly Statement[] = []
  if (accept(reader, 'else')) {
    expect(reader, ':')
    otherwise = parseSuite(reader, inside)
  }
  return { kind: 'if', branches, otherwise, from, to: endOfLast(reader) }
}

function parseFor(reader: TokenReader, inside: Inside): Statement {
  const { from } = expect(reader, 'for')
  const target = checkTarget(parseTargets(reader))
  expect(reader, 'in')
  const over = parseTest(reader)
  expect(reader, ':')
  const body = parseSuite(reader, { ...inside, loop: true })
  return { kind: 'for', target, over, body, from, to: endOfLast(reader) }
}

function parseSmall(reader: TokenReader, inside: Inside): Statement {
  const token = ahead(reader)
  const { from } = token
  if (accept(reader, 'pass')) return { kind: 'pass', from, to: token.to }
  if (isSymbol(token, 'break') || isSymbol(token, 'continue')) {
    reader.at += 1
    if (!inside.loop)
      throw new StarlarkProblem('starlark-syntax', `\`${token.text}\` stands outside of a loop.`, from)
    return { kind: token.text === 'break' ? 'break' : 'continue', from, to: token.to }
  }
  if (accept(reader, 'return')) {
    if (!inside.def)
      throw new StarlarkProblem('starlark-syntax', '`return` stands outside of a function.', from)
    const ends = ahead(reader).kind === 'newline' || isSymbol(ahead(reader), ';')
    return { kind: 'return', value: ends ? null : parseTestList(reader), from, to: endOfLast(reader) }
  }
  if (isSymbol(token, 'load')) return parseLoad(reader)
  return parseAssignment(reader)
}

function parseLoad(reader: TokenReader): Statement {
  const { from } = expect(reader, 'load')
  expect(reader, '(')
  const module = expectKind(reader, 'string', 'the name of a file').text
  const names: string[] = []
  while (accept(reader, ',') && !isSymbol(ahead(reader), ')')) {
    const own = ahead(reader).kind === 'name' ? step(reader).text : null
    if (own !== null) expect(reader, '=')
    names.push(own ?? ahead(reader).text)
    expectKind(reader, 'string', 'a name in quotes')
  }
  expect(reader, ')')
  return { kind: 'load', module, names, from, to: endOfLast(reader) }
}

function parseAssignment(reader: TokenReader): Statement {
  const first = parseTest(reader)
  // A list of values with bare commas can be assigned to, but is no statement of its own.
  const listed = isSymbol(ahead(reader), ',')
  const left = continueList(reader, first)
  const annotation = accept(reader, ':') ? parseTest(reader) : null
  const token = ahead(reader)
  const operator = token.kind === 'symbol' ? /^(\/\/|<<|>>|[-+*/%&|^])?=$/.exec(token.text) : null
  if (!operator) {
    if (annotation !== null || listed) expect(reader, '=')
    return { kind: 'expression', value: left, from: left.from, to: left.to }
  }
  const op = operator[1] ?? null
  checkTarget(left)
  if (op !== null && (left.kind === 'tuple' || left.kind === 'list'))
    throw new StarlarkProblem('starlark-syntax', 'Only one thing can be changed in place.', left.from)
  reader.at += 1
  const value = parseTestList(reader)
  return { kind: 'assign', target: left, op, annotation, value, from: left.from, to: value.to }
}
