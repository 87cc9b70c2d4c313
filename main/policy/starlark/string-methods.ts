import { plainArguments, textList } from './arguments.ts'
import { formatBraces } from './format-text.ts'
import {
  type CallArguments,
  elements,
  type Machine,
  points,
  problem,
  spend,
  text,
  tuple,
  typeName,
  type Value,
  wrongType,
} from './value.ts'

type Method = (machine: Machine, self: string, args: readonly Value[]) => Value
type Entry = { readonly fewest: number; readonly most: number; readonly run: Method }

const method = (fewest: number, most: number, run: Method): Entry => ({ fewest, most, run })
const asText = (machine: Machine, value: Value | undefined): string => {
  if (typeof value !== 'string')
    throw wrongType(machine, `A string was expected, not a ${typeName(value ?? null)}.`)
  return value
}
const whitespace = ' \t\n\v\f\r'

const strip = (left: boolean, right: boolean): Entry =>
  method(0, 1, (machine, self, [set]) => {
    const known = new Set(
      points(machine, set === undefined || set === null ? whitespace : asText(machine, set)),
    )
    const chars = points(machine, self)
    let from = 0
    let to = chars.length
    while (left && from < to && known.has(chars[from] ?? '')) from += 1
    while (right && to > from && known.has(chars[to - 1] ?? '')) to -= 1
    return chars.slice(from, to).join('')
  })

const affix = (startsWith: boolean): Entry =>
  method(1, 1, (machine, self, [wanted]) => {
    const options =
      wanted !== null && typeof wanted === 'object' && wanted.type === 'tuple' ? wanted.items : [wanted]
    return options.some((option) => {
      const affixed = asText(machine, option)
      spend(machine, 1 + (Math.min(affixed.length, self.length) >> 4))
      return startsWith ? self.startsWith(affixed) : self.endsWith(affixed)
    })
  })

const test = (pattern: RegExp): Entry =>
  method(0, 0, (machine, self) => {
    spend(machine, self.length >> 2)
    return pattern.test(self)
  })

/** Position by code points, as Starlark counts; -1 for none. */
const find = (fromEnd: boolean, must: boolean): Entry =>
  method(1, 1, (machine, self, [needle]) => {
    spend(machine, self.length >> 4)
    const wanted = asText(machine, needle)
    const at = fromEnd ? self.lastIndexOf(wanted) : self.indexOf(wanted)
    if (at === -1 && must) throw wrongType(machine, 'The text looked for does not occur.')
    return at === -1 ? -1 : points(machine, self.slice(0, at)).length
  })

const partition = (fromEnd: boolean): Entry =>
  method(1, 1, (machine, self, [separator]) => {
    const mark = nonEmpty(machine, separator)
    const at = fromEnd ? self.lastIndexOf(mark) : self.indexOf(mark)
    if (at === -1) return tuple(machine, fromEnd ? ['', '', self] : [self, '', ''])
    return tuple(machine, [self.slice(0, at), mark, self.slice(at + mark.length)])
  })

function nonEmpty(machine: Machine, value: Value | undefined): string {
  const mark = asText(machine, value)
  if (mark === '') throw wrongType(machine, 'The separator is empty.')
  return mark
}

const split = (fromEnd: boolean): Entry =>
  method(0, 2, (machine, self, [separator, most]) => {
    spend(machine, self.length >> 2)
    const blank = separator === undefined || separator === null
    const parts = blank
      ? self.split(/[ \t\n\v\f\r]+/).filter((part) => part !== '')
      : self.split(nonEmpty(machine, separator))
    if (most === undefined || most === null || (typeof most === 'number' && most < 0))
      return textList(machine, parts)
    if (typeof most !== 'number') throw wrongType(machine, 'The number of splits is no number.')
    if (parts.length <= most + 1) return textList(machine, parts)
    if (blank) throw wrongType(machine, 'Splitting at blanks takes no number of splits here.')
    const mark = asText(machine, separator)
    return textList(
      machine,
      fromEnd
        ? [parts.slice(0, parts.length - most).join(mark), ...parts.slice(parts.length - most)]
        : [...parts.slice(0, most), parts.slice(most).join(mark)],
    )
  })

