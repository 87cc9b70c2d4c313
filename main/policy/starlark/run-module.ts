import { builtins } from './builtins.ts'
import { assignedIn, checkNames, parameterNames } from './check-names.ts'
import { assign, type Environment, evaluate, makeFunction, walk } from './evaluate.ts'
import { operate } from './operate.ts'
import { limits, StarlarkProblem, tooMuch } from './starlark-problem.ts'
import type { Expression, Statement } from './syntax.ts'
import { type Callable, isTrue, type Machine, newMachine, spend, type Value } from './value.ts'

/** A file being run: its variables stay from one piece to the next. */
export type StarlarkRun = {
  readonly machine: Machine
  readonly globals: Environment
}

/** How a block ended. */
type End =
  | { readonly kind: 'fell' | 'break' | 'continue' }
  | { readonly kind: 'return'; readonly value: Value }

const fell: End = { kind: 'fell' }

/** @param functions what the file can call besides the built-in functions */
export function startRun(functions: readonly Callable[]): StarlarkRun {
  const known = new Map<string, Value>([...builtins, ...functions].map((entry) => [entry.name, entry]))
  const outer: Environment = { values: known, declared: new Set(), outer: null }
  return { machine: newMachine(), globals: { values: new Map(), declared: new Set(), outer } }
}

/**
 * Runs statements. Names are checked first, so nothing runs when one is misspelled.
 *
 * @throws StarlarkProblem
 */
export function runStatements(run: StarlarkRun, statements: readonly Statement[]): void {
  checkNames(statements, [run.globals.outer?.values ?? new Map<string, Value>(), run.globals.values])
  const { machine } = run
  machine.depth = 0
  machine.calls = 0
  // Built-in names that the file assigns are its own from the start, even before they have a value.
  const globals = { ...run.globals, declared: assignedIn(statements) }
  try {
    runBlock(machine, statements, globals)
  } catch (thrown) {
    // The limits keep far below this; it stays a refusal should the stack be small.
    if (thrown instanceof RangeError) throw tooMuch('Nested too deeply', machine.from)
    throw thrown
  }
}

function runBlock(machine: Machine, statements: readonly Statement[], env: Environment): End {
  for (const statement of statements) {
    const end = runStatement(machine, statement, env)
    if (end.kind !== 'fell') return end
  }
  return fell
}

function runStatement(machine: Machine, statement: Statement, env: Environment): End {
  spend(machine, 1)
  switch (statement.kind) {
    case 'expression':
      evaluate(machine, statement.value, env)
      return fell
    case 'assign':
      runAssign(machine, statement, env)
      return fell
    case 'def': {
      const { body, params } = statement
      const declared = assignedIn(body, parameterNames(params))
      const made = makeFunction(machine, statement.name, params, declared, env, (inside, local) => {
        const end = runFunction(inside, body, local)
        return end.kind === 'return' ? end.value : null
      })
      env.values.set(statement.name, made)
      return fell
    }
    case 'if': {
      const branch = statement.branches.find(({ test }) => isTrue(evaluate(machine, test, env)))
      return runBlock(machine, branch ? branch.body : statement.otherwise, env)
    }
    case 'for':
      return runFor(machine, statement, env)
    case 'return':
      return { kind: 'return', value: statement.value ? evaluate(machine, statement.value, env) : null }
    case 'break':
    case 'continue':
      return { kind: statement.kind }
    case 'pass':
      return fell
    case 'load':
      throw new StarlarkProblem(
        'starlark-load',
        `Rules cannot load other files (\`${statement.module}\`).`,
        statement.from,
      )
  }
}

function runFunction(machine: Machine, body: readonly Statement[], env: Environment): End {
  machine.depth += 1
  if (machine.depth > limits.depth) throw tooMuch('Nested too deeply', machine.from)
  const end = runBlock(machine, body, env)
  machine.depth -= 1
  return end
}

function runFor(machine: Machine, statement: Statement & { kind: 'for' }, env: Environment): End {
  const over = evaluate(machine, statement.over, env)
  machine.from = statement.over.from
  let result: End = fell
  walk(machine, over, (item) => {
    assign(machine, statement.target, item, env)
    const end = runBlock(machine, statement.body, env)
    if (end.kind === 'return') result = end
    return end.kind !== 'return' && end.kind !== 'break'
  })
  return result
}

function runAssign(machine: Machine, statement: Statement & { kind: 'assign' }, env: Environment): void {
  const { target, op } = statement
  if (op === null) return assign(machine, target, evaluate(machine, statement.value, env), env)
  const old = evaluate(machine, target, env)
  const value = evaluate(machine, statement.value, env)
  machine.from = statement.from
  assign(machine, target, augmented(machine, op, old, value, target), env)
}

/** `+=` changes a list in place, so other names of it see the change. */
function augmented(machine: Machine, op: string, old: Value, value: Value, target: Expression): Value {
  const grown = operate(machine, op, old, value)
  const inPlace = op === '+' && old !== null && typeof old === 'object' && old.type === 'list'
  if (!inPlace || grown === null || typeof grown !== 'object' || grown.type !== 'list') return grown
  if (old.walks > 0)
    throw new StarlarkProblem(
      'starlark-wrong-type',
      'This list cannot change while a loop goes over it.',
      target.from,
    )
  for (const item of grown.items.slice(old.items.length)) old.items.push(item)
  return old
}
