import { bind, parameter, plainArguments } from './arguments.ts'
import { hasDictMethod, hasListMethod, setEntry } from './collection-methods.ts'
import { compare, quote, show } from './compare.ts'
import { hasStringMethod } from './string-methods.ts'
import {
  type Callable,
  type Dict,
  elements,
  isTrue,
  list,
  type Machine,
  points,
  problem,
  sized,
  spend,
  text,
  tuple,
  typeName,
  type Value,
  wrongType,
} from './value.ts'

type Run = (machine: Machine, values: readonly Value[]) => Value

function plain(name: string, fewest: number, most: number, run: Run): Callable {
  return {
    type: 'function',
    name,
    call: (machine, args) => run(machine, plainArguments(machine, name, args, fewest, most)),
  }
}

const number = (machine: Machine, value: Value | undefined): number => {
  if (typeof value !== 'number')
    throw wrongType(machine, `A number was expected, not a ${typeName(value ?? null)}.`)
  return value
}

const any = Number.POSITIVE_INFINITY
const every = (machine: Machine, value: Value | undefined): readonly Value[] =>
  elements(machine, value ?? null)

/** `sorted`, `max` and `min`: by value or by what `key` says of it. */
function ranked(
  machine: Machine,
  values: readonly Value[],
  key: Value,
): readonly (readonly [Value, Value])[] {
  sized(machine, values.length)
  return values.map((value) => [call(machine, key, value), value])
}

function call(machine: Machine, key: Value, value: Value): Value {
  if (key === null) return value
  if (typeof key !== 'object' || key.type !== 'function') throw wrongType(machine, '`key` is no function.')
  return key.call(machine, { positional: [value], named: new Map() })
}

const best = (name: string, sign: number): Callable => ({
  type: 'function',
  name,
  call: (machine, { positional, named }) => {
    const values = positional.length === 1 ? every(machine, positional[0]) : positional
    for (const other of named.keys())
      if (other !== 'key')
        throw problem(machine, 'starlark-unknown-parameter', `\`${name}\` has no parameter \`${other}\`.`)
    const [first, ...rest] = ranked(machine, values, named.get('key') ?? null)
    if (!first) throw wrongType(machine, `\`${name}\` of nothing has no value.`)
    return rest.reduce((a, b) => (compare(machine, b[0], a[0]) * sign > 0 ? b : a), first)[1]
  },
})

const range: Run = (machine, values) => {
  const [first, second, third] = values.map((value) => number(machine, value))
  const start = second === undefined ? 0 : (first ?? 0)
  const stop = second ?? first ?? 0
  const step = third ?? 1
  if (step === 0) throw wrongType(machine, 'The step of a range is 0.')
  const length = Math.max(0, Math.ceil((stop - start) / step))
  return { type: 'range', start, step, length }
}

const toInt: Run = (machine, [value, base]) => {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return Number(value)
  if (typeof value !== 'string' || (base !== undefined && base !== 10 && base !== 0))
    throw wrongType(machine, `A ${typeName(value ?? null)} is no whole number.`)
  if (!/^[+-]?[0-9]{1,15}$/.test(value))
    throw wrongType(machine, `${quote(machine, value)} is no whole number.`)
  return Number(value) + 0
}

const count: Run = (machine, [value]) => {
  if (typeof value === 'string') {
    return points(machine, value).length
  }
  if (value !== null && typeof value === 'object') {
    if (value.type === 'list' || value.type === 'tuple') return value.items.length
    if (value.type === 'dict') return value.entries.size
    if (value.type === 'range') return value.length
  }
  throw wrongType(machine, `A ${typeName(value ?? null)} has no length.`)
}

function hasMethod(value: Value, name: string): boolean {
  if (typeof value === 'string') return hasStringMethod(name)
  if (value === null || typeof value !== 'object') return false
  return value.type === 'list' ? hasListMethod(name) : value.type === 'dict' && hasDictMethod(name)
}

