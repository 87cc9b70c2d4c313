import { type Machine, problem, spend, text, typeName, type Value, wrongType } from './value.ts'

const deepest = 40

/** Deep equality. @throws StarlarkProblem `starlark-limit` for values that contain themselves */
export function equals(machine: Machine, a: Value, b: Value, depth = 0): boolean {
  spend(machine, 1)
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (depth > deepest) throw problem(machine, 'starlark-limit', 'These values are nested too deeply.')
  if ((a.type === 'list' && b.type === 'list') || (a.type === 'tuple' && b.type === 'tuple'))
    return (
      a.items.length === b.items.length &&
      a.items.every((item, at) => equals(machine, item, b.items[at] ?? null, depth + 1))
    )
  if (a.type === 'range' && b.type === 'range')
    return a.length === b.length && a.start === b.start && a.step === b.step
  if (a.type !== 'dict' || b.type !== 'dict' || a.entries.size !== b.entries.size) return false
  for (const [key, [, value]] of a.entries) {
    const other = b.entries.get(key)
    if (other === undefined || !equals(machine, value, other[1], depth + 1)) return false
  }
  return true
}

/** Negative, 0 or positive. Strings by code point. @throws StarlarkProblem for what has no order */
export function compare(machine: Machine, a: Value, b: Value, depth = 0): number {
  spend(machine, 1)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (
    a !== null &&
    b !== null &&
    typeof a === 'object' &&
    typeof b === 'object' &&
    ((a.type === 'list' && b.type === 'list') || (a.type === 'tuple' && b.type === 'tuple')) &&
    depth <= deepest
  ) {
    for (const [at, item] of a.items.entries()) {
      if (at >= b.items.length) return 1
      const order = compare(machine, item, b.items[at] ?? null, depth + 1)
      if (order !== 0) return order
    }
    return a.items.length - b.items.length
  }
  throw wrongType(machine, `A ${typeName(a)} and a ${typeName(b)} have no order.`)
}

/** Order by code point: JavaScript compares by half pairs. */
function compareText(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let at = 0; at < end; at += 1) {
    if (a.charCodeAt(at) !== b.charCodeAt(at)) return (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0)
  }
  return a.length - b.length
}

/** As `str()` has it: a string is itself. */
export const show = (machine: Machine, value: Value): string =>
  typeof value === 'string' ? value : quote(machine, value)

/** As `repr()` has it. */
export function quote(machine: Machine, value: Value, depth = 0): string {
  spend(machine, 1)
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return text(machine, JSON.stringify(value))
  if (depth > deepest) throw problem(machine, 'starlark-limit', 'This value is nested too deeply.')
  const inside = (items: readonly Value[]): string =>
    items.map((item) => quote(machine, item, depth + 1)).join(', ')
  switch (value.type) {
    case 'list':
      return text(machine, `[${inside(value.items)}]`)
    case 'tuple':
      return text(
        machine,
        value.items.length === 1 ? `(${inside(value.items)},)` : `(${inside(value.items)})`,
      )
    case 'dict':
      return text(
        machine,
        `{${Array.from(value.entries.values(), ([key, item]) => `${quote(machine, key, depth + 1)}: ${quote(machine, item, depth + 1)}`).join(', ')}}`,
      )
    case 'range':
      return `range(${value.start}, ${value.start + value.length * value.step}, ${value.step})`
    case 'function':
      return `<function ${value.name}>`
  }
}
