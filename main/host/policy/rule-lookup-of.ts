import type { FolderRules } from '../../config/rules-store.ts'
import { matchRules } from '../../policy/rules/match-rules.ts'
import { matchWords } from '../../policy/rules/match-words.ts'
import { matchWrites } from '../../policy/rules/match-writes.ts'
import type { RuleLookup } from '../../policy/rules/rule-lookup.ts'

/** Binds a folder's rules to the place and moment of one question. `cwd` absolute, `nowMs` Unix time. */
export function ruleLookupOf(rules: FolderRules, cwd: string, nowMs: number): RuleLookup {
  const { compiled, set, managed } = rules
  const here = { cwd, nowMs }
  const options = { ...here, resolveHostExecutables: true, strict: true }
  const restricting = (d: string): boolean => d !== 'allow'
  return {
    match: (argv) => matchRules(compiled, argv, options).matches,
    mayMatch: (words) => matchWords(compiled, words, here).matches,
    brokenBy: (program) => matchWords(compiled, [program], here).brokenBy[0] ?? null,
    write: (path) =>
      matchWrites(compiled, path, here).map((rule) => ({
        rule,
        matchedPrefix: [path],
        resolvedProgram: null,
      })),
    restricts:
      set.broken.length > 0 ||
      set.prefix.some((r) => restricting(r.decision)) ||
      set.gatehouse.some((r) => restricting(r.decision)),
    managed,
  }
}