const dict: Callable = {
  type: 'function',
  name: 'dict',
  call: (machine, { positional, named }) => {
    const made: Dict = { type: 'dict', entries: new Map(), walks: 0 }
    if (positional.length > 1)
      throw problem(machine, 'starlark-unknown-parameter', '`dict` takes one value by position.')
    const [base] = positional
    if (base !== undefined) {
      if (base !== null && typeof base === 'object' && base.type === 'dict')
        for (const [key, value] of base.entries.values()) setEntry(machine, made, key, value)
      else
        for (const pair of every(machine, base)) {
          const [key, value, ...rest] = every(machine, pair)
          if (key === undefined || value === undefined || rest.length > 0)
            throw wrongType(machine, '`dict` needs pairs.')
          setEntry(machine, made, key, value)
        }
    }
    for (const [name, value] of named) setEntry(machine, made, name, value)
    return made
  },
}

const sorted: Callable = {
  type: 'function',
  name: 'sorted',
  call: (machine, args) => {
    const params = [
      { ...parameter('x'), byName: false },
      { ...parameter('key', null), byPosition: false },
      { ...parameter('reverse', false), byPosition: false },
    ]
    const [values, key, reverse] = bind(machine, 'sorted', params, args)
    const order = isTrue(reverse ?? null) ? -1 : 1
    const pairs = ranked(machine, every(machine, values), key ?? null)
    return list(
      machine,
      pairs.toSorted((a, b) => compare(machine, a[0], b[0]) * order).map(([, value]) => value),
    )
  },
}

const fail: Callable = {
  type: 'function',
  name: 'fail',
  call: (machine, { positional }) => {
    throw problem(machine, 'starlark-fail', text(machine, positional.map((v) => show(machine, v)).join(' ')))
  },
}

const enumerate: Run = (machine, [values, start]) => {
  const items = every(machine, values)
  spend(machine, items.length)
  const first = start === undefined ? 0 : number(machine, start)
  return list(
    machine,
    items.map((item, at) => tuple(machine, [first + at, item])),
  )
}

const zip: Run = (machine, values) => {
  const columns = values.map((value) => every(machine, value))
  const length = columns.length === 0 ? 0 : Math.min(...columns.map((column) => column.length))
  spend(machine, length * columns.length)
  return list(
    machine,
    Array.from({ length }, (_, at) =>
      tuple(
        machine,
        columns.map((column) => column[at] ?? null),
      ),
    ),
  )
}

/** What every file can use. No `print`, no `load`: Codex has neither. */
export const builtins: readonly Callable[] = [
  plain('abs', 1, 1, (machine, [value]) => Math.abs(number(machine, value))),
  plain('all', 1, 1, (machine, [values]) => every(machine, values).every(isTrue)),
  plain('any', 1, 1, (machine, [values]) => every(machine, values).some(isTrue)),
  plain('bool', 0, 1, (_machine, [value]) => isTrue(value ?? null)),
  dict,
  plain('enumerate', 1, 2, enumerate),
  fail,
  plain(
    'hasattr',
    2,
    2,
    (_machine, [value, name]) => typeof name === 'string' && hasMethod(value ?? null, name),
  ),
  plain('int', 1, 2, toInt),
  plain('len', 1, 1, count),
  plain('list', 0, 1, (machine, [values]) =>
    list(machine, values === undefined ? [] : [...every(machine, values)]),
  ),
  best('max', 1),
  best('min', -1),
  plain('range', 1, 3, range),
  plain('repr', 1, 1, (machine, [value]) => quote(machine, value ?? null)),
  plain('reversed', 1, 1, (machine, [values]) => list(machine, every(machine, values).toReversed())),
  sorted,
  plain('str', 1, 1, (machine, [value]) => show(machine, value ?? null)),
  plain('tuple', 0, 1, (machine, [values]) =>
    tuple(machine, values === undefined ? [] : [...every(machine, values)]),
  ),
  plain('type', 1, 1, (_machine, [value]) => typeName(value ?? null)),
  plain('zip', 0, any, zip),
]
