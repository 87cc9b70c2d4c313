import type { FolderRules } from '../../config/rules-store.ts'
import { judgeHost } from '../../policy/network/judge-host.ts'
import type { NetworkSettings } from '../../policy/network/network-settings.ts'
import { matchRules } from '../../policy/rules/match-rules.ts'
import { matchWords } from '../../policy/rules/match-words.ts'
import { matchWrites } from '../../policy/rules/match-writes.ts'
import type { RuleLookup } from '../../policy/rules/rule-lookup.ts'

/**
 * Binds a folder's rules to the place and moment of one question. `cwd` absolute, `nowMs` Unix time.
 *
 * @param network what files say about hosts; null: nothing
 */
export function ruleLookupOf(
  rules: FolderRules,
  cwd: string,
  nowMs: number,
  network: NetworkSettings | null = null,
): RuleLookup {
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
    deniedHost: (host, port) => {
      if (network === null) return null
      const target = { host, port: port ?? 443, protocol: null }
      const facts = { allowLocalBinding: network.allowLocalBinding, addresses: null, lookup: 'none' as const }
      const { decision, reason, rule, message } = judgeHost(target, network.rules, facts)
      if (decision !== 'deny' || (reason !== 'denied' && reason !== 'policy_denied')) return null
      const place = rule?.place ?? null
      return { message, place: place && { file: place.file, line: place.line } }
    },
    restricts:
      set.broken.length > 0 ||
      set.prefix.some((r) => restricting(r.decision)) ||
      set.gatehouse.some((r) => restricting(r.decision)),
    managed,
  }
}
