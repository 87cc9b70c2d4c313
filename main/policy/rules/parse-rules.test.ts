import { describe, expect, test } from 'vitest'
import { compileRules } from './compile-rules.ts'
import { matchRules } from './match-rules.ts'
import { parseRules } from './parse-rules.ts'
import type { RuleSet } from './rule.ts'

const read = (text: string): RuleSet => parseRules([{ file: 'my.rules', text }])

/** `decision` of what matches, and whether the broken file may speak of it. */
function judge(set: RuleSet, ...argv: readonly string[]): string {
  const options = { resolveHostExecutables: true, strict: true, cwd: '/w', nowMs: 0 }
  const { matches, brokenBy } = matchRules(compileRules(set), argv, options)
  return [...matches.map(({ rule }) => rule.decision), ...(brokenBy.length > 0 ? ['suspect'] : [])].join(' ')
}

test('a rule knows its place, its text and its examples', () => {
  const text =
    '# é😀\nX = 1; prefix_rule(\n  pattern=[["npm","pnpm"],["run"]], match=["npm run x"], decision="prompt",\n)\n'
  const set = read(text)
  expect(set.prefix.map(({ pattern, place, match }) => ({ pattern, place, match }))).toEqual(
    ['npm', 'pnpm'].map((program) => ({
      pattern: [[program], ['run']],
      place: { file: 'my.rules', line: 2, column: 8 },
      match: [['npm', 'run', 'x']],
    })),
  )
  const [rule] = set.prefix
  expect(text.slice(rule?.range.from, rule?.range.to)).toMatch(/^prefix_rule\([^]*\)$/)
})

test('a failing example is told with file, line, column and its words', () => {
  const [problem] = read('\nprefix_rule(pattern=["git"], not_match=["git push"], match=["hg"])').problems
  expect(problem).toMatchObject({
    kind: 'example-did-match',
    place: { file: 'my.rules', line: 2, column: 1 },
    example: ['git', 'push'],
  })
  expect(problem?.message).toContain('my.rules:2:1: ')
  expect(problem?.message).toContain('["git","push"]')
})

test('an example may name the program by its path, as host_executable allows', () => {
  const rule = 'prefix_rule(pattern=["git"], match=["/usr/bin/git x"], not_match=["/tmp/git x"])'
  expect(read(`${rule}\nhost_executable(name="git", paths=["/usr/bin/git"])`).problems).toEqual([])
  expect(read(rule).problems[0]?.kind).toBe('example-did-match')
})

test('canonical_matching compares the program without regard to case', () => {
  const set = read('prefix_rule(pattern=["Git", "push"], decision="prompt", canonical_matching=True)')
  expect(judge(set, 'GIT', 'push')).toBe('prompt')
  expect(judge(set, 'GIT', 'PUSH')).toBe('')
})

test.each([
  ['load', 'load("a.rules", "b")', 'starlark-load'],
  ['fail', 'fail("stop")', 'starlark-fail'],
  ['a pattern that is a string', 'prefix_rule(pattern="git")', 'starlark-wrong-type'],
  ['a number in a pattern', 'prefix_rule(pattern=["a", 1])', 'invalid-pattern-element'],
  ['a match that is a string', 'prefix_rule(["a"], match="a")', 'starlark-wrong-type'],
  ['None for a list', 'prefix_rule(["a"], match=None)', 'starlark-wrong-type'],
  ['a number as an example', 'prefix_rule(["a"], match=[1])', 'invalid-example'],
  ['an unknown protocol', 'network_rule(host="a", protocol="ftp", decision="allow")', 'invalid-rule'],
  [
    'a network rule without decision',
    'network_rule(host="a", protocol="http")',
    'starlark-missing-parameter',
  ],
  ['a path that is a number', 'host_executable(name="a", paths=[1])', 'invalid-rule'],
  ['too many positions', 'prefix_rule(["a"], "allow", [], [], "j", False, 1)', 'starlark-unknown-parameter'],
  ['a missing and an unknown parameter', 'prefix_rule(patern=["a"])', 'starlark-missing-parameter'],
  ['a zero byte', 'x = "\0"', 'unreadable'],
])('refuses %s', (_title, text, kind) => {
  expect(read(text).problems[0]?.kind).toBe(kind)
})

