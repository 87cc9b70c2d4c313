import { type HostPaths, hostPaths } from './check-examples.ts'
import type { BrokenFile, GatehouseRule, PrefixRule, RuleSet } from './rule.ts'

/** A rule with its place in the order of all, which matches are told in. */
export type Ordered<Rule> = { readonly rule: Rule; readonly order: number }

export type CommandRule = GatehouseRule & { readonly subject: { readonly kind: 'command' } }

/** Rules by the name of their program, so that a thousand rules cost about what one costs. */
export type CompiledRules = {
  readonly prefix: ReadonlyMap<string, readonly Ordered<PrefixRule>[]>
  /** Those that ignore case, by the lower-case name. */
  readonly anyCase: ReadonlyMap<string, readonly Ordered<PrefixRule>[]>
  readonly gatehouse: ReadonlyMap<string, readonly Ordered<CommandRule>[]>
  readonly writes: readonly GatehouseRule[]
  /** Which files a name stands for: for allow rules, and for the others, where broken files narrow nothing. */
  readonly allowHosts: HostPaths
  readonly restrictHosts: HostPaths
  readonly broken: readonly BrokenFile[]
}

/** Makes rules ready for matching. Rules with the same program keep their order. */
export function compileRules(set: RuleSet): CompiledRules {
  const prefix = new Map<string, Ordered<PrefixRule>[]>()
  const anyCase = new Map<string, Ordered<PrefixRule>[]>()
  const gatehouse = new Map<string, Ordered<CommandRule>[]>()
  for (const [order, rule] of set.prefix.entries()) {
    const program = rule.pattern[0]?.[0] ?? ''
    if (rule.anyCase) add(anyCase, program.toLowerCase(), { rule, order })
    else add(prefix, program, { rule, order })
  }
  for (const [index, rule] of set.gatehouse.entries()) {
    if (!isCommandRule(rule)) continue
    const first = rule.subject.tokens[0]
    // A rule without a fixed program is refused when it is read; it would never be found here.
    if (first?.kind === 'fixed') add(gatehouse, first.text, { rule, order: set.prefix.length + index })
  }
  return {
    prefix,
    anyCase,
    gatehouse,
    writes: set.gatehouse.filter((rule) => rule.subject.kind === 'write'),
    allowHosts: narrowest(set),
    restrictHosts: hostPaths(set.hostExecutables.filter((host) => !host.broken)),
    broken: set.broken,
  }
}

function isCommandRule(rule: GatehouseRule): rule is CommandRule {
  return rule.subject.kind === 'command'
}

/** The last definition in good files, cut down by those in broken ones. */
function narrowest(set: RuleSet): HostPaths {
  const result = new Map(hostPaths(set.hostExecutables.filter((host) => !host.broken)))
  for (const host of set.hostExecutables.filter((entry) => entry.broken)) {
    const known = result.get(host.name)
    result.set(host.name, known ? known.filter((path) => host.paths.includes(path)) : host.paths)
  }
  return result
}

function add<Rule>(map: Map<string, Ordered<Rule>[]>, key: string, entry: Ordered<Rule>): void {
  const known = map.get(key)
  if (known) known.push(entry)
  else map.set(key, [entry])
}
