import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileRules } from './compile-rules.ts'
import { strictest } from './match-prefix.ts'
import { matchRules } from './match-rules.ts'
import { parseRules } from './parse-rules.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../../fixtures/vectors/execpolicy.json', import.meta.url), 'utf8'),
) as { valid: { rules: string | string[] }[]; invalid: { rules: string }[] }

const more = [
  'def f(xs, y="a"):\n    for x in xs:\n        if x != y:\n            prefix_rule(pattern=[x], decision="prompt")\nf(["a", "b"])\n',
  'X = {"k": ["rm", "dd"]}\n[prefix_rule(pattern=[x], decision="forbidden") for x in X["k"] if x[0:1] == "r"]\n',
  'prefix_rule(pattern=["%s" % "git", f"push"], decision="forbidden", justification="""a\nb""")\n',
  'host_executable(name="git", paths=["/usr/bin/git"])\nnetwork_rule(host="a.com:80", protocol="http", decision="deny")\n',
]
const seeds = [...new Set([...vectors.valid, ...vectors.invalid].flatMap(({ rules }) => rules)), ...more]
const pieces = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '"""',
  '\\',
  '\n',
  '\r\n',
  '\t',
  ' ',
  ',',
  ':',
  '=',
  '+',
  '*',
  '%',
  '.',
  '#',
  'for',
  'in',
  'if',
  'def ',
  'lambda',
  'f"{',
  'not ',
  '\0',
  '\ufeff',
  '\ud800',
  '😀',
  '__proto__',
  '1',
  '9999999999999999',
  'prefix_rule',
  'None',
  '\n  ',
  '-',
  ';',
  '**',
  'load("a", "b")',
]

/** The same numbers on every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}

function mutate(text: string, below: (n: number) => number): string {
  let result = text
  for (let round = 1 + below(4); round > 0; round -= 1) {
    const at = below(result.length + 1)
    const to = Math.min(result.length, at + below(6))
    const kind = below(4)
    if (kind === 0) result = result.slice(0, at) + result.slice(to)
    else if (kind === 1)
      result = result.slice(0, at) + (pieces[below(pieces.length)] ?? '') + result.slice(at)
    else if (kind === 2)
      result = result.slice(0, at) + (pieces[below(pieces.length)] ?? '') + result.slice(to)
    else {
      const other = seeds[below(seeds.length)] ?? ''
      result = result.slice(0, at) + other.slice(below(other.length + 1)).slice(0, 60) + result.slice(to)
    }
  }
  return result
}

test('20,000 damaged files: nothing throws, and a broken one allows nothing', () => {
  const below = numbers(1)
  const options = { resolveHostExecutables: true, strict: true, cwd: '/w', nowMs: 0 }
  let broken = 0
  for (let run = 0; run < 20_000; run += 1) {
    const text = mutate(seeds[below(seeds.length)] ?? '', below)
    const set = parseRules([{ file: 'fuzz.rules', text }])
    if (set.problems.length > 0 !== set.broken.length > 0)
      throw new Error(`told or not: ${JSON.stringify(text)}`)
    if (set.broken.length === 0) continue
    broken += 1
    const { matches } = matchRules(compileRules(set), ['git', 'status'], options)
    if (strictest(matches.map((match) => match.rule.decision)) === 'allow')
      throw new Error(`allowed by a broken file: ${JSON.stringify(text)}`)
  }
  expect(broken).toBeGreaterThan(8000)
})

test('a restriction that stays whole in a damaged file stays in force', () => {
  const below = numbers(2)
  const options = { resolveHostExecutables: true, strict: true, cwd: '/w', nowMs: 0 }
  for (let run = 0; run < 1000; run += 1) {
    const damaged = mutate(seeds[below(seeds.length)] ?? '', below)
    // A quote or bracket left open in front could swallow what follows, as it does for every reader.
    const text = `prefix_rule(pattern=["zz", "x"], decision="forbidden")\n${damaged}`
    const set = parseRules([{ file: 'fuzz.rules', text }])
    const { matches, brokenBy } = matchRules(compileRules(set), ['zz', 'x'], options)
    const held = strictest(matches.map((match) => match.rule.decision)) === 'forbidden' || brokenBy.length > 0
    if (!held) throw new Error(`lost: ${JSON.stringify(text)}`)
  }
})
