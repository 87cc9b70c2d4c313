import { readFileSync } from 'node:fs'
import path from 'node:path'
import { noFacts } from '../../main/policy/action-facts.ts'
import { judgeCommand } from '../../main/policy/judge-command.ts'
import { parseRules } from '../../main/policy/rules/parse-rules.ts'
import type { CommandDecoder } from '../../main/policy/shell/command-part.ts'
import { settingsOf } from '../../protocol/settings.ts'
import { mutate } from './mutate.ts'
import { lookupOf } from './rule-targets.ts'
import type { Target } from './target.ts'

const rank = { run: 0, review: 1, forbid: 2 } as const

/**
 * Shell scripts. Two scripts that can each be read, one behind the other in braces of their own, never get a wider
 * verdict than the stricter of them alone. (A script that cannot be read may open a string that the next one closes,
 * and then both together are something else; so those are only read, and must not throw or hang.)
 */
export function shellTargets(decode: CommandDecoder): readonly Target[] {
  const rules = lookupOf(
    parseRules([
      {
        file: 'a.rules',
        text: 'prefix_rule(pattern=["rm"], decision="forbidden")\nprefix_rule(pattern=["git", "push"], decision="prompt")\nprefix_rule(pattern=["make"])\nprefix_rule(pattern=["echo"])\n',
      },
    ]),
  )
  const settings = settingsOf('auto')
  const judge = (script: string): { readonly weight: number; readonly read: boolean } => {
    const argv = ['bash', '-c', script]
    const action = { kind: 'command' as const, argv, script, cwd: '/home/dana/project', escalation: null }
    const decoded = decode(argv)
    const { verdict } = judgeCommand(action, decoded, noFacts, settings, rules)
    return { weight: rank[verdict.kind], read: decoded.notInspectable === null }
  }
  const corpus = scripts()
  return [
    {
      name: 'shell',
      make: (random) => [
        mutate(random.pick(corpus), corpus, random),
        random.chance(2) ? random.pick(corpus) : mutate(random.pick(corpus), corpus, random),
      ],
      check: ([a = '', b = ''], once) => {
        const [first, second] = [once(() => judge(a)), once(() => judge(b))]
        // A backslash at the end would take away the line break behind it.
        if (!first.read || !second.read || a.endsWith('\\') || b.endsWith('\\')) return null
        const both = once(() => judge(`{ ${a}\n} && { ${b}\n}`)).weight
        return both >= Math.max(first.weight, second.weight)
          ? null
          : `Together they get ${both}, alone ${first.weight} and ${second.weight} (0 run, 1 review, 2 forbid).`
      },
    },
  ]
}

function scripts(): readonly string[] {
  const found = new Set([
    'rm -rf build && git push origin main',
    'cat <<E\n$(rm x)\nE\n',
    "bash -c 'rm -rf x; make'",
    'for f in *.c; do rm "$f"; done',
    'find . -name "*.o" -exec rm {} + | xargs -0 rm',
    'if git push; then echo ok; else rm x; fi',
    'X=1 sudo -u root env A=b rm -f "$X"',
    'case $x in a|b) rm y;; *) make;; esac',
    "python3 - <<'E'\nprint(1)\nE\n",
    'f() { rm "$@"; }; f a',
  ])
  for (const name of ['safe-commands.json', 'rule-shell-matching.json']) {
    const file = path.resolve(import.meta.dirname, '../../fixtures/vectors', name)
    JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) => {
      if (/^(?:shell|script|cmd|command)$/.test(key) && typeof value === 'string') found.add(value)
      return value
    })
  }
  return [...found]
}
