import { limits, StarlarkProblem, tooMuch } from './starlark-problem.ts'
import type { Clause, Expression, Parameter, Statement } from './syntax.ts'

/** Something that knows names: a set of them, or a map by them. */
type Names = { has(name: string): boolean }

/** Names that are known, innermost first; the outermost ones are those of the file and the built-in ones. */
type Scope = { readonly names: Names; readonly outer: Scope | null }

/** Names that only type annotations may use. */
const typing = new Set(['typing'])

/**
 * Checks before anything runs that every name exists somewhere, as Codex does, so that a misspelled name is found
 * even in a function that nobody calls.
 *
 * @throws StarlarkProblem `starlark-undefined-name`, or `starlark-limit` for deep nesting
 */
export function checkNames(statements: readonly Statement[], known: readonly Names[]): void {
  const outer = known.reduce<Scope | null>((scope, names) => ({ names, outer: scope }), null)
  const scope: Scope = { names: assignedIn(statements), outer }
  checkBlock(statements, scope, 0)
}

/** Names that statements assign, those in blocks included and those in functions left out. */
export function assignedIn(
  statements: readonly Statement[],
  into: Set<string> = new Set(),
): ReadonlySet<string> {
  for (const statement of statements) {
    if (statement.kind === 'assign') namesOf(statement.target, into)
    else if (statement.kind === 'def') into.add(statement.name)
    else if (statement.kind === 'for') {
      namesOf(statement.target, into)
      assignedIn(statement.body, into)
    } else if (statement.kind === 'if') {
      for (const branch of statement.branches) assignedIn(branch.body, into)
      assignedIn(statement.otherwise, into)
    } else if (statement.kind === 'load') for (const name of statement.names) into.add(name)
  }
  return into
}

function namesOf(target: Expression, into: Set<string>): Set<string> {
  if (target.kind === 'name') into.add(target.name)
  else if (target.kind === 'tuple' || target.kind === 'list')
    for (const item of target.items) namesOf(item, into)
  return into
}

function checkBlock(statements: readonly Statement[], scope: Scope, depth: number): void {
  for (const statement of statements) checkStatement(statement, scope, depth + 1)
}

function checkStatement(statement: Statement, scope: Scope, depth: number): void {
  switch (statement.kind) {
    case 'expression':
      return check(statement.value, scope, depth)
    case 'assign':
      check(statement.value, scope, depth)
      checkAnnotation(statement.annotation, scope, depth)
      return check(statement.target, scope, depth)
    case 'def':
      checkParameters(statement.params, scope, depth)
      checkAnnotation(statement.returns, scope, depth)
      return checkBlock(
        statement.body,
        { names: assignedIn(statement.body, parameterNames(statement.params)), outer: scope },
        depth,
      )
    case 'if':
      for (const branch of statement.branches) {
        check(branch.test, scope, depth)
        checkBlock(branch.body, scope, depth)
      }
      return checkBlock(statement.otherwise, scope, depth)
    case 'for':
      check(statement.over, scope, depth)
      check(statement.target, scope, depth)
      return checkBlock(statement.body, scope, depth)
    case 'return':
      return statement.value === null ? undefined : check(statement.value, scope, depth)
    case 'break':
    case 'continue':
    case 'pass':
    case 'load':
      return undefined
  }
}

export function parameterNames(params: readonly Parameter[]): Set<string> {
  return new Set(params.map((param) => param.name).filter((name) => name !== ''))
}

function checkParameters(params: readonly Parameter[], scope: Scope, depth: number): void {
  for (const param of params) {
    if (param.fallback) check(param.fallback, scope, depth)
    checkAnnotation(param.annotation, scope, depth)
  }
}

function checkAnnotation(annotation: Expression | null, scope: Scope, depth: number): void {
  if (annotation) check(annotation, { names: typing, outer: scope }, depth)
}

function checkName(name: string, at: number, scope: Scope): void {
  for (let now: Scope | null = scope; now !== null; now = now.outer) if (now.names.has(name)) return
  throw new StarlarkProblem('starlark-undefined-name', `The name \`${name}\` does not exist here.`, at)
}

function check(expression: Expression, scope: Scope, above: number): void {
  const depth = above + 1
  if (depth > limits.depth) throw tooMuch('Nested too deeply', expression.from)
  switch (expression.kind) {
    case 'literal':
      return
    case 'name':
      return checkName(expression.name, expression.from, scope)
    case 'fstring':
      for (const part of expression.parts)
        if (part.kind === 'name') checkName(part.name, expression.from, scope)
      return
    case 'list':
    case 'tuple':
      for (const item of expression.items) check(item, scope, depth)
      return
    case 'dict':
      for (const [key, value] of expression.entries) {
        check(key, scope, depth)
        check(value, scope, depth)
      }
      return
    case 'comprehension': {
      const inner = checkClauses(expression.clauses, scope, depth)
      if (expression.key) check(expression.key, inner, depth)
      return check(expression.element, inner, depth)
    }
    case 'call':
      check(expression.callee, scope, depth)
      for (const arg of expression.args) check(arg.value, scope, depth)
      return
    case 'dot':
      return check(expression.object, scope, depth)
    case 'index':
      check(expression.object, scope, depth)
      return check(expression.index, scope, depth)
    case 'slice':
      check(expression.object, scope, depth)
      for (const bound of expression.bounds) if (bound) check(bound, scope, depth)
      return
    case 'unary':
      return check(expression.operand, scope, depth)
    case 'binary':
      check(expression.left, scope, depth)
      return check(expression.right, scope, depth)
    case 'conditional':
      check(expression.test, scope, depth)
      check(expression.yes, scope, depth)
      return check(expression.no, scope, depth)
    case 'lambda':
      checkParameters(expression.params, scope, depth)
      return check(expression.body, { names: parameterNames(expression.params), outer: scope }, depth)
  }
}

function checkClauses(clauses: readonly Clause[], scope: Scope, depth: number): Scope {
  let inner = scope
  for (const clause of clauses) {
    if (clause.kind === 'if') check(clause.test, inner, depth)
    else {
      check(clause.over, inner, depth)
      inner = { names: namesOf(clause.target, new Set()), outer: inner }
      check(clause.target, inner, depth)
    }
  }
  return inner
}
