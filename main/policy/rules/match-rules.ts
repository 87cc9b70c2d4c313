import { appliesHere, type RuleContext } from './applies-here.ts'
import type { CommandRule, CompiledRules, Ordered } from './compile-rules.ts'
import { matchesRest } from './match-prefix.ts'
import { absolutePath, baseName } from './program-name.ts'
import type { BrokenFile, PrefixRule, RuleDecision, RuleMatch } from './rule.ts'
import { fitsToken } from './token-pattern.ts'

export type MatchOptions = RuleContext & {
  /** A rule for `git` also speaks for `/usr/bin/git` and `./git`; see `host_executable`. Always so at run time. */
  readonly resolveHostExecutables: boolean
  /**
   * Prompt and forbidden rules match a program of that name at any path, whatever `host_executable` and a rule for
   * the exact path say. Stricter than Codex; `execpolicy check` does not do it.
   */
  readonly strict: boolean
}

export type RuleMatches = {
  /** In the order of the rules. */
  readonly matches: readonly RuleMatch[]
  /** Files that could not be read in full and may restrict this program: then the command asks. */
  readonly brokenBy: readonly string[]
}

type Found = RuleMatch & { readonly order: number }

/** Rules that match one argument list, program first. An empty list matches nothing. */
export function matchRules(
  compiled: CompiledRules,
  argv: readonly string[],
  options: MatchOptions,
): RuleMatches {
  const program = argv[0]
  if (program === undefined) return { matches: [], brokenBy: [] }
  const found = matchPrefixRules(compiled, program, argv, options)
  for (const { rule, order } of gatehouseRules(compiled, program, options)) {
    if (appliesHere(rule, options) && matchesTail(rule.subject, rule.decision, argv))
      found.push({
        rule,
        matchedPrefix: argv.slice(0, rule.subject.tokens.length),
        resolvedProgram: null,
        order,
      })
  }
  found.sort((a, b) => a.order - b.order)
  return {
    matches: found.map(({ rule, matchedPrefix, resolvedProgram }) => ({
      rule,
      matchedPrefix,
      resolvedProgram,
    })),
    brokenBy: brokenFor(compiled.broken, program),
  }
}

function matchPrefixRules(
  compiled: CompiledRules,
  program: string,
  argv: readonly string[],
  options: MatchOptions,
): Found[] {
  const exact = prefixRulesFor(compiled, program)
    .filter(({ rule }) => matchesRest(rule, argv))
    .map(({ rule, order }) => found(rule, order, argv, null))
  if (!options.resolveHostExecutables || !program.includes('/')) return exact
  if (exact.length > 0 && !options.strict) return exact
  const path = absolutePath(program, options.cwd)
  const name = baseName(absolutePath(program, '/') ?? '')
  const byName = prefixRulesFor(compiled, name).filter(({ rule }) => {
    const grants = rule.decision === 'allow'
    // An exact rule for the path has the first word; only a strict reading lets more restrictions in.
    if (exact.length > 0 && grants) return false
    if (!matchesRest(rule, argv)) return false
    if (options.strict && !grants) return true
    const paths = (grants ? compiled.allowHosts : compiled.restrictHosts).get(hostName(rule))
    return paths === undefined || (path !== null && paths.includes(path))
  })
  return [...exact, ...byName.map(({ rule, order }) => found(rule, order, argv, path ?? program))]
}

const hostName = (rule: PrefixRule): string => rule.pattern[0]?.[0] ?? ''

function found(rule: PrefixRule, order: number, argv: readonly string[], resolved: string | null): Found {
  const program = resolved === null ? (argv[0] ?? '') : hostName(rule)
  return {
    rule,
    matchedPrefix: [program, ...argv.slice(1, rule.pattern.length)],
    resolvedProgram: resolved,
    order,
  }
}

function prefixRulesFor(compiled: CompiledRules, program: string): readonly Ordered<PrefixRule>[] {
  const exact = compiled.prefix.get(program) ?? []
  if (compiled.anyCase.size === 0) return exact
  const folded = compiled.anyCase.get(program.toLowerCase())
  return folded ? [...exact, ...folded].toSorted((a, b) => a.order - b.order) : exact
}

/** Allow rules for the program exactly as written; restricting ones also for its name at any path. */
function gatehouseRules(
  compiled: CompiledRules,
  program: string,
  options: MatchOptions,
): readonly Ordered<CommandRule>[] {
  const exact = compiled.gatehouse.get(program) ?? []
  if (!options.resolveHostExecutables || !program.includes('/')) return exact
  const byName = compiled.gatehouse.get(baseName(absolutePath(program, '/') ?? '')) ?? []
  return [...exact, ...byName.filter(({ rule }) => rule.decision !== 'allow')]
}

/** The words behind the program; that the program fits is known. */
function matchesTail(
  { tokens, openEnd }: CommandRule['subject'],
  decision: RuleDecision,
  argv: readonly string[],
): boolean {
  if (openEnd ? argv.length < tokens.length : argv.length !== tokens.length) return false
  const granting = decision === 'allow'
  return tokens.every((token, at) => at === 0 || fitsToken(token, argv[at] ?? '', granting))
}

/** Whether a Gatehouse rule's words match a command, its program exactly as written. */
export function matchesCommand(
  subject: CommandRule['subject'],
  decision: RuleDecision,
  argv: readonly string[],
): boolean {
  const [first] = subject.tokens
  return first?.kind === 'fixed' && first.text === argv[0] && matchesTail(subject, decision, argv)
}

/** Broken files that may be about a program; null: a program that is only known at run time. */
export function brokenFor(broken: readonly BrokenFile[], program: string | null): readonly string[] {
  if (broken.length === 0) return []
  const names = program === null ? [] : [program, baseName(program)]
  return broken
    .filter(
      ({ suspects }) =>
        suspects === null ||
        program === null ||
        names.some((name) => suspects.has(name) || suspects.has(name.toLowerCase())),
    )
    .map(({ file }) => file)
}
