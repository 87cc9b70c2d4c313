import { readFileSync } from 'node:fs'
import path from 'node:path'
import { readGatehouse } from '../../main/config/rules-store.ts'
import { ruleLookupOf } from '../../main/host/policy/rule-lookup-of.ts'
import { noFacts } from '../../main/policy/action-facts.ts'
import { judgeAction } from '../../main/policy/judge-action.ts'
import { compileRules } from '../../main/policy/rules/compile-rules.ts'
import { parseRules } from '../../main/policy/rules/parse-rules.ts'
import { noRules, type RuleSet } from '../../main/policy/rules/rule.ts'
import type { RuleLookup } from '../../main/policy/rules/rule-lookup.ts'
import type { CommandDecoder } from '../../main/policy/shell/command-part.ts'
import { settingsOf } from '../../protocol/settings.ts'
import { mutate } from './mutate.ts'
import type { Target } from './target.ts'

/** The rule that stays as it is; `zap x` is what it forbids. */
const starlark = '\nprefix_rule(pattern=["zap"], decision="forbidden", justification="never")\n'
const toml = '\n[[gatehouse.rules]]\nid = "zap"\ndecision = "forbidden"\ncommand = ["zap"]\nopen_end = true\n'

export const lookupOf = (set: RuleSet): RuleLookup =>
  ruleLookupOf(
    { set, compiled: compileRules(set), managed: new Set(), ofFolder: new Set(), digest: '' },
    '/home/dana/project',
    1_700_000_000_000,
  )

/**
 * Rules files. What stands before and behind a rule that forbids is changed, the rule itself is not. Then the command
 * is never run: it is forbidden by the rule, or asked because the file is broken. One way out is true to the file: a
 * text that is read in full, and in which an opened string, bracket or block took the rule in.
 */
export function ruleTargets(decode: CommandDecoder): readonly Target[] {
  const runs = (set: RuleSet): boolean => {
    const action = {
      kind: 'command' as const,
      argv: ['zap', 'x'],
      script: null,
      cwd: '/home/dana/project',
      escalation: null,
    }
    const context = { settings: settingsOf('auto'), rules: lookupOf(set), decode }
    return judgeAction(action, noFacts, context).verdict.kind === 'run'
  }
  const corpus = ruleTexts()
  // One of them claims the id of the rule that stays.
  const tables = ['tool1', 'tool2', 'zap'].map((id) =>
    toml.replaceAll('zap', id).replace('forbidden', 'allow').replace('open_end = true\n', ''),
  )
  return [
    {
      name: 'rules',
      make: (random) => [
        mutate(random.pick(corpus), corpus, random),
        random.chance(2) ? '' : mutate(random.pick(corpus), corpus, random),
      ],
      check: ([before = '', behind = ''], once) => {
        const set = once(() => parseRules([{ file: 'a.rules', text: before + starlark + behind }]))
        if (!once(() => runs(set))) return null
        if (set.broken.length > 0) return 'A broken file lets a command run that a rule in it forbids.'
        return /["'([{\\:]/.test(before) ? null : 'A rule that nothing can have taken in does not count.'
      },
    },
    {
      name: 'gatehouse.toml',
      make: (random) => [
        mutate(random.pick(tables), tables, random),
        random.chance(2) ? '' : mutate(random.pick(tables), tables, random),
      ],
      check: ([before = '', behind = ''], once) => {
        const text = before + toml + behind
        const { rules, broken, problems } = once(() => readGatehouse({ file: 'gatehouse.toml', text }))
        const set = { ...noRules, gatehouse: rules, broken: broken ? [broken] : [], problems }
        if (!runs(set)) return null
        if (problems.length > 0) return 'A file with problems lets a command run that a rule in it forbids.'
        return /"""|'''|\[\[|[[{]/.test(before)
          ? null
          : 'A rule that nothing can have taken in does not count.'
      },
    },
  ]
}

function ruleTexts(): readonly string[] {
  const file = path.resolve(import.meta.dirname, '../../fixtures/vectors/execpolicy.json')
  const found = new Set<string>()
  JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) => {
    if (key === 'rules' && typeof value === 'string') found.add(value)
    return value
  })
  return [...found]
}
