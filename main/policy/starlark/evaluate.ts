import { type BoundParameter, bind } from './arguments.ts'
import {
  callDictMethod,
  callListMethod,
  hasDictMethod,
  hasListMethod,
  setEntry,
} from './collection-methods.ts'
import { quote, show } from './compare.ts'
import { readIndex, readSlice } from './index-value.ts'
import { isType, operate, operateUnary } from './operate.ts'
import { limits, StarlarkProblem } from './starlark-problem.ts'
import { callStringMethod, hasStringMethod } from './string-methods.ts'
import type { Argument, Clause, Expression, Parameter, Statement } from './syntax.ts'
import {
  type Callable,
  type Dict,
  elements,
  isTrue,
  keyOf,
  list,
  type Machine,
  problem,
  spend,
  text,
  tuple,
  typeName,
  type Value,
  wrongType,
} from './value.ts'

/** Variables of a function call, a comprehension or the file. A name belongs to the innermost that declares it. */
export type Environment = {
  readonly values: Map<string, Value>
  /** Names that are variables here even before they have a value. */
  readonly declared: ReadonlySet<string>
  readonly outer: Environment | null
}

/** Runs a function body; given by the statements' side so that neither file needs the other at load. */
export type RunBody = (machine: Machine, body: readonly Statement[], environment: Environment) => Value

/** @throws StarlarkProblem */
export function evaluate(machine: Machine, expression: Expression, env: Environment): Value {
  spend(machine, 1)
  machine.depth += 1
  if (machine.depth > limits.depth)
    throw new StarlarkProblem('starlark-limit', 'Nested too deeply. Write the rules out.', expression.from)
  const value = evaluateInside(machine, expression, env)
  machine.depth -= 1
  return value
}

function evaluateInside(machine: Machine, expression: Expression, env: Environment): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'name':
      return lookUp(machine, expression.name, expression.from, env)
    case 'fstring':
      return fill(machine, expression, env)
    case 'list':
    case 'tuple': {
      const items = expression.items.map((item) => evaluate(machine, item, env))
      return expression.kind === 'list'
        ? list(at(machine, expression), items)
        : tuple(at(machine, expression), items)
    }
    case 'dict': {
      const dict: Dict = { type: 'dict', entries: new Map(), walks: 0 }
      for (const [left, right] of expression.entries) {
        const key = evaluate(machine, left, env)
        const value = evaluate(machine, right, env)
        const known = dict.entries.has(keyOf(at(machine, left), key))
        if (known) throw wrongType(machine, 'This key stands twice in the dict.')
        setEntry(machine, dict, key, value)
      }
      return dict
    }
    case 'comprehension':
      return comprehend(machine, expression, env)
    case 'call':
      return call(machine, expression, env)
    case 'dot': {
      const object = evaluate(machine, expression.object, env)
      return methodOf(at(machine, expression), object, expression.name)
    }
    case 'index': {
      const object = evaluate(machine, expression.object, env)
      const index = evaluate(machine, expression.index, env)
      return readIndex(at(machine, expression), object, index)
    }
    case 'slice': {
      const object = evaluate(machine, expression.object, env)
      const bounds = expression.bounds.map((bound) => (bound ? evaluate(machine, bound, env) : null))
      return readSlice(at(machine, expression), object, bounds)
    }
    case 'unary': {
      const operand = evaluate(machine, expression.operand, env)
      return operateUnary(at(machine, expression), expression.op, operand)
    }
    case 'binary': {
      const left = evaluate(machine, expression.left, env)
      if (expression.op === 'and') return isTrue(left) ? evaluate(machine, expression.right, env) : left
      if (expression.op === 'or') return isTrue(left) ? left : evaluate(machine, expression.right, env)
      const right = evaluate(machine, expression.right, env)
      return operate(at(machine, expression), expression.op, left, right)
    }
    case 'conditional':
      return evaluate(
        machine,
        isTrue(evaluate(machine, expression.test, env)) ? expression.yes : expression.no,
        env,
      )
    case 'lambda': {
      const { body } = expression
      return makeFunction(machine, 'lambda', expression.params, new Set(), env, (inside, environment) =>
        evaluate(inside, body, environment),
      )
    }
  }
}

