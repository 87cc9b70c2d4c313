import { describe, expect, test } from 'vitest'
import { quote } from './compare.ts'
import { parseModule } from './parse-module.ts'
import { runStatements, startRun } from './run-module.ts'
import { StarlarkProblem } from './starlark-problem.ts'
import { positionsIn } from './text-position.ts'
import { tokenise } from './tokenise.ts'
import { type Callable, newMachine } from './value.ts'

/** What `emit(...)` was called with, as `repr` shows it; or the problem as `kind line:column`. */
function run(text: string): readonly string[] | string {
  const emitted: string[] = []
  const emit: Callable = {
    type: 'function',
    name: 'emit',
    call: (_machine, { positional }) => {
      emitted.push(...positional.map((value) => quote(newMachine(), value)))
      return null
    },
  }
  try {
    runStatements(startRun([emit]), parseModule(tokenise(text)))
    return emitted
  } catch (problem) {
    if (!(problem instanceof StarlarkProblem)) throw problem
    const { line, column } = positionsIn(text)(problem.at)
    return `${problem.kind} ${line}:${column}`
  }
}

describe('what rules files can compute', () => {
  test.each([
    ['numbers', 'emit(1 + 2 * 3, 7 // 2, -7 // 2, -7 % 3, 7 % -3, 1 << 4, 6 & 3, ~5)', '7 3 -4 2 -2 16 2 -6'],
    [
      'precedence',
      'emit(not 1 == 2, not True and False, 1 or 2 and 3, 1 + 2 < 4 or 1 // 0, 1 | 2 ^ 3 & 1, -2 * -3, 1 - 2 - 3, "a" not in ["b"] and True)',
      'True False 1 True 3 6 -4 True',
    ],
    ['other bases', 'emit(0x1F, 0o17, 0b101)', '31 15 5'],
    ['strings', 'emit("a" + "b", "ab" * 2, "b" in "abc", "x" not in "abc")', '"ab" "abab" True True'],
    ['escapes', String.raw`emit("\x41\u00e9\101\q\n", r"a\nb")`, String.raw`"AéA\\q\n" "a\\nb"`],
    ['long strings', 'emit("""a\nb"c""")', String.raw`"a\nb\"c"`],
    ['joined lines', 'emit(1 + \\\n2)', '3'],
    ['percent', 'emit("%s-%r-%d%%" % ("a", "b", 3), "%s" % "x")', String.raw`"a-\"b\"-3%" "x"`],
    ['format', 'emit("{} {1} {n}{{".format("a", "b", n=2))', '"a b 2{"'],
    ['f-strings', 'x = "a"\nemit(f"<{x}|{x!r}>{{")', String.raw`"<a|\"a\">{"`],
    [
      'methods',
      'emit(" a ".strip(), "a,b".split(","), "-".join(["a","b"]), "Ab".upper(), "Ab".lower(), "aXa".replace("a","b"))',
      '"a" ["a", "b"] "a-b" "AB" "ab" "bXb"',
    ],
    [
      'prefixes',
      'emit("abc".startswith("ab"), "abc".endswith(("x","c")), "abc".removeprefix("a"))',
      'True True "bc"',
    ],
    [
      'splits',
      'emit("a b  c".split(), "a.b.c".split(".", 1), "a.b.c".rsplit(".", 1))',
      '["a", "b", "c"] ["a", "b.c"] ["a.b", "c"]',
    ],
    ['code points', 'emit(len("a😀"), "a😀b"[1], "a😀b"[::-1])', '2 "😀" "b😀a"'],
    ['slices', 'emit([1,2,3,4][1:3], [1,2,3][-1], (1,2,3)[:2], "abcd"[::2])', '[2, 3] 3 (1, 2) "ac"'],
    [
      'dicts',
      'd = {"a": 1}\nd["b"] = 2\nemit(d, d.get("c"), d.get("c", 0), "a" in d, d.keys(), d.items())',
      '{"a": 1, "b": 2} None 0 True ["a", "b"] [("a", 1), ("b", 2)]',
    ],
    [
      'own keys only',
      'd = {}\nemit("__proto__" in d, d.get("constructor"), d.get("toString"))',
      'False None None',
    ],
    [
      'comprehensions',
      'emit([x * y for x in [1,2] for y in [10,20] if x != y], {k: v for k, v in [("a", 1)]})',
      '[10, 20, 20, 40] {"a": 1}',
    ],
    ['comprehension variables stay inside', 'x = 1\ny = [x for x in [5]]\nemit(x)', '1'],
    [
      'conditions',
      'emit("a" if 1 > 2 else "b", 1 == 1 and not False, None or "x", 0 or [] or "y")',
      '"b" True "x" "y"',
    ],
    [
      'functions',
      'def f(a, b=2, *c, d=4, **e):\n  return [a, b, c, d, e]\nemit(f(1), f(1, 3, 5, d=6, z=7))',
      '[1, 2, (), 4, {}] [1, 3, (5,), 6, {"z": 7}]',
    ],
    [
      'annotations',
      'def f(a: str, b: int = 1) -> list[str]:\n  return [a]\nx: int = 3\nemit(f("a"), x)',
      '["a"] 3',
    ],
    ['lambdas', 'f = lambda x, y=1: x + y\nemit(f(1), f(1, y=5), (lambda: 3)())', '2 6 3'],
    [
      'closures',
      'def outer():\n  xs = []\n  def inner(x):\n    xs.append(x)\n    return xs\n  inner(1)\n  return inner(2)\nemit(outer())',
      '[1, 2]',
    ],
    [
      'loops',
      'r = []\nfor i in range(5):\n  if i == 1:\n    continue\n  elif i == 4:\n    break\n  else:\n    r.append(i)\nemit(r)',
      '[0, 2, 3]',
    ],
    ['return leaves loops', 'def f():\n  for a in [1]:\n    for b in [2]:\n      return b\nemit(f())', '2'],
    ['unpacking', 'a, (b, c) = 1, (2, 3)\n[d, e] = [4, 5]\nemit(a, b, c, d, e)', '1 2 3 4 5'],
    ['changing in place', 'a = [1]\nb = a\nb += [2]\nemit(a)\na = a + [3]\nemit(b)', '[1, 2] [1, 2]'],
    ['spread arguments', 'def f(a, b):\n  return a + b\nemit(f(*[1, 2]), f(**{"a": 1, "b": 3}))', '3 4'],
    [
      'built-ins',
      'emit(len([1]), sorted([3,1,2]), sorted(["b","a"], reverse=True), reversed([1,2]), list(enumerate(["a"])), zip([1,2],["a","b"]))',
      '1 [1, 2, 3] ["b", "a"] [2, 1] [(0, "a")] [(1, "a"), (2, "b")]',
    ],
    [
      'more built-ins',
      'emit(any([0,1]), all([]), min(3,1), max([1,5], key=lambda x: -x), str(1), int("7"), type("a"), type(None), repr("a"), bool([]), dict(a=1), tuple([1]), hasattr("", "join"))',
      String.raw`True True 1 1 "1" 7 "string" "NoneType" "\"a\"" False {"a": 1} (1,) True`,
    ],
    ['semicolons', 'x = 1; emit(x); emit(2);', '1 2'],
    ['one-line blocks', 'if True: emit(1)\nfor x in [2]: emit(x)', '1 2'],
    ['comments and blank lines in blocks', 'def f():\n\n  # c\n  return 1\n# d\n\nemit(f())', '1'],
    ['windows line ends', 'def f():\r\n  return [\r\n1]\r\n\r\nemit(f())\r\n', '[1]'],
    ['short recursion', 'def f(n):\n  return 0 if n == 0 else f(n - 1)\nemit(f(20))', '0'],
    ['sharing a name with a built-in', 'len = 3\nemit(len)', '3'],
  ])('%s', (_title, text, expected) => {
    expect([run(text)].flat().join(' ')).toBe(expected)
  })
})

