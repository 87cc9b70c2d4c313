import type { Json } from '../../../protocol/config.ts'
import { isTable, toJson } from './layer.ts'
import type { PathPlace } from './plain-path.ts'
import { resolvePlain } from './plain-path.ts'

/** What reading one value came to: the value to use, or the end of a sentence that begins with the key. */
export type Read = { readonly value: Json } | { readonly wrong: string }
export type ReadValue = (value: unknown, place: PathPlace) => Read

/**
 * What a key may hold. `narrow` is what holds in place of a wrong value, above whatever other layers say; without
 * it a wrong value has no effect because nothing is decided by it.
 */
export type Shape =
  | { readonly kind: 'value'; readonly read: ReadValue; readonly narrow?: Json }
  | {
      readonly kind: 'table'
      readonly keys: Readonly<Record<string, Shape>>
      /** For every other name; without it other names are unknown keys. */
      readonly names?: (name: string) => Shape
      readonly narrow?: Json
      /** Also accepted in place of the table. */
      readonly or?: ReadValue
    }
  /** A key of Codex that means nothing here. Its type is checked all the same. */
  | { readonly kind: 'unused'; readonly type: UnusedType }

export type UnusedType = 'text' | 'flag' | 'number' | 'table' | 'list' | 'any'

const quoted = (options: readonly string[]): string => options.map((option) => `"${option}"`).join(', ')

export const flag = (narrow?: boolean): Shape => ({
  kind: 'value',
  read: readFlag,
  ...(narrow === undefined ? {} : { narrow }),
})

export const readFlag: ReadValue = (value) =>
  typeof value === 'boolean' ? { value } : { wrong: 'must be true or false' }

export const text = (): Shape => ({ kind: 'value', read: readText })

export const readText: ReadValue = (value) =>
  typeof value === 'string' ? { value } : { wrong: 'must be a text in quotes' }

/** A whole number from `min`. */
export const count = (min = 0): Shape => ({
  kind: 'value',
  read: (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min
      ? { value }
      : { wrong: `must be a whole number from ${min}` },
})

/** One of some words. `same` maps other spellings to them. */
export const oneOf = (
  options: readonly string[],
  narrow?: string,
  same: Readonly<Record<string, string>> = {},
): Shape => ({
  kind: 'value',
  read: (value) => {
    const word = typeof value === 'string' && Object.hasOwn(same, value) ? same[value] : value
    return typeof word === 'string' && options.includes(word)
      ? { value: word }
      : { wrong: `must be one of ${quoted(options)}` }
  },
  ...(narrow === undefined ? {} : { narrow }),
})

export const readTexts: ReadValue = (value) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')
    ? { value: [...value] }
    : { wrong: 'must be a list of texts' }

export const texts = (narrow?: Json): Shape => ({
  kind: 'value',
  read: readTexts,
  ...(narrow === undefined ? {} : { narrow }),
})

/** Folders: absolute, from home, or from the folder of the file. The whole disk is never one of them. */
export const folders = (narrow: Json): Shape => ({
  kind: 'value',
  narrow,
  read(value, place) {
    const wrong =
      'must be a list of at most 100 folders: "/a/b", "~/a" or "a/b"; the whole disk is not possible'
    if (!Array.isArray(value) || value.length > 100) return { wrong }
    const all = value.map((one) => (typeof one === 'string' ? resolvePlain(one, place) : null))
    return all.some((path) => path === null || path === '/') ? { wrong } : { value: all }
  },
})

/** Anything at all, kept as JSON. */
export const anything = (): Shape => ({ kind: 'value', read: (value) => ({ value: toJson(value) }) })

export const isOfType = (value: unknown, type: UnusedType): boolean => {
  switch (type) {
    case 'text':
      return typeof value === 'string'
    case 'flag':
      return typeof value === 'boolean'
    case 'number':
      return typeof value === 'number'
    case 'table':
      return isTable(value)
    case 'list':
      return Array.isArray(value)
    case 'any':
      return true
  }
}

export const typeWords: Readonly<Record<UnusedType, string>> = {
  text: 'a text in quotes',
  flag: 'true or false',
  number: 'a number',
  table: 'a table',
  list: 'a list',
  any: 'a value',
}
