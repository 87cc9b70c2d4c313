import { parse } from 'smol-toml'

/** One `key = value` of a TOML text, or one table head. Offsets are UTF-16 code units into the text. */
export type TomlItem = {
  /** Full path: names of the tables around it, then its own. Entries of `[[a]]` have their number as a name. */
  readonly path: readonly string[]
  readonly kind: 'value' | 'head'
  /** From 1. */
  readonly line: number
  /** Where the key (or `[`) begins, and where the value (or `]`) ends. */
  readonly from: number
  readonly to: number
  /** Where the value begins; for heads the same as `from`. */
  readonly valueFrom: number
  /** Inside `{ … }`. */
  readonly inline: boolean
}

const bareKey = /[\w-]+/y
const bareValue = /[^,\]}#\n\r]+/y
const [hash, lineBreak] = [0x23, 0x0a]

/** How deep values are looked into; what lies deeper has the line of what is around it. */
const maxDepth = 64

/**
 * Finds where everything stands in a TOML text that was parsed before. The parser tells values without places,
 * this tells places without values. One pass, linear. On a text that is no TOML it stops early.
 */
export function scanToml(text: string): TomlItem[] {
  return new Scanner(text).scan()
}

class Scanner {
  readonly #text: string
  readonly #items: TomlItem[] = []
  readonly #counts = new Map<string, number>()
  #at = 0
  #line = 1
  #table: readonly string[] = []

  constructor(text: string) {
    this.#text = text
  }

  scan(): TomlItem[] {
    for (;;) {
      this.#skip(true)
      if (this.#at >= this.#text.length) return this.#items
      const before = this.#at
      if (this.#text[this.#at] === '[') this.#head()
      else this.#pair(this.#table, 0)
      if (this.#at === before) return this.#items
    }
  }

  /** Spaces, comments, and with `lines` also line breaks. */
  #skip(lines: boolean): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === hash) {
        const end = this.#text.indexOf('\n', this.#at)
        this.#at = (end < 0 ? this.#text.length : end) - 1
      } else if (code === lineBreak) {
        if (!lines) return
        this.#line++
      } else if (code !== 32 && code !== 9 && code !== 13 && code !== 0xfeff) return
    }
  }

  /** The end of what a sticky pattern matches from here. */
  #past(pattern: RegExp): number {
    pattern.lastIndex = this.#at
    return pattern.test(this.#text) ? pattern.lastIndex : this.#at
  }

  #head(): void {
    const [from, line] = [this.#at, this.#line]
    const isList = this.#text.startsWith('[[', this.#at)
    this.#at += isList ? 2 : 1
    const names = this.#key()
    if (this.#text[this.#at] !== ']') return
    this.#at += isList ? 2 : 1
    const path = this.#withNumbers(names, isList)
    this.#table = path
    this.#items.push({ path, kind: 'head', line, from, to: this.#at, valueFrom: from, inline: false })
  }

  /** `[[a]]` then `[a.b]` speaks of the last `a`. */
  #withNumbers(names: readonly string[], isList: boolean): string[] {
    const path: string[] = []
    for (const [place, name] of names.entries()) {
      path.push(name)
      const key = JSON.stringify(path)
      const last = place === names.length - 1
      const count = this.#counts.get(key)
      if (last && isList) {
        this.#counts.set(key, (count ?? -1) + 1)
        path.push(String((count ?? -1) + 1))
      } else if (count !== undefined) path.push(String(count))
    }
    return path
  }

  #pair(table: readonly string[], depth: number): void {
    const [from, line] = [this.#at, this.#line]
    const names = this.#key()
    if (names.length === 0 || this.#text[this.#at] !== '=') return
    this.#at++
    this.#skip(false)
    const path = [...table, ...names]
    const valueFrom = this.#at
    const index = this.#items.length
    this.#value(path, depth)
    // Placed before what is inside, so that items stay in the order of the text.
    this.#items.splice(index, 0, {
      path,
      kind: 'value',
      line,
      from,
      to: this.#at,
      valueFrom,
      inline: depth > 0,
    })
  }

  #key(): string[] {
    const names: string[] = []
    for (;;) {
      this.#skip(false)
      const letter = this.#text[this.#at]
      const from = this.#at
      if (letter === '"' || letter === "'") {
        this.#quoted(letter)
        names.push(nameOf(this.#text.slice(from, this.#at)))
      } else {
        this.#at = this.#past(bareKey)
        if (this.#at === from) return names
        names.push(this.#text.slice(from, this.#at))
      }
      this.#skip(false)
      if (this.#text[this.#at] !== '.') return names
      this.#at++
    }
  }

  #quoted(quote: string): void {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const letter = this.#text[this.#at]
      if (letter === '\\' && quote === '"') this.#at++
      else if (letter === quote || letter === '\n') break
    }
    this.#at++
  }

  #longQuoted(quotes: string): void {
    for (this.#at += 3; this.#at < this.#text.length; this.#at++) {
      const letter = this.#text[this.#at]
      if (letter === '\n') this.#line++
      else if (letter === '\\' && quotes[0] === '"') {
        this.#at++
        if (this.#text[this.#at] === '\n') this.#line++
      } else if (letter === quotes[0] && this.#text.startsWith(quotes, this.#at)) break
    }
    this.#at += 3
    // Up to two more quotes belong to the text.
    for (let more = 0; more < 2 && this.#text[this.#at] === quotes[0]; more++) this.#at++
  }

  #value(path: readonly string[], depth: number): void {
    const letter = this.#text[this.#at]
    if (letter === '"' || letter === "'") {
      if (this.#text.startsWith(letter.repeat(3), this.#at)) this.#longQuoted(letter.repeat(3))
      else this.#quoted(letter)
    } else if (letter === '[') this.#inside(']', path, depth)
    else if (letter === '{') this.#inside('}', path, depth)
    else this.#at = this.#past(bareValue)
    // A bare value ends before the spaces behind it.
    while (/[ \t]/.test(this.#text[this.#at - 1] ?? '')) this.#at--
  }

  #inside(end: string, path: readonly string[], depth: number): void {
    this.#at++
    for (let number = 0; this.#at < this.#text.length; number++) {
      this.#skip(true)
      if (this.#text[this.#at] === end) break
      const before = this.#at
      if (depth >= maxDepth) return
      if (end === '}') this.#pair(path, depth + 1)
      else this.#value([...path, String(number)], depth + 1)
      this.#skip(true)
      if (this.#text[this.#at] === ',') this.#at++
      else if (this.#text[this.#at] !== end || this.#at === before) break
    }
    if (this.#text[this.#at] === end) this.#at++
  }
}

/** A quoted key as the text it stands for. */
function nameOf(quoted: string): string {
  if (!quoted.includes('\\') || quoted.startsWith("'")) return quoted.slice(1, -1)
  try {
    const value = parse(`v = ${quoted}`)['v']
    return typeof value === 'string' ? value : quoted
  } catch {
    return quoted
  }
}
