import { expect, test } from 'vitest'
import { readScript } from './read-script.ts'

const programs = (script: string): string =>
  readScript(script, false)
    .commands.map(({ words }) => words.map((w) => w.value ?? `${w.start}…`).join(' '))
    .join(' | ')

// prettier-ignore
test.each([
  ['a b; c && d || e\nf | g & h', 'a b | c | d | e | f | g | h'],
  ['(a; (b)) && { c; d; }', 'a | b | c | d'],
  ['! a |& b', 'a | b'],
  ['if a; then b; elif c; then d; else e; fi', 'a | b | c | d | e'],
  ['while a; do b; done; until c; do d; done', 'a | b | c | d'],
  ['for i in $(a) b; do c $i; done; for i; do d; done', 'a | c … | d'],
  ['for ((i=0;i<$(a);i++)); do b; done', 'a | b'],
  ['case $(a) in b|c) d;; (e) f ;& *) g; esac', 'a | d | f | g'],
  ['f() { a; }; function g { b; }; function h() (c)', 'a | b | c'],
  ['[[ -f $(a) && x =~ ^(b|c)$ ]] || d', 'a | [[ -f … & & x =~ ^ ( b | c ) $ ]] | d'],
  ['((x++)) ; echo $((1+$(a))) $( (b) )', '(( … | a | b | echo … …'],
  ['time { a; }; time b', 'time | a | time b'],
  ['x=1 y=$(a) b; z=(c $(d)); w+=e f', 'a | b | d |  | f'],
  ['a "$(b "$(c)")" `d \\`e\\`` ${x:-$(f)} "${y[$(g)]}"', 'c | b … | e | d … | f | g | a … … … …'],
  ['a <(b) >(c) > $(d)', 'b | c | d | a … …'],
  ['a <<E && b\n$(c) `d` ${x:-$(e)} \\$(f)\nE\ng', 'a | b | c | d | e | g'],
  ["a <<'E' | b\n$(c)\nE\nd", 'a | b | d'],
  ['a <<-E\n\tx\n\tE\nb', 'a | b'],
  ['a <<E\nx\\\nE\nE\nb', 'a | b'],
  ['$(a <<E\nx\nE\n)', 'a | …'],
  ['a <<< "$(b)"', 'b | a'],
  ['a # b\nc #; d\n#e\nf', 'a | c | f'],
  ['a \\\n b\\\nc; d\\\n', 'a bc | d'],
  ["'a' \"b c\" d\\ e $'f\\x41\\'' $\"g\" h'i'\"j\"", "a b c d e fA' g hij"],
  ['a{,b,c{d,e}} {f} g{h {1..3} "{i,j}"', 'a ab acd ace {f} g{h … {i,j}'],
  ['a *.c b?x [c]d e~f ~/g "*" \\* --x=$y', 'a … b… … e~f ~/g… * * --x=…'],
  ['a 2>&1 >b 3<c &>>d >|e <>f {g}>h <&-', 'a'],
  ['\\rm -x; r""m y; "r"m', 'rm -x | rm y | rm'],
])('%j holds %s', (script, expected) => {
  const read = readScript(script, false)
  expect(read.problems).toEqual([])
  expect(programs(script)).toBe(expected)
})

test.each([
  'a "b',
  "a 'b",
  'a `b',
  'a $(b',
  'a ${b',
  'a && ',
  '&& a',
  'a ;; b',
  '| a',
  '(a',
  'a)',
  '{ a',
  'if a; then b',
  'for i in a; b',
  'case a in b) c',
  'a <<E\nb',
  'a <<E',
  'a >',
  'a (b)',
  'f() a',
  'do a',
  'a; then',
  'x=(a',
  '[[ a',
  'a\\',
  '$(a <<E)\nb\nE',
  'a\rb',
  'a\u00a0b',
  'a\vb',
  'if\\\n a; then b; fi',
  '${x@P}',
  '${ a; }',
  '${(e)x}',
  '"${x:-\'}\'}"',
  "$(('1'))",
  'coproc a',
  '*(e:a:)',
  'if (a) b',
  'for x (a) b',
])('%j is not read without a problem', (script) => {
  expect(readScript(script, false).problems).not.toEqual([])
})

test('what was found before a problem stays', () => {
  expect(programs('rm -rf x; "')).toBe('rm -rf x')
})

test.each(["a $'b\\' ; rm x #'", '((rm -rf x))', '[[ a && rm x ]]', 'function f { a; }', 'a $[1]'])(
  '%j is doubted for sh, which may be dash',
  (script) => {
    expect(readScript(script, true).problems).not.toEqual([])
    expect(readScript(script, false).problems).toEqual([])
  },
)

// prettier-ignore
test.each([
  ['a b && c | d; e\nf', 'plain'],
  ['a "b c" \'d\' e"f"', 'plain'],
  ['a \\\n b', 'plain'],
  ['a *.c', 'loose'],
  ['a ~ {b,c} d\\ e "f\\"g"', 'loose'],
  ['a $b', 'other'],
  ['a "$b"', 'other'],
  ['a {1..3}', 'other'],
  ["$'a'", 'other'],
  ['"a"', 'other'],
  ['\\a', 'other'],
  ['a$', 'other'],
  ['a b\\\nc', 'other'],
  ['a > b', 'other'],
  ['a &', 'other'],
  ['a |& b', 'other'],
  ['! a', 'other'],
  ['(a)', 'other'],
  ['x=1 a', 'other'],
  ['a # b', 'other'],
  ['export a', 'other'],
  ['[ -f a ]', 'other'],
])('%j is %s text', (script, grade) => {
  expect(readScript(script, false).grade).toBe(grade)
})

test.each([
  '(',
  '{ ',
  '$(',
  '"${x:-',
  '$((1+',
  'if ',
  '`',
  '\\',
  '<<E\n',
  'f() ',
  '! ',
  'case a in b) ',
  '{a,',
  '[',
  '"$(',
  '((',
  '[[ ',
  "'",
  'x=(',
])('a long script of %j ends in time and without a mistake of ours', (piece) => {
  const script = piece.repeat(40_000 / piece.length)
  const started = process.threadCpuUsage()
  const { problems } = readScript(script, false)
  expect(process.threadCpuUsage(started).user / 1_000).toBeLessThan(50)
  expect(problems).not.toContain('reading it went wrong')
})
