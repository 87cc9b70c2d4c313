import type { Json } from '../../protocol/config.ts'
import type { RawTable } from '../policy/settings/layer.ts'
import { isTable, own } from '../policy/settings/layer.ts'
import { formatKey, formatValue } from './format-toml.ts'
import { parseToml } from './parse-layer.ts'
import type { TomlItem } from './scan-toml.ts'
import { scanToml } from './scan-toml.ts'

export type TomlEdit = { readonly text: string } | { readonly problem: string }

type Path = readonly string[]

/**
 * Sets one key and leaves every other letter of the text as it was: comments, order, spacing. Several ways to
 * write it are tried; one counts only if the parser then reads exactly the old settings with this one changed.
 */
export function setTomlKey(text: string, path: Path, value: Json): TomlEdit {
  const parsed = parseToml(text)
  if ('why' in parsed) return { problem: `The file ${parsed.why} Mend it before a setting can be written.` }
  const written = formatValue(value)
  const read = written === null ? null : parseToml(`value = ${written}`)
  if (path.length === 0 || written === null || !read || 'why' in read) {
    return { problem: `${formatKey(path)} cannot be written as TOML.` }
  }
  const expected = withKey(parsed.table, path, own(read.table, 'value'))
  for (const candidate of insertions(text, path, written)) {
    const after = parseToml(candidate)
    if ('table' in after && same(after.table, expected)) return { text: candidate }
  }
  return {
    problem: `${formatKey(path)} could not be set without touching other settings. Edit the file by hand.`,
  }
}

/** Removes one key, or a table with all that is in it. A key that is not there leaves the text as it is. */
export function removeTomlKey(text: string, path: Path): TomlEdit {
  const parsed = parseToml(text)
  if ('why' in parsed) return { problem: `The file ${parsed.why} Mend it before a setting can be removed.` }
  if (path.length === 0 || !has(parsed.table, path)) return { text }
  let after = text
  for (const item of scanToml(text).toReversed()) {
    const inside = path.every((name, place) => item.path[place] === name)
    // What stands inside a value that goes as a whole needs no removing of its own.
    if (!inside || (item.inline && item.path.length > path.length)) continue
    after = item.inline ? withoutInline(after, item) : withoutLines(after, item)
  }
  const result = parseToml(after)
  const expected = withoutKey(parsed.table, path)
  const fine =
    'table' in result && (same(result.table, expected) || same(result.table, pruned(expected, path)))
  if (fine) return { text: after }
  return {
    problem: `${formatKey(path)} could not be removed without touching other settings. Edit the file by hand.`,
  }
}

function* insertions(text: string, path: Path, written: string): Generator<string> {
  const items = scanToml(text)
  const equal = (item: TomlItem, other: Path): boolean =>
    item.path.length === other.length && other.every((name, place) => item.path[place] === name)
  const exact = items.find((item) => item.kind === 'value' && equal(item, path))
  if (exact) {
    yield text.slice(0, exact.valueFrom) + written + text.slice(exact.to)
    return
  }
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  for (let length = path.length - 1; length > 0; length--) {
    const above = path.slice(0, length)
    const line = `${formatKey(path.slice(length))} = ${written}`
    const table = items.find(
      (item) => item.kind === 'value' && equal(item, above) && text[item.valueFrom] === '{',
    )
    if (table) yield intoInline(text, table, line)
    const head = items.findLast((item) => item.kind === 'head' && equal(item, above))
    if (head) yield afterLine(text, lastOfSection(items, head), line, newline)
    // `a.b = 1` without a head: the new key goes next to it, under the same head.
    const sibling = items.findLast(
      (item) =>
        item.kind === 'value' && !item.inline && above.every((name, place) => item.path[place] === name),
    )
    const dotted = sibling && keyBefore(text, sibling)
    if (sibling && dotted !== undefined && dotted > 1) {
      const under = sibling.path.length - dotted
      yield afterLine(text, sibling, `${formatKey(path.slice(under))} = ${written}`, newline)
    }
  }
  const line = `${formatKey(path)} = ${written}`
  const firstHead = items.find((item) => item.kind === 'head')
  const lastTop = items.findLast(
    (item) => item.kind === 'value' && !item.inline && (!firstHead || item.from < firstHead.from),
  )
  if (path.length > 1) {
    const before = text === '' || text.endsWith('\n') ? text : text + newline
    const gap = before === '' ? '' : newline
    yield `${before}${gap}[${formatKey(path.slice(0, -1))}]${newline}${formatKey(path.slice(-1))} = ${written}${newline}`
  }
  if (lastTop) yield afterLine(text, lastTop, line, newline)
  else if (firstHead) {
    const start = startOfComments(text, firstHead.from)
    yield `${text.slice(0, start)}${line}${newline}${newline}${text.slice(start)}`
  } else yield `${text}${text === '' || text.endsWith('\n') ? '' : newline}${line}${newline}`
}

