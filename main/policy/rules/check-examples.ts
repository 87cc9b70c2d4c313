import { StarlarkProblem } from '../starlark/starlark-problem.ts'
import { absolutePath, baseName } from './program-name.ts'
import type { HostCall, PrefixCall } from './rule-functions.ts'

/** Which files a bare program name stands for; a later `host_executable` replaces an earlier one. */
export type HostPaths = ReadonlyMap<string, readonly string[]>

export function hostPaths(hosts: readonly Pick<HostCall, 'name' | 'paths'>[]): HostPaths {
  return new Map(hosts.map((host) => [host.name, host.paths]))
}

/**
 * Runs the examples of one call against that call alone: first what it must not match, then what it must.
 *
 * @returns the first example that does not come out, or null
 */
export function checkExamples(call: PrefixCall, hosts: HostPaths): StarlarkProblem | null {
  const matches = matcherOf(call, hosts)
  const wrong = call.notMatch.find(matches)
  if (wrong)
    return new StarlarkProblem(
      'example-did-match',
      `The rule matches ${shown(wrong)}, which it names under not_match. Narrow the pattern, or drop the example.`,
      call.range.from,
      wrong,
    )
  const missed = call.match.find((example) => !matches(example))
  if (missed)
    return new StarlarkProblem(
      'example-did-not-match',
      `The rule does not match ${shown(missed)}, which it names under match. Widen the pattern, or drop the example.`,
      call.range.from,
      missed,
    )
  return null
}

const shown = (example: readonly string[]): string => `\`${JSON.stringify(example).slice(0, 200)}\``

function matcherOf(call: PrefixCall, hosts: HostPaths): (example: readonly string[]) => boolean {
  const fold = (program: string): string => (call.anyCase ? program.toLowerCase() : program)
  const [programs = [], ...rest] = call.pattern
  const firsts = new Set(programs.map(fold))
  const sets = rest.map((alternatives) => new Set(alternatives))
  return (example) => {
    const program = example[0] ?? ''
    if (sets.some((set, at) => !set.has(example[at + 1] ?? '') || at + 1 >= example.length)) return false
    if (firsts.has(fold(program))) return true
    if (!program.includes('/')) return false
    const name = fold(baseName(absolutePath(program, '/') ?? ''))
    const paths = hosts.get(name)
    return firsts.has(name) && (paths === undefined || paths.includes(absolutePath(program, null) ?? ''))
  }
}
