import { type Grade, lowest, type ReadWord, type Scan } from './scan.ts'

/** What a letter of a word is: bare as written, quoted, or standing for text that is known at run time only. */
type Kind = 'b' | 'q' | 'd'

const maxBraces = 50
const maxAlternatives = 100

/** Collects the letters of one word, then tells which words the shell makes of it. */
export class Letters {
  #text = ''
  #kinds = ''
  #grade: Grade = 'plain'
  quoted = false

  add(text: string, kind: Kind): void {
    this.#text += text
    this.#kinds += kind.repeat(text.length)
    if (kind === 'q') this.quoted = true
  }
  /** Text that only exists at run time. */
  addUnknown(): void {
    this.add('?', 'd')
    this.lower('other')
  }
  lower(grade: Grade): void {
    this.#grade = lowest(this.#grade, grade)
  }
  get empty(): boolean {
    return this.#text === '' && !this.quoted
  }

  /** One word, or one per alternative of its braces. */
  words(scan: Scan): readonly ReadWord[] {
    if (!/[{}]/.test(this.#text)) return [this.#word(this.#text, this.#kinds)]
    const all: [string, string][] = []
    if (!this.#expand('', '', this.#text, this.#kinds, all)) {
      scan.note('braces stand for too many words')
      return [{ value: null, start: '', grade: 'other', quoted: this.quoted }]
    }
    return all.map(([text, kinds]) => this.#word(text, kinds))
  }

  /** Brace expansion. @returns false when it gives more than is sensible */
  #expand(
    doneText: string,
    doneKinds: string,
    text: string,
    kinds: string,
    all: [string, string][],
  ): boolean {
    if (all.length >= maxAlternatives || (text.match(/\{/g)?.length ?? 0) > maxBraces) return false
    let from = 0
    for (;;) {
      const open = nextBare(text, kinds, '{', from)
      if (open < 0) {
        all.push([doneText + text, doneKinds + kinds])
        return true
      }
      this.lower('loose')
      const { close, commas } = alternatives(text, kinds, open)
      if (close < 0) {
        from = open + 1
        continue
      }
      const before = [doneText + text.slice(0, open), doneKinds + kinds.slice(0, open)] as const
      const afterText = text.slice(close + 1)
      const afterKinds = kinds.slice(close + 1)
      if (commas.length === 0) {
        if (!text.slice(open, close).includes('..')) {
          from = open + 1
          continue
        }
        // {1..9}: how many words it gives does not matter, only that they are not known here
        this.lower('other')
        return this.#expand(`${before[0]}?`, `${before[1]}d`, afterText, afterKinds, all)
      }
      const ends = [...commas, close]
      return ends.every((end, i) => {
        const start = (i === 0 ? open : (ends[i - 1] ?? open)) + 1
        // the alternative itself may hold braces
        return this.#expand(
          before[0],
          before[1],
          text.slice(start, end) + afterText,
          kinds.slice(start, end) + afterKinds,
          all,
        )
      })
    }
  }

  #word(text: string, kinds: string): ReadWord {
    let known = text.length
    for (let i = 0; i < text.length; i++) {
      if (kinds[i] === 'd' || (kinds[i] === 'b' && isGlob(text, kinds, i))) {
        known = i
        break
      }
    }
    if (known < text.length && kinds[known] === 'b') this.lower('loose')
    const home = kinds[0] === 'b' && text[0] === '~'
    // zsh reads `=name` as the path of a program
    const byPath = kinds.startsWith('bb') && /^=[\w./]/.test(text)
    if (home || nextBare(text, kinds, '{', 0) >= 0 || nextBare(text, kinds, '}', 0) >= 0) this.lower('loose')
    if (byPath) this.lower('other')
    const certain = known === text.length && !home && !byPath
    return {
      value: certain ? text : null,
      start: byPath ? '' : text.slice(0, known),
      grade: this.#grade,
      quoted: this.quoted,
    }
  }
}

const isGlob = (text: string, kinds: string, i: number): boolean =>
  text[i] === '*' || text[i] === '?' || (text[i] === '[' && nextBare(text, kinds, ']', i + 1) > 0)

function nextBare(text: string, kinds: string, letter: string, from: number): number {
  for (let i = text.indexOf(letter, from); i >= 0; i = text.indexOf(letter, i + 1))
    if (kinds[i] === 'b') return i
  return -1
}

function alternatives(text: string, kinds: string, open: number): { close: number; commas: number[] } {
  const commas: number[] = []
  let depth = 0
  for (let i = open; i < text.length; i++) {
    if (kinds[i] !== 'b') continue
    if (text[i] === '{') depth += 1
    else if (text[i] === ',' && depth === 1) commas.push(i)
    else if (text[i] === '}' && --depth === 0) return { close: i, commas }
  }
  return { close: -1, commas }
}
