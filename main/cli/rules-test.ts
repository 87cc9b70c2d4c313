import { parseRules } from '../policy/rules/parse-rules.ts'
import type { RuleProblem } from '../policy/rules/rule.ts'
import { type Command, print, readArguments, UsageProblem } from './command.ts'
import { readInput } from './read-input.ts'

const help = `gatehouse rules test FILE… [--pretty]

Reads *.rules files as one set, and tries the examples (match, not_match) of every rule.

Prints {"files":[{"file","rules","problems":[{"kind","message","line","column","example"}]}]}. Each problem is also
one line FILE:LINE:COLUMN: MESSAGE on standard error. Exit code 0: every example holds, 1: something is wrong.

  --pretty   indent the JSON
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

    const inputs = await Promise.all(files.map((file) => readInput(file, surroundings)))
    const set = parseRules(inputs.filter((input) => input.ok))
    const all = [...set.prefix, ...set.hostExecutables, ...set.network]
    const report = inputs.map((input) => {
      const { file } = input
      const rules = all.filter(({ place }) => place.file === file).length
      if (!input.ok) {
        surroundings.err(`${input.problem}\n`)
        const message = input.problem.replace(`${file}:1:1: `, '')
        return { file, rules, problems: [{ kind: 'unreadable', message, line: 1, column: 1, example: null }] }
      }
      const own = set.problems.filter(({ place }) => place.file === file)
      for (const { message } of own) surroundings.err(`${message}\n`)
      return { file, rules, problems: own.map(printableProblem) }
    })
    print(surroundings, { files: report }, values.pretty)
    return report.some(({ problems }) => problems.length > 0) ? 1 : 0
  },
}
