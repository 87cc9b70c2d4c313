import { describeRule } from '../policy/rules/describe-rule.ts'
import type { RuleProblem } from '../policy/rules/rule.ts'
import { type Command, print, readArguments, UsageProblem } from './command.ts'
import { readRules } from './read-rules.ts'

const help = `gatehouse rules test FILE… [--pretty]

Reads rules files as one set, *.rules and gatehouse.toml, tries the examples (match, not_match) of every rule, and says
in words what each rule does.

Prints {"files":[{"file","rules","sentences":[{"line","sentence"}],"problems":[{"kind","message","line","column","example"}]}]};
rules counts all rules in force, sentences leaves out those about hosts. A file with a problem loses its allow rules.
Each problem is also one line FILE:LINE:COLUMN: MESSAGE on standard error. Exit code 0: every example holds, 1:
something is wrong.

  --pretty   indent the JSON

Example:
  gatehouse rules test ~/.gatehouse/rules/*.rules ~/.gatehouse/rules/gatehouse.toml
`

/** What is wrong with a rules file, as it is printed. */
export const printableProblem = ({ kind, message, place, example }: RuleProblem) => ({
  kind,
  message: message.replace(`${place.file}:${place.line}:${place.column}: `, ''),
  line: place.line,
  column: place.column,
  example,
})

export const rulesTest: Command = {
  name: 'rules test',
  summary: 'try the examples of rules files',
  help,
  run: async (args, surroundings) => {
    const { values, words, rest } = readArguments(args, { pretty: { type: 'boolean' } })
    const files = [...words, ...(rest ?? [])]
    if (files.length === 0) throw new UsageProblem('Name at least one rules file.')

    const { inputs, set } = await readRules(files, surroundings)
    const told = [...set.prefix, ...set.gatehouse]
    const all = [...told, ...set.hostExecutables, ...set.network]
    const report = inputs.map((input) => {
      const { file } = input
      const rules = all.filter(({ place }) => place.file === file).length
      const sentences = told
        .filter(({ place }) => place.file === file)
        .map((rule) => ({ line: rule.place.line, sentence: describeRule(rule) }))
      if (!input.ok) {
        surroundings.err(`${input.problem}\n`)
        const message = input.problem.replace(`${file}:1:1: `, '')
        return {
          file,
          rules,
          sentences,
          problems: [{ kind: 'unreadable', message, line: 1, column: 1, example: null }],
        }
      }
      const own = set.problems.filter(({ place }) => place.file === file)
      for (const { message } of own) surroundings.err(`${message}\n`)
      return { file, rules, sentences, problems: own.map(printableProblem) }
    })
    print(surroundings, { files: report }, values.pretty)
    return report.some(({ problems }) => problems.length > 0) ? 1 : 0
  },
}
