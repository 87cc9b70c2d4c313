import type { Random } from './random.ts'

/** Longer inputs are cut, so that time tells about the reader and not about the size. */
const longest = 20_000

const pieces = [
  '"',
  "'",
  '"""',
  "'''",
  '\\',
  '\n',
  '\r\n',
  '\r',
  '\0',
  '\t',
  ' ',
  '#',
  '=',
  ',',
  '.',
  ':',
  ';',
  '&',
  '&&',
  '|',
  '||',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '[[',
  ']]',
  '$(',
  '${',
  '$((',
  '`',
  '<<E\n',
  '<<<',
  '<(',
  '>',
  '>>',
  '2>&1',
  '$x',
  '*',
  '?',
  '~',
  '!',
  '\ud800',
  '\udfff',
  '\u2028',
  '\ufeff',
  '\u202e',
  'é',
  '🙂',
  '\u0001',
  '\u007f',
  '__proto__',
  'constructor',
  'toString',
  'true',
  'false',
  '0',
  '-1',
  '1e999',
  'nan',
  '9223372036854775808',
  '2026-01-01T00:00:00Z',
  '\\u0000',
  '\\x72m',
  "$'\\x72m'",
  'prefix_rule(',
  'pattern=["rm"]',
  'decision="allow"',
  'load("x")',
  'def f():\n  return f()\n',
  'for i in range(10):\n',
  'lambda x: x',
  'f"{x}"',
  '[x for x in range(1000)]',
  '"a" * 1000',
  '[[gatehouse.rules]]\n',
  '[permissions.x]\n',
  'allowed_sandbox_modes = ',
  'sandbox_mode = ',
  '"danger-full-access"',
  '"never"',
  'sudo ',
  'env ',
  'xargs ',
  'bash -c ',
  'eval ',
  'rm -rf /',
  'if ',
  'then ',
  'fi',
  'for ',
  'do ',
  'done',
  'case x in ',
  'esac',
  'f() ',
  'function ',
  'time ',
  'coproc ',
] as const // prettier-ignore

/** Changes a text a few times, each time in another way. What comes out may be anything. */
export function mutate(text: string, corpus: readonly string[], random: Random): string {
  let out = text
  for (let rounds = 1 + random.below(4); rounds > 0; rounds -= 1)
    out = random.pick(ways)(out, corpus, random).slice(0, longest)
  return out
}

type Way = (text: string, corpus: readonly string[], random: Random) => string

const ways: readonly Way[] = [
  // a piece that means something
  (text, _corpus, random) => at(text, random, 0, random.pick(pieces)),
  // the same over and over: nesting, long words, many of something
  (text, _corpus, random) =>
    at(text, random, 0, random.pick(pieces).repeat(1 + random.below(random.chance(20) ? 3000 : 60))),
  // a piece gone
  (text, _corpus, random) => at(text, random, 1 + random.below(20), ''),
  // one letter for another
  (text, _corpus, random) =>
    at(text, random, 1, String.fromCharCode(random.below(random.chance(4) ? 0x10000 : 128))),
  // a stretch twice
  (text, _corpus, random) => {
    const from = random.below(text.length + 1)
    return at(text, random, 0, text.slice(from, from + random.below(80)).repeat(1 + random.below(5)))
  },
  // cut short
  (text, _corpus, random) => text.slice(0, random.below(text.length + 1)),
  // half of another
  (text, corpus, random) => {
    const other = random.pick(corpus)
    return text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1))
  },
  // another line in between
  (text, corpus, random) => {
    const lines = text.split('\n')
    lines.splice(
      random.below(lines.length + 1),
      random.below(2),
      random.pick(random.pick(corpus).split('\n')),
    )
    return lines.join('\n')
  },
]

/** Puts `fresh` in the place of so many characters somewhere. */
function at(text: string, random: Random, gone: number, fresh: string): string {
  const from = random.below(text.length + 1)
  return text.slice(0, from) + fresh + text.slice(from + gone)
}
