import type { Json, LayerInfo, LayerName, Place } from '../../../protocol/config.ts'

/** A TOML table as the parser gave it: no prototype, values of any TOML type. */
export type RawTable = Readonly<Record<string, unknown>>

/** One source of settings after parsing. Reading files happened before; nothing here touches a disk. */
export type ConfigLayer = {
  readonly name: LayerName
  /** null for flags. */
  readonly file: string | null
  /** Absolute folder from which relative paths in it start. */
  readonly base: string
  readonly state: LayerInfo['state']
  /** Why it is not read; null when it is. With the line when the text is no TOML. */
  readonly why: string | null
  readonly whyLine: number | null
  /** Empty unless `state` is `read`. */
  readonly table: RawTable
  /** The line a key stands in, counted from 1. */
  readonly lineOf: (path: readonly string[]) => number | null
}

export const emptyTable: RawTable = Object.freeze(Object.create(null) as RawTable)

export const isTable = (value: unknown): value is RawTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

/** Own values only, so that names such as `constructor` are just names. */
export const own = (table: RawTable, name: string): unknown =>
  Object.hasOwn(table, name) ? table[name] : undefined

export const placeOf = (layer: ConfigLayer, path: readonly string[]): Place | null =>
  layer.file === null ? null : { file: layer.file, line: layer.lineOf(path) }

/** Tables deeper than this count as broken, so that nothing that walks them can run out of stack. */
export const maxTableDepth = 64
/** Files with more values and tables than this count as broken: nobody wrote them, and they take too long. */
export const maxValues = 5000

/** What makes a parsed document too large to be walked, as the end of a sentence; null when nothing does. */
export function tooLarge(root: unknown): string | null {
  const waiting: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }]
  let count = 0
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.depth > maxTableDepth) return `is nested deeper than ${maxTableDepth} levels`
    if (++count > maxValues) return `has more than ${maxValues} values`
    const inside = Array.isArray(next.value)
      ? next.value
      : isTable(next.value)
        ? Object.values(next.value)
        : []
    for (const value of inside) waiting.push({ value, depth: next.depth + 1 })
  }
  return null
}

/** The value as JSON: dates and numbers that JSON does not know become text. For shallow documents only. */
export function toJson(value: unknown): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  if (Array.isArray(value)) return value.map(toJson)
  if (!isTable(value)) return null
  const table = Object.create(null) as Record<string, Json>
  for (const name of Object.keys(value)) table[name] = toJson(value[name])
  return table
}

/** `a.b` for a message, cut so that a hostile name cannot fill a screen. */
export function keyText(path: readonly string[]): string {
  const text = path.map((name) => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name))).join('.')
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