/** Notes where the machine works, for problems. */
function at(machine: Machine, place: { readonly from: number; readonly to: number }): Machine {
  machine.from = place.from
  machine.to = place.to
  return machine
}

function lookUp(machine: Machine, name: string, from: number, env: Environment): Value {
  for (let now: Environment | null = env; now !== null; now = now.outer) {
    const value = now.values.get(name)
    if (value !== undefined) return value
    if (now.declared.has(name)) break
  }
  machine.from = from
  throw problem(machine, 'starlark-undefined-name', `\`${name}\` has no value yet.`)
}

function fill(machine: Machine, expression: Expression & { kind: 'fstring' }, env: Environment): string {
  const parts = expression.parts.map((part) => {
    if (part.kind === 'text') return part.text
    const value = lookUp(machine, part.name, expression.from, env)
    return part.quoted ? quote(at(machine, expression), value) : show(at(machine, expression), value)
  })
  return text(at(machine, expression), parts.join(''))
}

function call(machine: Machine, expression: Expression & { kind: 'call' }, env: Environment): Value {
  const callee = evaluate(machine, expression.callee, env)
  const positional: Value[] = []
  const named = new Map<string, Value>()
  for (const arg of expression.args)
    collect(machine, arg, evaluate(machine, arg.value, env), positional, named)
  at(machine, expression)
  if (callee === null || typeof callee !== 'object' || callee.type !== 'function')
    throw wrongType(machine, `A ${typeName(callee)} cannot be called.`)
  machine.calls += 1
  if (machine.calls > limits.calls)
    throw problem(machine, 'starlark-recursion', 'Functions call each other too deeply here.')
  const value = callee.call(machine, { positional, named })
  machine.calls -= 1
  return value
}

function collect(
  machine: Machine,
  arg: Argument,
  value: Value,
  positional: Value[],
  named: Map<string, Value>,
): void {
  at(machine, arg)
  if (arg.kind === 'positional') positional.push(value)
  else if (arg.kind === 'named') named.set(arg.name, value)
  else if (arg.kind === 'list') for (const item of elements(machine, value)) positional.push(item)
  else {
    if (!isType(value, 'dict')) throw wrongType(machine, `A ${typeName(value)} cannot follow **.`)
    for (const [key, item] of value.entries.values()) {
      if (typeof key !== 'string') throw wrongType(machine, 'Names of arguments are strings.')
      if (named.has(key))
        throw problem(machine, 'starlark-unknown-parameter', `The argument \`${key}\` is given twice.`)
      named.set(key, item)
    }
  }
}

function methodOf(machine: Machine, object: Value, name: string): Callable {
  if (typeof object === 'string' && hasStringMethod(name))
    return { type: 'function', name, call: (inside, args) => callStringMethod(inside, object, name, args) }
  if (isType(object, 'list') && hasListMethod(name))
    return { type: 'function', name, call: (inside, args) => callListMethod(inside, object, name, args) }
  if (isType(object, 'dict') && hasDictMethod(name))
    return { type: 'function', name, call: (inside, args) => callDictMethod(inside, object, name, args) }
  throw wrongType(machine, `A ${typeName(object)} has no \`${name}\`.`)
}

/** A function with its fallbacks worked out where it is defined. */
export function makeFunction(
  machine: Machine,
  name: string,
  params: readonly Parameter[],
  declared: ReadonlySet<string>,
  outer: Environment,
  run: (machine: Machine, env: Environment) => Value,
): Callable {
  const bound = boundParameters(machine, params, outer)
  const names = bound.map((param) => param.name)
  const all = new Set([...declared, ...names])
  return {
    type: 'function',
    name,
    call: (inside, args) => {
      const values = bind(inside, name, bound, args)
      const env = {
        values: new Map(names.map((param, index) => [param, values[index] ?? null])),
        declared: all,
        outer,
      }
      return run(inside, env)
    },
  }
}

