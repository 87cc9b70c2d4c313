import type { ConfigOrigin, ConfigValue, Json } from '../../../protocol/config.ts'
import { isTable, keyText } from './layer.ts'
import type { LayerReading } from './read-layer.ts'

type Node = {
  /** null: a table, whose values are in `inside`. */
  value: Json | null
  origin: ConfigOrigin
  readonly inside: Map<string, Node>
  isTable: boolean
}

const builtin: ConfigOrigin = { layer: 'builtin', file: null, line: null }
const emptyNode = (origin: ConfigOrigin): Node => ({ value: null, origin, inside: new Map(), isTable: true })

/**
 * All layers laid over each other: tables are joined key by key, everything else is replaced. Pins, which stand
 * for wrong values, are laid on top at the end.
 */
export class SettingsTree {
  readonly #root = emptyNode(builtin)

  /** @param readings weakest first */
  constructor(readings: readonly LayerReading[]) {
    for (const { layer, leaves } of readings) {
      for (const { path, value, line } of leaves) {
        this.#set(path, value, { layer: layer.name, file: layer.file, line })
      }
    }
    for (const { layer, pins } of readings) {
      for (const { path, value } of pins) {
        this.#pin(path, value, { layer: layer.name, file: layer.file, line: layer.lineOf(path) })
      }
    }
  }

  /** A pinned table replaces the whole table, key by key, so that each key is found where it is looked for. */
  #pin(path: readonly string[], value: Json, origin: ConfigOrigin): void {
    this.#set(path, null, origin)
    if (!isTable(value)) return this.#set(path, value, origin)
    this.#set(path, undefined, origin)
    for (const [name, inside] of Object.entries(value) as [string, Json][])
      this.#pin([...path, name], inside, origin)
  }

  #set(path: readonly string[], value: Json | undefined, origin: ConfigOrigin): void {
    let node = this.#root
    for (const name of path) {
      if (!node.isTable) {
        node.isTable = true
        node.value = null
      }
      let next = node.inside.get(name)
      if (!next) {
        next = emptyNode(origin)
        node.inside.set(name, next)
      }
      node = next
    }
    if (value === undefined) {
      // A table that was named: it replaces a plain value and leaves what other layers put into it.
      if (!node.isTable) node.origin = origin
      node.isTable = true
      node.value = null
      return
    }
    node.inside.clear()
    node.isTable = false
    node.value = value
    node.origin = origin
  }

  #find(path: readonly string[]): Node | null {
    let node: Node | undefined = this.#root
    for (const name of path) node = node?.inside.get(name)
    return node ?? null
  }

  /** The value as JSON, tables included; undefined when nobody set it. */
  get(path: readonly string[]): Json | undefined {
    const node = this.#find(path)
    return node ? jsonOf(node) : undefined
  }

  origin(path: readonly string[]): ConfigOrigin {
    return this.#find(path)?.origin ?? builtin
  }

  /** Names inside a table, in the order they were first set. */
  names(path: readonly string[]): string[] {
    return [...(this.#find(path)?.inside.keys() ?? [])]
  }

  /** Every plain value in force with the place it came from. */
  values(): ConfigValue[] {
    const all: ConfigValue[] = []
    const walk = (node: Node, path: readonly string[]): void => {
      if (!node.isTable) all.push({ key: keyText(path), value: node.value, origin: node.origin })
      for (const [name, inside] of node.inside) walk(inside, [...path, name])
    }
    walk(this.#root, [])
    return all
  }

  toJson(): Json {
    return jsonOf(this.#root)
  }
}

function jsonOf(node: Node): Json {
  if (!node.isTable) return node.value
  const table = Object.create(null) as Record<string, Json>
  for (const [name, inside] of node.inside) table[name] = jsonOf(inside)
  return table
}
