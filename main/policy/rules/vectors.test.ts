import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkOutput } from './check-output.ts'
import { compileRules } from './compile-rules.ts'
import { matchRules } from './match-rules.ts'
import { parseRules } from './parse-rules.ts'
import type { RuleSet } from './rule.ts'

type Valid = {
  readonly group: string
  readonly rules: string | readonly string[]
  readonly argv: readonly string[]
  readonly flags: readonly string[]
  readonly decision: string | null
  readonly raw: string
}
type Read = {
  readonly name: string
  readonly rules: string
  readonly error_kind: string | null
  readonly location: { readonly line: number; readonly column: number } | null
}
type Vectors = {
  readonly valid: readonly Valid[]
  readonly invalid: readonly Read[]
  readonly accepted_although_unusual: readonly Read[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../fixtures/vectors/execpolicy.json', import.meta.url), 'utf8'),
) as Vectors

const read = (rules: string | readonly string[]): RuleSet =>
  parseRules([rules].flat().map((text, at) => ({ file: `r${at}.rules`, text })))

test.each(vectors.valid.map((vector) => [`${vector.group}: ${vector.argv.join(' ')}`, vector] as const))(
  'Codex and we agree: %s',
  (_title, vector) => {
    const set = read(vector.rules)
    expect(set.problems).toEqual([])
    const { matches } = matchRules(compileRules(set), vector.argv, {
      resolveHostExecutables: vector.flags.includes('--resolve-host-executables'),
      strict: false,
      cwd: '/repo',
      nowMs: 0,
    })
    expect(checkOutput(matches)).toBe(vector.raw)
  },
)

test.each(vectors.invalid.map((vector) => [vector.name, vector] as const))(
  'Codex and we refuse alike: %s',
  (_title, vector) => {
    const [problem] = read(vector.rules).problems
    expect(problem?.kind).toBe(vector.error_kind)
    if (vector.location)
      expect({ line: problem?.place.line, column: problem?.place.column }).toEqual(vector.location)
  },
)

test.each(vectors.accepted_although_unusual.map((vector) => [vector.name, vector] as const))(
  'Codex and we accept: %s',
  (_title, vector) => {
    expect(read(vector.rules).problems).toEqual([])
  },
)
