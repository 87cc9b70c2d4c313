import { plainArguments } from './arguments.ts'
import { equals } from './compare.ts'
import {
  type CallArguments,
  checkChangeable,
  type Dict,
  elements,
  grown,
  keyOf,
  type List,
  list,
  type Machine,
  sized,
  spend,
  tuple,
  type Value,
  wrongType,
} from './value.ts'

type Entry<Self> = {
  readonly fewest: number
  readonly most: number
  readonly run: (machine: Machine, self: Self, args: readonly Value[]) => Value
}

const position = (machine: Machine, self: List, value: Value | undefined): number => {
  if (typeof value !== 'number') throw wrongType(machine, 'A position is a number.')
  return value < 0 ? value + self.items.length : value
}

const listMethods: Readonly<Record<string, Entry<List>>> = {
  append: {
    fewest: 1,
    most: 1,
    run: (machine, self, [value]) => {
      checkChangeable(machine, self)
      self.items.push(value ?? null)
      grown(machine, self.items.length)
      return null
    },
  },
  clear: {
    fewest: 0,
    most: 0,
    run: (machine, self) => {
      checkChangeable(machine, self)
      self.items.length = 0
      return null
    },
  },
  extend: {
    fewest: 1,
    most: 1,
    run: (machine, self, [more]) => {
      checkChangeable(machine, self)
      const added = [...elements(machine, more ?? null)]
      sized(machine, added.length)
      grown(machine, self.items.length + added.length)
      for (const item of added) self.items.push(item)
      return null
    },
  },
  index: {
    fewest: 1,
    most: 1,
    run: (machine, self, [value]) => {
      const at = self.items.findIndex((item) => equals(machine, item, value ?? null))
      if (at === -1) throw wrongType(machine, 'The list does not hold this value.')
      return at
    },
  },
  insert: {
    fewest: 2,
    most: 2,
    run: (machine, self, [at, value]) => {
      checkChangeable(machine, self)
      sized(machine, self.items.length)
      self.items.splice(Math.max(0, position(machine, self, at)), 0, value ?? null)
      return null
    },
  },
  pop: {
    fewest: 0,
    most: 1,
    run: (machine, self, [at]) => {
      checkChangeable(machine, self)
      const index = position(machine, self, at ?? -1)
      if (index < 0 || index >= self.items.length) throw wrongType(machine, 'The list has no such position.')
      spend(machine, self.items.length >> 1)
      return self.items.splice(index, 1)[0] ?? null
    },
  },
  remove: {
    fewest: 1,
    most: 1,
    run: (machine, self, [value]) => {
      checkChangeable(machine, self)
      const at = self.items.findIndex((item) => equals(machine, item, value ?? null))
      if (at === -1) throw wrongType(machine, 'The list does not hold this value.')
      self.items.splice(at, 1)
      return null
    },
  },
}

const dictMethods: Readonly<Record<string, Entry<Dict>>> = {
  clear: {
    fewest: 0,
    most: 0,
    run: (machine, self) => {
      checkChangeable(machine, self)
      self.entries.clear()
      return null
    },
  },
  get: {
    fewest: 1,
    most: 2,
    run: (machine, self, [key, fallback]) =>
      self.entries.get(keyOf(machine, key ?? null))?.[1] ?? fallback ?? null,
  },
  items: {
    fewest: 0,
    most: 0,
    run: (machine, self) => {
      spend(machine, self.entries.size)
      return list(
        machine,
        Array.from(self.entries.values(), (entry) => tuple(machine, entry)),
      )
    },
  },
  keys: { fewest: 0, most: 0, run: (machine, self) => list(machine, [...elements(machine, self)]) },
  pop: {
    fewest: 1,
    most: 2,
    run: (machine, self, args) => {
      checkChangeable(machine, self)
      const key = keyOf(machine, args[0] ?? null)
      const entry = self.entries.get(key)
      if (!entry && args.length < 2) throw wrongType(machine, 'The dict has no such key.')
      self.entries.delete(key)
      return entry ? entry[1] : (args[1] ?? null)
    },
  },
  setdefault: {
    fewest: 1,
    most: 2,
    run: (machine, self, [key, fallback]) => {
      const known = self.entries.get(keyOf(machine, key ?? null))
      if (known) return known[1]
      setEntry(machine, self, key ?? null, fallback ?? null)
      return fallback ?? null
    },
  },
  update: {
    fewest: 1,
    most: 1,
    run: (machine, self, [other]) => {
      if (other === null || typeof other !== 'object' || other.type !== 'dict')
        throw wrongType(machine, '`update` needs a dict.')
      for (const [key, value] of other.entries.values()) setEntry(machine, self, key, value)
      return null
    },
  },
  values: {
    fewest: 0,
    most: 0,
    run: (machine, self) =>
      list(
        machine,
        Array.from(self.entries.values(), ([, value]) => value),
      ),
  },
}

/** Sets one entry of a dict. @throws StarlarkProblem */
export function setEntry(machine: Machine, dict: Dict, key: Value, value: Value): void {
  checkChangeable(machine, dict)
  dict.entries.set(keyOf(machine, key), [key, value])
  grown(machine, dict.entries.size)
}

export const hasListMethod = (name: string): boolean => Object.hasOwn(listMethods, name)
export const hasDictMethod = (name: string): boolean => Object.hasOwn(dictMethods, name)

/** @throws StarlarkProblem for an unknown method or wrong values */
export function callListMethod(machine: Machine, self: List, name: string, args: CallArguments): Value {
  const entry = Object.hasOwn(listMethods, name) ? listMethods[name] : undefined
  if (!entry) throw wrongType(machine, `A list has no method \`${name}\`.`)
  return entry.run(machine, self, plainArguments(machine, name, args, entry.fewest, entry.most))
}

/** @throws StarlarkProblem for an unknown method or wrong values */
export function callDictMethod(machine: Machine, self: Dict, name: string, args: CallArguments): Value {
  const entry = Object.hasOwn(dictMethods, name) ? dictMethods[name] : undefined
  if (!entry) throw wrongType(machine, `A dict has no method \`${name}\`.`)
  return entry.run(machine, self, plainArguments(machine, name, args, entry.fewest, entry.most))
}
