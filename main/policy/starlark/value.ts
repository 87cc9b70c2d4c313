import type { RuleErrorKind } from '../rules/rule.ts'
import { limits, StarlarkProblem } from './starlark-problem.ts'

/** `walks` counts the loops that go over it now; it cannot be changed meanwhile. */
export type List = { readonly type: 'list'; readonly items: Value[]; walks: number }
export type Tuple = { readonly type: 'tuple'; readonly items: readonly Value[] }
export type Dict = {
  readonly type: 'dict'
  readonly entries: Map<string, readonly [Value, Value]>
  walks: number
}
export type Range = {
  readonly type: 'range'
  readonly start: number
  readonly step: number
  readonly length: number
}
export type CallArguments = {
  readonly positional: readonly Value[]
  readonly named: ReadonlyMap<string, Value>
}
export type Callable = {
  readonly type: 'function'
  readonly name: string
  readonly call: (machine: Machine, args: CallArguments) => Value
}
export type Value = null | boolean | number | string | List | Tuple | Dict | Range | Callable

/** What one run has used up, and where it is. */
export type Machine = {
  effort: number
  depth: number
  calls: number
  /** The expression being worked on: where problems are told. */
  from: number
  to: number
}

export const newMachine = (): Machine => ({ effort: 0, depth: 0, calls: 0, from: 0, to: 0 })

/** A problem at the place the machine is at. */
export const problem = (machine: Machine, kind: RuleErrorKind, message: string): StarlarkProblem =>
  new StarlarkProblem(kind, message, machine.from)

export const wrongType = (machine: Machine, message: string): StarlarkProblem =>
  problem(machine, 'starlark-wrong-type', message)

/** Pays for work. @throws StarlarkProblem `starlark-limit` when a run has used up what it may */
export function spend(machine: Machine, effort: number): void {
  machine.effort += effort
  if (machine.effort > limits.effort)
    throw problem(machine, 'starlark-limit', 'This file takes too long to work out. Write the rules out.')
}

/** Pays for a string of its length. */
export function text(machine: Machine, value: string): string {
  if (value.length > limits.string) throw problem(machine, 'starlark-limit', 'A string gets too long here.')
  spend(machine, value.length >> 4)
  return value
}

export function list(machine: Machine, items: Value[]): List {
  sized(machine, items.length)
  return { type: 'list', items, walks: 0 }
}

export function tuple(machine: Machine, items: readonly Value[]): Tuple {
  sized(machine, items.length)
  return { type: 'tuple', items }
}

/** Pays for a collection of `length` elements. */
export function sized(machine: Machine, length: number): void {
  if (length > limits.elements) throw problem(machine, 'starlark-limit', 'A collection gets too large here.')
  spend(machine, length >> 1)
}

/** Refuses a collection that grew too large; growing by one costs what one step costs. */
export function grown(machine: Machine, length: number): void {
  if (length > limits.elements) throw problem(machine, 'starlark-limit', 'A collection gets too large here.')
  spend(machine, 1)
}

/** Code points of a string, which Starlark counts by. Costs more than most work on strings. */
export function points(machine: Machine, value: string): readonly string[] {
  spend(machine, value.length >> 1)
  return Array.from(value)
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'int'
  return typeof value === 'string' ? 'string' : value.type
}

export function isTrue(value: Value): boolean {
  if (value === null || typeof value !== 'object') return Boolean(value)
  if (value.type === 'function') return true
  if (value.type === 'range') return value.length > 0
  return value.type === 'dict' ? value.entries.size > 0 : value.items.length > 0
}

/** Elements in order. Callers that run other code meanwhile count `walks`. */
export function elements(machine: Machine, value: Value): readonly Value[] {
  if (value !== null && typeof value === 'object') {
    if (value.type === 'list' || value.type === 'tuple') {
      spend(machine, value.items.length >> 1)
      return value.items
    }
    if (value.type === 'dict') {
      sized(machine, value.entries.size)
      return Array.from(value.entries.values(), ([key]) => key)
    }
    if (value.type === 'range') {
      sized(machine, value.length)
      return Array.from({ length: value.length }, (_, at) => value.start + at * value.step)
    }
  }
  throw wrongType(machine, `A ${typeName(value)} cannot be gone over element by element.`)
}

/** @throws StarlarkProblem for a list, dict or function: they cannot be keys */
export function keyOf(machine: Machine, value: Value, depth = 0): string {
  if (typeof value === 'string') return `s${value}`
  if (value === null || typeof value !== 'object') return `${typeof value}${String(value)}`
  if (value.type === 'tuple' && depth < 20) {
    sized(machine, value.items.length)
    return text(machine, `t${JSON.stringify(value.items.map((item) => keyOf(machine, item, depth + 1)))}`)
  }
  throw wrongType(machine, `A ${typeName(value)} cannot be a key.`)
}

/** @throws StarlarkProblem when a loop goes over it */
export function checkChangeable(machine: Machine, value: List | Dict): void {
  if (value.walks > 0) throw wrongType(machine, `This ${value.type} cannot change while a loop goes over it.`)
}
