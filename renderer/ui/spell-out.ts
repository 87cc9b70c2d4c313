/**
 * Turns text from agents, files and outputs into runs that can be drawn without being obeyed: what is
 * invisible, reorders, or steers a terminal is spelled, so that what a person reads is what there is.
 */
export type Run =
  | { readonly kind: 'text'; readonly text: string }
  /** A spelled character or sequence such as `⟨U+202E⟩`. `what` names it for people. */
  | { readonly kind: 'escape'; readonly text: string; readonly what: string }
  /** Three or more spaces in a row. */
  | { readonly kind: 'gap'; readonly count: number }
  /** A line break in a place that has one line only. */
  | { readonly kind: 'break' }
  /** Text left out between head and tail. Counts are of the original text. */
  | { readonly kind: 'fold'; readonly characters: number; readonly lines: number }

export type SpellOptions = {
  /** `one`: line breaks are drawn as ⏎. `many`: they break the line. */
  readonly lines: 'one' | 'many'
  /** `count`: runs of spaces are counted. `keep`: as they are, for code and program output. */
  readonly spaces?: 'count' | 'keep'
}

const names: Readonly<Record<number, string>> = {
  0x00: 'NUL',
  0x07: 'BEL',
  0x08: 'BS',
  0x09: 'TAB',
  0x0a: 'LF',
  0x0b: 'VT',
  0x0c: 'FF',
  0x0d: 'CR',
  0x1b: 'ESC',
  0x7f: 'DEL',
  0xa0: 'NBSP',
  0x200b: 'ZWSP',
  0xfeff: 'BOM',
}

/**
 * In order: a terminal's control sequence; a line break; three or more spaces; a fourth and further mark on one
 * letter; anything that is control, format, private, unassigned, a lone surrogate, ignorable by default, a line
 * separator, a space other than U+0020, or one of the letters that draw nothing.
 */
const hostile =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /(\x1b\[[0-?]*[ -/]*[@-~])|(\r?\n)|( {3,})|(?<=\p{M}{3})(\p{M}+)|([\p{C}\p{DI}\p{Zl}\p{Zp}\p{Zs}\u2800\u115f\u1160\u3164\uffa0])/gu

/** @returns runs in order. Never throws, whatever the text. Work is linear in its length: fold long texts before. */
export function spellOut(text: string, options: SpellOptions): readonly Run[] {
  const runs: Run[] = []
  let pending = ''
  let from = 0
  const flush = (): void => {
    if (pending) runs.push({ kind: 'text', text: pending })
    pending = ''
  }
  const push = (run: Run): void => {
    flush()
    runs.push(run)
  }
  for (const match of text.matchAll(hostile)) {
    pending += text.slice(from, match.index)
    from = match.index + match[0].length
    const [, sequence, lineBreak, spaces, marks, single] = match
    if (sequence !== undefined) {
      push({ kind: 'escape', text: `⟨ESC${sequence.slice(1)}⟩`, what: 'terminal control sequence' })
    } else if (lineBreak !== undefined) {
      if (options.lines === 'one') push({ kind: 'break' })
      else pending += '\n'
    } else if (spaces !== undefined) {
      if (options.spaces === 'keep') pending += spaces
      else push({ kind: 'gap', count: spaces.length })
    } else if (marks !== undefined) {
      push({ kind: 'escape', text: `⟨${Array.from(marks).length} marks⟩`, what: 'marks piled on one letter' })
    } else if (single === ' ' || (single === '\t' && options.spaces === 'keep')) {
      pending += single
    } else if (single !== undefined) {
      push(spellOne(single))
    }
  }
  pending += text.slice(from)
  flush()
  return runs
}

function spellOne(character: string): Run {
  const code = character.codePointAt(0) ?? 0
  const name = names[code]
  const hex = code.toString(16).toUpperCase().padStart(4, '0')
  return { kind: 'escape', text: name ? `⟨${name}⟩` : `⟨U+${hex}⟩`, what: whatIs(code, character) }
}

function whatIs(code: number, character: string): string {
  if (code === 0x061c || (code >= 0x200e && code <= 0x200f)) return 'changes reading direction'
  if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
    return 'changes reading direction'
  if (code >= 0xe0000 && code <= 0xe0fff) return 'invisible tag'
  if (/\p{Cs}/u.test(character)) return 'half of a character'
  if (/\p{Co}/u.test(character)) return 'private character'
  if (/\p{Cn}/u.test(character)) return 'unassigned character'
  if (/\p{Cc}/u.test(character)) return 'control character'
  if (/\p{Z}/u.test(character)) return 'special space'
  return 'invisible character'
}

/** Spells and joins: for places that can hold plain text only, such as an accessible name. */
export function spelledText(text: string, limit = 240): string {
  return spellFolded(text, { lines: 'one' }, limit)
    .map((run) => {
      switch (run.kind) {
        case 'text':
        case 'escape':
          return run.text
        case 'gap':
          return ` ⟨${run.count} spaces⟩ `
        case 'break':
          return ' ⏎ '
        case 'fold':
          return ` ⟨${run.characters.toLocaleString('en')} more⟩ `
      }
    })
    .join('')
}

/** Head and tail of a text longer than `limit` UTF-16 units, with a counted fold between; whole when shorter. */
export function spellFolded(text: string, options: SpellOptions, limit: number): readonly Run[] {
  if (text.length <= limit) return spellOut(text, options)
  const head = text.slice(0, whole(text, Math.ceil(limit * 0.6)))
  const tail = text.slice(whole(text, text.length - Math.floor(limit * 0.4)))
  const hidden = text.slice(head.length, text.length - tail.length)
  return [
    ...spellOut(head, options),
    { kind: 'fold', characters: hidden.length, lines: countBreaks(hidden) },
    ...spellOut(tail, options),
  ]
}

/** The index itself, or one less where it would cut a character in two. */
function whole(text: string, index: number): number {
  const unit = text.charCodeAt(index)
  const before = text.charCodeAt(index - 1)
  const cuts = unit >= 0xdc00 && unit <= 0xdfff && before >= 0xd800 && before <= 0xdbff
  return cuts ? index - 1 : index
}

function countBreaks(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}