describe('a broken file fails closed', () => {
  const good = 'prefix_rule(pattern=["ls"])\nprefix_rule(pattern=["rm"], decision="forbidden")\n'

  test.each([
    ['an open bracket at the end', `${good}prefix_rule(pattern=["git", "push"`],
    ['an open bracket at the start', `prefix_rule(pattern=["git", "push"\n${good}`],
    ['an open quote', `prefix_rule(pattern=["git, "push"], decision="prompt")\n${good}`],
    ['an unknown decision', `${good}prefix_rule(pattern=["git", "push"], decision="deny")`],
    ['an unknown function', `${good}forbid_rule(pattern=["git", "push"])`],
    [
      'a failing example',
      `${good}prefix_rule(pattern=["git", "push"], decision="allow", match=["git pull"])`,
    ],
    ['a name without a value', `${good}P = [["git"]]\nprefix_rule(pattern=P[0:1], decision="prompt", x=1)`],
    ['a variable', `P = "git"\n${good}prefix_rule(pattern=[P, "push"], decision="no")`],
    ['tabs', `prefix_rule(\n\tpattern=["git"], decision="deny",\n)\n${good}`],
    ['a byte order mark', `\ufeffprefix_rule(pattern=["git"], decision="deny")\n${good}`],
    ['a wrong word', `import os, git\n${good}`],
    [
      'two broken statements',
      `prefix_rule(pattern=["hg"], decision=1)\n${good}prefix_rule(pattern=["git"], justification="")`,
    ],
    ['a whole command as one word', `${good}prefix_rule(pattern=["git push"], decision="ask")`],
    ['a path', `${good}prefix_rule(pattern=["/usr/bin/git"], decision="ask")`],
  ])('%s', (_title, text) => {
    const set = read(text)
    expect(set.problems.length).toBeGreaterThan(0)
    expect(set.broken).toHaveLength(1)
    expect(judge(set, 'rm', '-r')).toMatch(/^forbidden/)
    expect(judge(set, 'ls')).not.toContain('allow')
    expect(judge(set, 'git', 'push')).toContain('suspect')
    expect(judge(set, '/opt/git', 'push')).toContain('suspect')
  })

  test.each([
    ['joined text', `${good}prefix_rule(pattern=["g" + "it"], decision="deny")`],
    ['an f-string', `${good}x = "it"\nprefix_rule(pattern=[f"g{x}"], decision="deny")`],
    ['a method', `${good}prefix_rule(pattern=["GIT".lower()], decision="deny")`],
    ['part of a text', `${good}prefix_rule(pattern=["xgit"[1:]], decision="deny")`],
    [
      'a function that computes',
      `def f(x):\n  return "g" + x\n${good}prefix_rule(pattern=[f("it")], decision="deny")`,
    ],
    ['names from elsewhere', `load("x.rules", "TOOLS")\n${good}`],
    ['an unknown name', `${good}prefix_rule(pattern=[TOOLS], decision="forbidden")`],
    ['an escape beside an open quote', String.raw`prefix_rule(pattern=["\x67it)` + `\n${good}`],
    ['too much text', `${good}# ${'x'.repeat(300_000)}`],
    ['a zero byte', `${good}\0`],
    ['an endless loop', `for a in range(9000):\n  for b in range(9000):\n    pass\n${good}`],
  ])('every command asks after %s', (_title, text) => {
    const set = read(text)
    expect(set.broken[0]?.suspects).toBe(null)
    expect(judge(set, 'whatever')).toBe('suspect')
    expect(judge(set, 'ls')).toBe('suspect')
  })

  test('a program it does not speak of is not held up', () => {
    expect(judge(read(`${good}prefix_rule(pattern=["git"], decision="deny")`), 'make')).toBe('')
  })

  test('a statement over several lines at the left edge is read', () => {
    const text =
      'prefix_rule(\npattern=["rm"],\ndecision="forbidden",\n)\nimport os\nX = """\nrm\n"""\nprefix_rule(pattern=["dd"], decision="prompt", justification=X)'
    expect(judge(read(text), 'rm')).toBe('forbidden')
    expect(judge(read(text), 'dd')).toBe('prompt')
  })

  test('what builds on a broken statement does not count as if it were whole', () => {
    const text = 'P = ["a"]\nP = ["b", 1 + "x"]\nprefix_rule(pattern=[P], decision="forbidden")\n'
    expect(read(text).broken[0]?.suspects).toBe(null)
  })

  test('its host_executable narrows no restriction, but what others allow', () => {
    const set = parseRules([
      { file: 'a.rules', text: 'prefix_rule(["git"], decision="prompt")\nprefix_rule(["hg"])' },
      { file: 'b.rules', text: 'host_executable("git", [])\nhost_executable("hg", [])\nimport os' },
    ])
    const options = { resolveHostExecutables: true, strict: false, cwd: '/w', nowMs: 0 }
    const compiled = compileRules(set)
    expect(matchRules(compiled, ['/x/git'], options).matches).toHaveLength(1)
    expect(matchRules(compiled, ['/x/hg'], options).matches).toHaveLength(0)
  })

  test('a path that a broken file leaves out is not allowed any more', () => {
    const set = parseRules([
      { file: 'a.rules', text: 'prefix_rule(["hg"])\nhost_executable("hg", ["/x/hg", "/y/hg"])' },
      { file: 'b.rules', text: 'host_executable("hg", ["/y/hg"])\nimport os' },
    ])
    const options = { resolveHostExecutables: true, strict: false, cwd: '/w', nowMs: 0 }
    const compiled = compileRules(set)
    expect(matchRules(compiled, ['/x/hg'], options).matches).toHaveLength(0)
    expect(matchRules(compiled, ['/y/hg'], options).matches).toHaveLength(1)
  })

  test('other files stay as they are', () => {
    const set = parseRules([
      { file: 'a.rules', text: 'import os' },
      { file: 'b.rules', text: good },
    ])
    expect(judge(set, 'ls')).toBe('allow')
  })

  test('its network rules that allow do not count', () => {
    const rule = (decision: string): string =>
      `network_rule(host="${decision}.com", protocol="https", decision="${decision}")\n`
    const set = read(`${rule('allow')}${rule('deny')}${rule('prompt')}import os`)
    expect(set.network.map(({ host }) => host)).toEqual(['deny.com', 'prompt.com'])
  })
})
