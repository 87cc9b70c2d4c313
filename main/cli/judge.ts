import path from 'node:path'
import type { CommandAction } from '../../protocol/action.ts'
import { fingerprintOf } from '../approvals/fingerprint.ts'
import { ruleLookupOf } from '../host/policy/rule-lookup-of.ts'
import { loadShellGrammar, ShellGrammarMissing } from '../platform/shell-grammar.ts'
import { noFacts } from '../policy/action-facts.ts'
import { judgeAction } from '../policy/judge-action.ts'
import { judgeAlone } from '../policy/judge-alone.ts'
import { ruleWords } from '../policy/rule-words.ts'
import { compileRules } from '../policy/rules/compile-rules.ts'
import { createDecoder, type ShellGrammar } from '../policy/shell/decode-command.ts'
import { tierOf } from '../policy/tier.ts'
import { type Command, print, readArguments, type Surroundings, UsageProblem } from './command.ts'
import { judgeSettings } from './judge-settings.ts'
import { readRules } from './read-rules.ts'

const help = `gatehouse judge [--policy P] [--mode M] [--rules FILE…] [--cwd DIR] [--pretty] --shell 'SCRIPT' | -- CMD…

What would happen to one command: it runs, a reviewer is asked, or it is refused. Every simple command in it is judged,
and the strictest decides. Nothing is run, and no file but the named ones is read.

Prints {"verdict":"run"|"review"|"forbid","tier","tierReasons","fingerprint","parts":[{"text","verdict","by"}],"reasoning":[…]}.
reasoning is the whole path, one step each: {"layer","text","says","decides","source"}; the step with "decides":true
made the verdict. Exit code 0 whatever the verdict is; 1 when a rules file cannot be read in full (it then restricts
what it can).

  --shell SCRIPT    a line for a shell, as one word; read as \`bash -c SCRIPT\`
  --policy P        untrusted, on-request, never or granular (default: on-request)
  --granular LIST   what granular asks, as in rules=true,sandbox_approval=false. Switches: sandbox_approval, rules,
                    mcp_elicitations, request_permissions, skill_approval; what is left out is false, and refused
  --mode M          read-only, workspace-write or danger-full-access (default: workspace-write)
  --rules FILE      a rules file, *.rules or gatehouse.toml; may be given several times
  --cwd DIR         the folder it would run in (default: this one)
  --pretty          indent the JSON

Examples:
  gatehouse judge --shell 'git add -A && git push --force'
  gatehouse judge --policy never --rules ~/.codex/rules/default.rules --pretty -- rm -rf build
`

export const judgeCommand: Command = {
  name: 'judge',
  summary: 'what would happen to one command',
  help,
  run: async (args, surroundings) => {
    const { values, words, rest } = readArguments(args, {
      shell: { type: 'string' },
      policy: { type: 'string', default: 'on-request' },
      granular: { type: 'string' },
      mode: { type: 'string', default: 'workspace-write' },
      rules: { type: 'string', multiple: true },
      cwd: { type: 'string' },
      pretty: { type: 'boolean' },
    })
    if ((values.shell === undefined) === (rest === null))
      throw new UsageProblem("Give the command either as --shell 'SCRIPT' or after `--`.")
    if (rest?.length === 0) throw new UsageProblem('Write the command after `--`.')
    if (words.length > 0 && values.rules === undefined)
      throw new UsageProblem(
        `${JSON.stringify(words[0])} belongs to no option; write the command after \`--\`.`,
      )
    const settings = judgeSettings(values.policy, values.mode, values.granular ?? null)
    const cwd = path.resolve(surroundings.cwd, values.cwd ?? '.')

    const files = [...(values.rules ?? []), ...words]
    const { inputs, set } = await readRules(files, surroundings)
    const missing = inputs.filter((input) => !input.ok)
    for (const { problem } of missing) surroundings.err(`${problem}\n`)
    if (missing.length > 0) return 1
    for (const { message } of set.problems) surroundings.err(`${message}\n`)

    const action: CommandAction = {
      kind: 'command',
      argv: values.shell === undefined ? [...(rest ?? [])] : ['bash', '-c', values.shell],
      script: values.shell ?? null,
      cwd,
      escalation: null,
    }
    const decode = createDecoder(await grammar(surroundings))
    const rules = ruleLookupOf(
      { set, compiled: compileRules(set), managed: new Set(), ofFolder: new Set(), digest: '' },
      cwd,
      Date.now(),
    )
    const { verdict, parts, grant } = judgeAction(action, noFacts, { settings, rules, decode })
    const decoded = decode(action.argv)
    const { tier, reasons } = tierOf(action, {
      folder: cwd,
      home: surroundings.home,
      grant,
      allowedBefore: 0,
      deniedBefore: 0,
      ranOnce: false,
      foreignOrigin: false,
      decoded,
    })
    const shown = {
      verdict: verdict.kind,
      tier,
      tierReasons: reasons,
      fingerprint: fingerprintOf(action, decoded),
      parts: parts.map(({ text, verdict: own, match, brokenBy }) => ({
        text,
        verdict: own ?? judgeAlone(text, cwd, { settings, rules, decode }),
        by: match ? ruleWords(match.rule) : brokenBy ? `${brokenBy} cannot be read in full` : 'no rule',
      })),
      reasoning: verdict.reasoning ?? [],
    }
    print(surroundings, shown, values.pretty)
    return set.problems.length > 0 ? 1 : 0
  },
}

/** null when it is not there: every script is then not inspectable, and asks. */
async function grammar({ err }: Surroundings): Promise<ShellGrammar | null> {
  try {
    return await loadShellGrammar()
  } catch (problem) {
    if (!(problem instanceof ShellGrammarMissing)) throw problem
    err(`gatehouse: ${problem.message}\n`)
    return null
  }
}