test.each([
  ['load', 'load("a.rules", "x")', 'starlark-load 1:1'],
  ['fail', 'x = 1\nfail("no", 1)', 'starlark-fail 2:1'],
  ['print', 'print(1)', 'starlark-undefined-name 1:1'],
  ['a name in a function nobody calls', 'def f():\n  return g()', 'starlark-undefined-name 2:10'],
  ['a name before it has a value', 'emit(x)\nx = 1', 'starlark-undefined-name 1:6'],
  ['unknown annotation', 'def f(a: strr):\n  pass', 'starlark-undefined-name 1:10'],
  ['endless recursion', 'def f():\n  return f()\nf()', 'starlark-recursion 2:10'],
  ['while', 'while True:\n  pass', 'starlark-syntax 1:1'],
  ['class', 'class A: pass', 'starlark-syntax 1:1'],
  ['an open bracket', 'emit(1', 'starlark-syntax 1:7'],
  ['an open string', 'x = "a\ny', 'starlark-syntax 1:5'],
  ['a tab in a block', 'def f():\n\tpass', 'starlark-syntax 1:9'],
  ['a tab in brackets', 'emit(\n\t1)', 'starlark-syntax 2:1'],
  ['a byte order mark', '\ufeffx = 1', 'starlark-syntax 1:1'],
  ['a wrong dedent', 'if True:\n    x = 1\n  y = 2', 'starlark-syntax 2:10'],
  ['an indented first line', '  x = 1', 'starlark-syntax 1:3'],
  ['a chained comparison', 'x = 1 < 2 < 3', 'starlark-syntax 1:11'],
  ['a chained comparison behind `or`', 'x = 1 or 1 < 2 < 3', 'starlark-syntax 1:16'],
  ['a comparison with `not`', 'x = 1 == not 2', 'starlark-syntax 1:10'],
  ['strings side by side', 'x = "a" "b"', 'starlark-syntax 1:9'],
  ['a bare list as a statement', '1, 2', 'starlark-syntax 1:5'],
  ['assigning to a call', 'emit() = 1', 'starlark-syntax 1:1'],
  ['return outside', 'return 1', 'starlark-syntax 1:1'],
  ['break outside', 'break', 'starlark-syntax 1:1'],
  ['the same argument twice', 'emit(a=1, a=2)', 'starlark-syntax 1:11'],
  ['position after name', 'emit(a=1, 2)', 'starlark-syntax 1:11'],
  ['the same parameter twice', 'def f(a, a):\n  pass', 'starlark-syntax 1:10'],
  ['a missing argument', 'def f(a):\n  pass\nf()', 'starlark-missing-parameter 3:1'],
  ['an unknown argument', 'def f(a):\n  pass\nf(1, b=2)', 'starlark-unknown-parameter 3:1'],
  ['one argument too many', 'def f(a):\n  pass\nf(1, 2)', 'starlark-unknown-parameter 3:1'],
  ['adding text to a number', 'x = 1 + "a"', 'starlark-wrong-type 1:5'],
  ['going over a string', 'for c in "abc":\n  pass', 'starlark-wrong-type 1:10'],
  ['changing a list in its loop', 'x = [1]\nfor i in x:\n  x.append(2)', 'starlark-wrong-type 3:3'],
  ['an unknown method', '"a".shout()', 'starlark-wrong-type 1:1'],
  ['a method of objects', '"a".constructor()', 'starlark-wrong-type 1:1'],
  ['a list as a key', 'x = {[1]: 2}', 'starlark-wrong-type 1:6'],
  ['a floating number', 'x = 1.5', 'starlark-syntax 1:5'],
  ['half a pair', String.raw`x = "\ud800"`, 'starlark-syntax 1:6'],
  ['an expression in an f-string', 'x = 1\ny = f"{x + 1}"', 'starlark-syntax 2:5'],
])('refuses %s', (_title, text, expected) => {
  expect(run(text)).toBe(expected)
})

