import { checkOutput } from '../rules/check-output.ts'
import { compileRules } from '../rules/compile-rules.ts'
import { matchRules } from '../rules/match-rules.ts'
import { parseRules } from '../rules/parse-rules.ts'
import type { RuleSet } from '../rules/rule.ts'
import type { Compared } from './comparison.ts'

/** execpolicy.json, as far as it is looked at. */
export type ExecpolicyVectors = {
  readonly valid: readonly ValidRules[]
  readonly invalid: readonly ReadRules[]
  readonly accepted_although_unusual: readonly ReadRules[]
}

export type ValidRules = {
  readonly group: string
  readonly rules: string | readonly string[]
  readonly argv: readonly string[]
  readonly flags: readonly string[]
  readonly decision: string | null
  readonly raw: string
}

export type ReadRules = {
  readonly name: string
  readonly rules: string | readonly string[]
  readonly error_kind: string | null
  readonly location: { readonly line: number; readonly column: number } | null
}

/** Compares every case of execpolicy.json with what `gatehouse rules check` answers. */
export function compareExecpolicy(vectors: ExecpolicyVectors): readonly Compared[] {
  return [
    ...vectors.valid.map(compareMatch),
    ...vectors.invalid.map(compareRefusal),
    ...vectors.accepted_although_unusual.map(compareAcceptance),
  ]
}

const read = (rules: string | readonly string[]): RuleSet =>
  parseRules([rules].flat().map((text, at) => ({ file: `r${at}.rules`, text })))

/** From the widest answer to the narrowest; no rule at all leaves it to the policy. */
const room = ['allow', null, 'prompt', 'forbidden']

export function compareMatch({ group, rules, argv, flags, decision, raw }: ValidRules): Compared {
  const set = read(rules)
  const { matches } = matchRules(compileRules(set), argv, {
    resolveHostExecutables: flags.includes('--resolve-host-executables'),
    strict: false,
    cwd: '/repo',
    nowMs: 0,
  })
  const ours = set.problems.length === 0 ? checkOutput(matches) : `refused: ${set.problems[0]?.message ?? ''}`
  const said = set.problems.length === 0 ? decisionIn(ours) : 'forbidden'
  const wider = room.indexOf(said) < room.indexOf(decision)
  return {
    title: `${group}: ${argv.join(' ')}`,
    result: ours === raw ? 'agree' : wider ? 'wider' : 'stricter',
    difference: null,
    codex: raw,
    ours,
  }
}

const decisionIn = (output: string): string | null => /"decision":"(\w+)"\}$/.exec(output)?.[1] ?? null

export function compareRefusal({ name, rules, error_kind, location }: ReadRules): Compared {
  const [problem] = read(rules).problems
  const place = problem && location ? ` at ${problem.place.line}:${problem.place.column}` : ''
  const codex = `${error_kind}${location ? ` at ${location.line}:${location.column}` : ''}`
  const ours = problem ? `${problem.kind}${place}` : 'accepted'
  return {
    title: name,
    // Refused for another reason, or at another place, is no agreement either.
    result: !problem ? 'wider' : ours === codex ? 'agree' : 'stricter',
    difference: null,
    codex,
    ours,
  }
}

export function compareAcceptance({ name, rules }: ReadRules): Compared {
  const [problem] = read(rules).problems
  return {
    title: name,
    result: problem ? 'stricter' : 'agree',
    difference: null,
    codex: 'accepted',
    ours: problem?.message ?? 'accepted',
  }
}