/** How many names the key of an item is written with: 2 for `a.b = 1`. */
function keyBefore(text: string, item: TomlItem): number {
  const [first] = scanToml(`${text.slice(item.from, item.valueFrom)}0`)
  return first?.path.length ?? 1
}

/** The last value below a head, or the head itself when there is none. */
function lastOfSection(items: readonly TomlItem[], head: TomlItem): TomlItem {
  let last = head
  for (const item of items.slice(items.indexOf(head) + 1)) {
    if (item.kind === 'head') break
    if (!item.inline) last = item
  }
  return last
}

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end + 1
}

function afterLine(text: string, item: TomlItem, line: string, newline: string): string {
  const end = endOfLine(text, item.to)
  const before = text.slice(0, end)
  return `${before}${before.endsWith('\n') ? '' : newline}${line}${newline}${text.slice(end)}`
}

/** Comments right above a head belong to it. */
function startOfComments(text: string, head: number): number {
  let start = head
  for (;;) {
    const above = text.lastIndexOf('\n', start - 2) + 1
    if (start === 0 || !/^[ \t]*#/.test(text.slice(above, start))) return start
    start = above
  }
}

function intoInline(text: string, table: TomlItem, line: string): string {
  const inside = text.slice(table.valueFrom + 1, table.to - 1)
  const kept = inside.trimEnd()
  const rest = text.slice(table.to - 1)
  const before = text.slice(0, table.valueFrom + 1)
  return kept.trim() === ''
    ? `${before} ${line} ${rest}`
    : `${before}${kept}${kept.endsWith(',') ? '' : ','} ${line} ${rest}`
}

function withoutLines(text: string, item: TomlItem): string {
  const start = text.lastIndexOf('\n', item.from - 1) + 1
  return text.slice(0, start) + text.slice(endOfLine(text, item.to))
}

function withoutInline(text: string, item: TomlItem): string {
  const after = /^\s*,[ \t]*/.exec(text.slice(item.to))
  if (after) return text.slice(0, item.from) + text.slice(item.to + after[0].length)
  const before = text.slice(0, item.from).replace(/,?\s*$/, '')
  return `${before}${text.slice(item.to)}`
}

const copy = (table: RawTable): Record<string, unknown> => Object.assign(Object.create(null), table)

function withKey(table: RawTable, path: Path, value: unknown): RawTable {
  const [name, ...below] = path
  if (name === undefined) return table
  const all = copy(table)
  const inside = own(table, name)
  all[name] =
    below.length === 0 ? value : withKey(isTable(inside) ? inside : Object.create(null), below, value)
  return all
}

function withoutKey(table: RawTable, path: Path): RawTable {
  const [name, ...below] = path
  if (name === undefined) return table
  const all = copy(table)
  const inside = own(table, name)
  if (below.length === 0) delete all[name]
  else if (isTable(inside)) all[name] = withoutKey(inside, below)
  return all
}

/** The tables around a removed key, gone when nothing else is in them. */
function pruned(table: RawTable, path: Path): RawTable {
  const [name, ...below] = path
  const inside = name === undefined ? undefined : own(table, name)
  if (name === undefined || !isTable(inside)) return table
  const next = pruned(inside, below)
  const all = copy(table)
  if (Object.keys(next).length === 0) delete all[name]
  else all[name] = next
  return all
}

const has = (table: RawTable, path: Path): boolean => {
  let at: unknown = table
  for (const name of path) {
    if (!isTable(at) || !Object.hasOwn(at, name)) return false
    at = at[name]
  }
  return true
}

/** Equal values of equal types, whatever the order of names. */
function same(a: unknown, b: unknown): boolean {
  if (a instanceof Date && b instanceof Date) return a.toISOString() === b.toISOString()
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, place) => same(one, b[place]))
  if (isTable(a) && isTable(b)) {
    const names = Object.keys(a)
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
    )
  }
  return Object.is(a, b)
}
