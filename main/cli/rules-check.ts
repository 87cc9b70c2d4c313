import { checkOutput } from '../policy/rules/check-output.ts'
import { compileRules } from '../policy/rules/compile-rules.ts'
import { matchRules } from '../policy/rules/match-rules.ts'
import { type Command, readArguments, UsageProblem } from './command.ts'
import { readRules } from './read-rules.ts'

const help = `gatehouse rules check --rules FILE… [--resolve-host-executables] [--pretty] -- CMD…

What rules files say about one command, word by word; for *.rules the same JSON as \`codex execpolicy check\`:
{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix","decision","resolvedProgram"?,"justification"?}}],"decision"?}.
A rule of a gatehouse.toml that holds here and now is told as {"gatehouseRuleMatch":{"id","matchedPrefix","decision","runs",
"note"?}}. The strictest decision is the one of all; without a match there is none. Shells are not looked into:
\`gatehouse judge\` does that. Exit code 0 whatever the decision is, 1 when a file cannot be read in full.

  --rules FILE                 a rules file, *.rules or gatehouse.toml; may be given several times
  --resolve-host-executables   let a rule for \`git\` speak for /usr/bin/git as well, as at run time
  --pretty                     indent the JSON

Example:
  gatehouse rules check --rules default.rules --rules gatehouse.toml -- git push origin main
`

export const rulesCheck: Command = {
  name: 'rules check',
  summary: 'what rules files say about one command',
  help,
  run: async (args, surroundings) => {
    const { values, words, rest } = readArguments(args, {
      rules: { type: 'string', multiple: true },
      'resolve-host-executables': { type: 'boolean' },
      pretty: { type: 'boolean' },
    })
    // Without `--`, the words are the command; with it, they are more files.
    const command = rest ?? words
    const files = [...(values.rules ?? []), ...(rest === null ? [] : words)]
    if (files.length === 0) throw new UsageProblem('Name at least one file with --rules.')
    if (command.length === 0) throw new UsageProblem('Write the command after `--`.')

    const { inputs, set } = await readRules(files, surroundings)
    const problems = [
      ...inputs.flatMap((input) => (input.ok ? [] : [input.problem])),
      ...set.problems.map(({ message }) => message),
    ]
    if (problems.length > 0) {
      surroundings.err(problems.map((line) => `${line}\n`).join(''))
      return 1
    }
    const { matches } = matchRules(compileRules(set), command, {
      resolveHostExecutables: values['resolve-host-executables'] === true,
      strict: false,
      cwd: surroundings.cwd,
      nowMs: Date.now(),
    })
    surroundings.out(`${checkOutput(matches, values.pretty)}\n`)
    return 0
  },
}
