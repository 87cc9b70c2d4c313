import { expect, test } from 'vitest'
import { spelledText, spellFolded, spellOut } from './spell-out.ts'

const one = (text: string) => spelledText(text, 1000)

test.each([
  ['plain text stays', 'npm run build', 'npm run build'],
  ['a right-to-left override', 'a\u202Etxt.exe', 'a⟨U+202E⟩txt.exe'],
  ['isolates', '\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
  ['zero-width space and joiner', 'rm\u200B-\u200Drf', 'rm⟨ZWSP⟩-⟨U+200D⟩rf'],
  ['NUL, bell and delete', 'a\0b\x07c\x7f', 'a⟨NUL⟩b⟨BEL⟩c⟨DEL⟩'],
  ['C1 controls', '\x9b31m', '⟨U+009B⟩31m'],
  ['a colour sequence', '\x1b[31mred\x1b[0m', '⟨ESC[31m⟩red⟨ESC[0m⟩'],
  ['a window title sequence', '\x1b]0;title\x07', '⟨ESC⟩]0;title⟨BEL⟩'],
  ['an unfinished sequence', 'x\x1b[', 'x⟨ESC⟩['],
  ['carriage return alone, which overwrites', 'safe\revil', 'safe⟨CR⟩evil'],
  ['line breaks in a one-line place', 'a\nb\r\nc', 'a ⏎ b ⏎ c'],
  ['line and paragraph separators', 'a\u2028b\u2029', 'a⟨U+2028⟩b⟨U+2029⟩'],
  ['private use', '\uE000', '⟨U+E000⟩'],
  ['unassigned', '\u0378', '⟨U+0378⟩'],
  ['a lone surrogate', 'a\uD800b', 'a⟨U+D800⟩b'],
  ['a non-breaking space', 'a\u00A0b', 'a⟨NBSP⟩b'],
  ['letters that draw nothing', '\u3164\u2800', '⟨U+3164⟩⟨U+2800⟩'],
  ['tag characters', 'x\u{E0041}', 'x⟨U+E0041⟩'],
  ['variation selectors', 'a\uFE0F', 'a⟨U+FE0F⟩'],
  ['a soft hyphen', 'a\u00ADb', 'a⟨U+00AD⟩b'],
  ['two spaces stay, three are counted', 'a  b   c', 'a  b ⟨3 spaces⟩ c'],
  ['tabs in one-line places', 'a\tb', 'a⟨TAB⟩b'],
  ['accents stay', 'Zoë, naïve, 日本語, 👍', 'Zoë, naïve, 日本語, 👍'],
  ['markup is only text', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
])('%s', (_title, text, expected) => {
  expect(one(text)).toBe(expected)
})

test('marks piled on one letter are counted after the third', () => {
  expect(one(`a${'\u0301'.repeat(50)}`)).toBe('a\u0301\u0301\u0301⟨47 marks⟩')
})

test('many-line places break lines and keep indentation, but still spell a lone carriage return', () => {
  expect(spellOut('a\r\n    b\tc\rd', { lines: 'many', spaces: 'keep' })).toEqual([
    { kind: 'text', text: 'a\n    b\tc' },
    { kind: 'escape', text: '⟨CR⟩', what: 'control character' },
    { kind: 'text', text: 'd' },
  ])
})

test('every single code unit leaves only characters that draw something', () => {
  const invisible = /[\p{C}\p{Zl}\p{Zp}\u200b-\u200f\u2800\u3164]/u
  for (let unit = 0; unit <= 0xffff; unit++) {
    const drawn = one(`a${String.fromCharCode(unit)}b`)
    expect(invisible.test(drawn), `U+${unit.toString(16)}`).toBe(false)
  }
})

test('a line of a million characters is folded to head and tail with exact counts', () => {
  const text = `HEAD${'x'.repeat(500_000)}\n${'y'.repeat(499_991)}TAIL`
  const runs = spellFolded(text, { lines: 'one' }, 400)
  const fold = runs.find((run) => run.kind === 'fold')
  expect(fold).toEqual({ kind: 'fold', characters: text.length - 400, lines: 1 })
  expect(runs[0]).toMatchObject({ text: expect.stringMatching(/^HEAD/) })
  expect(runs.at(-1)).toMatchObject({ text: expect.stringMatching(/TAIL$/) })
})

test('a fold never cuts a character in two', () => {
  for (let limit = 4; limit < 40; limit++) {
    const runs = spellFolded('😀'.repeat(100), { lines: 'one' }, limit)
    expect(runs.some((run) => run.kind === 'escape')).toBe(false)
  }
})

test('a million hostile characters are spelled in linear work', () => {
  expect(spellOut('\x1b['.repeat(200_000), { lines: 'one' })).toHaveLength(400_000)
  expect(spellOut('\u0301'.repeat(400_000), { lines: 'one' })).toHaveLength(2)
})
