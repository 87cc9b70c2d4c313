import { compare, equals } from './compare.ts'
import { formatPercent } from './format-text.ts'
import {
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

/** Result of a unary operator. @throws StarlarkProblem */
export function operateUnary(machine: Machine, op: string, value: Value): Value {
  if (op === 'not') return !isTrue(value)
  if (typeof value !== 'number')
    throw wrongType(machine, `\`${op}\` needs a number, not a ${typeName(value)}.`)
  return whole(machine, op === '-' ? 0 - value : op === '~' ? -value - 1 : value)
}

/** Result of a binary operator other than `and` and `or`. @throws StarlarkProblem */
export function operate(machine: Machine, op: string, a: Value, b: Value): Value {
  switch (op) {
    case '==':
      return equals(machine, a, b)
    case '!=':
      return !equals(machine, a, b)
    case '<':
      return compare(machine, a, b) < 0
    case '>':
      return compare(machine, a, b) > 0
    case '<=':
      return compare(machine, a, b) <= 0
    case '>=':
      return compare(machine, a, b) >= 0
    case 'in':
      return contains(machine, a, b)
    case 'not in':
      return !contains(machine, a, b)
  }
  if (typeof a === 'number' && typeof b === 'number') return calculate(machine, op, a, b)
  if (op === '%' && typeof a === 'string') return formatPercent(machine, a, b)
  if (op === '+') {
    if (typeof a === 'string' && typeof b === 'string') return text(machine, a + b)
    if (isType(a, 'list') && isType(b, 'list')) return list(machine, [...a.items, ...b.items])
    if (isType(a, 'tuple') && isType(b, 'tuple')) return tuple(machine, [...a.items, ...b.items])
  }
  if (op === '*') {
    if (typeof a === 'number') return repeat(machine, b, a)
    if (typeof b === 'number') return repeat(machine, a, b)
  }
  if (op === '|' && isType(a, 'dict') && isType(b, 'dict')) {
    spend(machine, a.entries.size + b.entries.size)
    return { type: 'dict', entries: new Map([...a.entries, ...b.entries]), walks: 0 }
  }
  throw wrongType(machine, `\`${op}\` does not work for a ${typeName(a)} and a ${typeName(b)}.`)
}

export function isType<T extends 'list' | 'tuple' | 'dict' | 'range' | 'function'>(
  value: Value,
  type: T,
): value is Extract<Value, { readonly type: T }> {
  return value !== null && typeof value === 'object' && value.type === type
}

function contains(machine: Machine, a: Value, b: Value): boolean {
  if (typeof b === 'string') {
    if (typeof a !== 'string') throw wrongType(machine, '`in` looks for a string in a string.')
    spend(machine, b.length >> 4)
    return b.includes(a)
  }
  if (isType(b, 'dict')) return b.entries.has(keyOf(machine, a))
  return elements(machine, b).some((item) => equals(machine, item, a))
}

function repeat(machine: Machine, value: Value, times: number): Value {
  const count = Math.max(0, times)
  if (typeof value === 'string') {
    if (value.length * count > 1_000_000)
      throw problem(machine, 'starlark-limit', 'A string gets too long here.')
    return text(machine, value.repeat(value === '' ? 0 : count))
  }
  if (isType(value, 'list') || isType(value, 'tuple')) {
    const length = value.items.length * count
    if (length > 100_000) throw problem(machine, 'starlark-limit', 'A collection gets too large here.')
    const items = Array.from({ length }, (_, at) => value.items[at % value.items.length] ?? null)
    return value.type === 'list' ? list(machine, items) : tuple(machine, items)
  }
  throw wrongType(machine, `\`*\` does not work for a ${typeName(value)}.`)
}

function calculate(machine: Machine, op: string, a: number, b: number): number {
  switch (op) {
    case '+':
      return whole(machine, a + b)
    case '-':
      return whole(machine, a - b)
    case '*':
      return whole(machine, a * b)
    case '//':
    case '%': {
      if (b === 0) throw wrongType(machine, 'A number cannot be divided by 0.')
      const rest = a % b
      const modulo = rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest
      return whole(machine, op === '%' ? modulo : (a - modulo) / b)
    }
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      return bits(machine, op, a, b)
    default:
      throw wrongType(machine, `\`${op}\` does not work for whole numbers.`)
  }
}

function bits(machine: Machine, op: string, a: number, b: number): number {
  if ((op === '<<' || op === '>>') && (b < 0 || b > 64))
    throw wrongType(machine, 'A number cannot be shifted by that much.')
  const [left, right] = [BigInt(a), BigInt(b)]
  const result =
    op === '&'
      ? left & right
      : op === '|'
        ? left | right
        : op === '^'
          ? left ^ right
          : op === '<<'
            ? left << right
            : left >> right
  return whole(machine, Number(result))
}

function whole(machine: Machine, value: number): number {
  if (!Number.isSafeInteger(value)) throw problem(machine, 'starlark-limit', 'A number gets too large here.')
  return value === 0 ? 0 : value
}