function boundParameters(machine: Machine, params: readonly Parameter[], env: Environment): BoundParameter[] {
  const bound: BoundParameter[] = []
  let byPosition = true
  const slash = params.findIndex((param) => param.kind === 'slash')
  for (const [index, param] of params.entries()) {
    if (param.kind === 'list' || param.kind === 'barrier') byPosition = false
    if (param.kind === 'slash' || param.kind === 'barrier') continue
    const fallback = param.fallback ? evaluate(machine, param.fallback, env) : undefined
    bound.push({ name: param.name, kind: param.kind, fallback, byPosition, byName: index > slash })
  }
  return bound
}

function comprehend(
  machine: Machine,
  expression: Expression & { kind: 'comprehension' },
  env: Environment,
): Value {
  const items: Value[] = []
  const dict: Dict = { type: 'dict', entries: new Map(), walks: 0 }
  walkClauses(machine, expression.clauses, 0, env, (inner) => {
    if (expression.key) {
      const key = evaluate(machine, expression.key, inner)
      setEntry(at(machine, expression), dict, key, evaluate(machine, expression.element, inner))
    } else {
      items.push(evaluate(machine, expression.element, inner))
    }
  })
  return expression.key ? dict : list(at(machine, expression), items)
}

function walkClauses(
  machine: Machine,
  clauses: readonly Clause[],
  index: number,
  env: Environment,
  visit: (env: Environment) => void,
): void {
  const clause = clauses[index]
  if (!clause) return visit(env)
  if (clause.kind === 'if') {
    if (isTrue(evaluate(machine, clause.test, env))) walkClauses(machine, clauses, index + 1, env, visit)
    return
  }
  const over = evaluate(machine, clause.over, env)
  const inner: Environment = { values: new Map(), declared: new Set(), outer: env }
  walk(at(machine, clause.over), over, (item) => {
    assign(machine, clause.target, item, inner, env)
    walkClauses(machine, clauses, index + 1, inner, visit)
    return true
  })
}

/** Goes over a value, which cannot change meanwhile, until `visit` says false. */
export function walk(machine: Machine, over: Value, visit: (item: Value) => boolean): void {
  const items = elements(machine, over)
  const held = isType(over, 'list') || isType(over, 'dict') ? over : null
  if (held) held.walks += 1
  for (const item of items) {
    spend(machine, 1)
    if (!visit(item)) break
  }
  if (held) held.walks -= 1
}

/** Assigns to names in `env`; what stands in positions and keys is worked out in `reading`. */
export function assign(
  machine: Machine,
  target: Expression,
  value: Value,
  env: Environment,
  reading: Environment = env,
): void {
  if (target.kind === 'name') env.values.set(target.name, value)
  else if (target.kind === 'tuple' || target.kind === 'list') {
    const items = elements(at(machine, target), value)
    if (items.length !== target.items.length)
      throw wrongType(machine, `${items.length} values do not fit ${target.items.length} names.`)
    for (const [index, part] of target.items.entries())
      assign(machine, part, items[index] ?? null, env, reading)
  } else if (target.kind === 'index') {
    const object = evaluate(machine, target.object, reading)
    const index = evaluate(machine, target.index, reading)
    at(machine, target)
    if (isType(object, 'dict')) setEntry(machine, object, index, value)
    else if (isType(object, 'list') && typeof index === 'number') {
      const place = index < 0 ? index + object.items.length : index
      if (place < 0 || place >= object.items.length)
        throw wrongType(machine, 'The list has no such position.')
      if (object.walks > 0) throw wrongType(machine, 'This list cannot change while a loop goes over it.')
      object.items[place] = value
    } else throw wrongType(machine, `Nothing can be set in a ${typeName(object)} here.`)
  } else throw wrongType(at(machine, target), 'Nothing can be assigned to this.')
}