const changed = (change: (self: string) => string): Entry =>
  method(0, 0, (machine, self) => {
    spend(machine, self.length >> 2)
    return text(machine, change(self))
  })
const titled = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()

const methods: Readonly<Record<string, Entry>> = {
  capitalize: changed(titled),
  count: method(1, 1, (machine, self, [needle]) => {
    spend(machine, self.length >> 2)
    return self.split(nonEmpty(machine, needle)).length - 1
  }),
  endswith: affix(false),
  find: find(false, false),
  index: find(false, true),
  isalnum: test(/^[\p{L}\p{N}]+$/u),
  isalpha: test(/^\p{L}+$/u),
  isdigit: test(/^\p{Nd}+$/u),
  islower: test(/^\P{Lu}*\p{Ll}\P{Lu}*$/su),
  isspace: test(/^\s+$/),
  isupper: test(/^\P{Ll}*\p{Lu}\P{Ll}*$/su),
  join: method(1, 1, (machine, self, [parts]) => {
    const texts = elements(machine, parts ?? null).map((part) => asText(machine, part))
    spend(machine, texts.length)
    if (texts.reduce((sum, part) => sum + part.length + self.length, 0) > 1_000_000)
      throw problem(machine, 'starlark-limit', 'A string gets too long here.')
    return text(machine, texts.join(self))
  }),
  lower: changed((self) => self.toLowerCase()),
  lstrip: strip(true, false),
  partition: partition(false),
  removeprefix: method(1, 1, (machine, self, [mark]) => {
    const prefix = asText(machine, mark)
    return self.startsWith(prefix) ? self.slice(prefix.length) : self
  }),
  removesuffix: method(1, 1, (machine, self, [mark]) => {
    const suffix = asText(machine, mark)
    return suffix !== '' && self.endsWith(suffix) ? self.slice(0, -suffix.length) : self
  }),
  replace: method(2, 3, (machine, self, [old, fresh, most]) => {
    const mark = nonEmpty(machine, old)
    const into = asText(machine, fresh)
    spend(machine, self.length >> 2)
    const parts = self.split(mark)
    const all = parts.length - 1
    const count = typeof most === 'number' && most >= 0 ? Math.min(most, all) : all
    if (self.length + into.length * count > 1_000_000)
      throw problem(machine, 'starlark-limit', 'A string gets too long here.')
    const head = parts.slice(0, count + 1).join(into)
    return text(machine, [head, ...parts.slice(count + 1)].join(mark))
  }),
  rfind: find(true, false),
  rindex: find(true, true),
  rpartition: partition(true),
  rsplit: split(true),
  rstrip: strip(false, true),
  split: split(false),
  splitlines: method(0, 0, (machine, self) => {
    spend(machine, self.length >> 2)
    const lines = self.split(/\r\n|\n|\r/)
    return textList(machine, lines.at(-1) === '' ? lines.slice(0, -1) : lines)
  }),
  startswith: affix(true),
  strip: strip(true, true),
  title: changed((self) => self.replaceAll(/\p{L}+/gu, titled)),
  upper: changed((self) => self.toUpperCase()),
}

export const hasStringMethod = (name: string): boolean => name === 'format' || Object.hasOwn(methods, name)

/** @throws StarlarkProblem for an unknown method or wrong values */
export function callStringMethod(machine: Machine, self: string, name: string, args: CallArguments): Value {
  if (name === 'format') return text(machine, formatBraces(machine, self, args))
  const entry = Object.hasOwn(methods, name) ? methods[name] : undefined
  if (!entry) throw wrongType(machine, `A string has no method \`${name}\`.`)
  return entry.run(machine, self, plainArguments(machine, name, args, entry.fewest, entry.most))
}