test.each([
  ['a long loop', 'for a in range(9000):\n  for b in range(9000):\n    pass'],
  ['a huge range', 'for a in range(1000000000):\n  pass'],
  ['doubling lists', `x = [1]\n${'x = x + x\n'.repeat(40)}`],
  ['doubling strings', `x = "a"\n${'x = x + x\n'.repeat(40)}`],
  ['a huge repetition', 'x = "a" * 100000000'],
  ['a huge number', `x = 9${'0'.repeat(400)}`],
  ['growing numbers', `x = 9\n${'x = x * x\n'.repeat(20)}`],
  ['open brackets', '['.repeat(50_000)],
  ['signs', `x = ${'-'.repeat(50_000)}1`],
  ['a long sum', `x = 1${' + 1'.repeat(15_000)}`],
  ['a long chain of calls', `x = f${'()'.repeat(15_000)}\ndef f():\n  pass`],
  ['a list in itself', 'x = []\nx.append(x)\ny = str(x)'],
  ['equal lists in themselves', 'x = []\nx.append(x)\nz = []\nz.append(z)\ny = x == z'],
  ['nested comprehensions', `x = [1 ${'for a in range(100) '.repeat(15)}]`],
  ['sorting again and again', 'for a in range(9000):\n  x = sorted(range(9000))'],
  ['joining much', 'x = ["a" * 30000] * 9000\ny = "".join(x)'],
  ['replacing much', 'x = "a" * 30000\ny = x.replace("a", x)'],
  ['many words', 'x\n'.repeat(60_000)],
])('stops %s', (_title, text) => {
  expect(run(text)).toMatch(/^starlark-limit/)
})
