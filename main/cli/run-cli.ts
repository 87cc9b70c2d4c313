import { nearestName } from '../policy/settings/nearest-name.ts'
import { type Command, type ExitCode, type Surroundings, UsageProblem } from './command.ts'

/**
 * Runs one command line: JSON on standard output, problems on standard error, 0 fine, 1 bad input, 2 usage.
 *
 * @param args without the program's name
 */
export async function runCli(
  args: readonly string[],
  commands: readonly Command[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const first = args[0]
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    if (first === undefined) surroundings.err(usage(commands))
    else surroundings.out(usage(commands))
    return first === undefined ? 2 : 0
  }

  const command = findCommand(args, commands)
  if (!command) return unknown(args, commands, surroundings)
  const own = args.slice(command.name.split(' ').length)
  const end = own.indexOf('--')
  const options = end === -1 ? own : own.slice(0, end)
  if (options.includes('--help') || options.includes('-h')) {
    surroundings.out(command.help)
    return 0
  }
  try {
    return await command.run(own, surroundings)
  } catch (problem) {
    if (!(problem instanceof UsageProblem)) throw problem
    surroundings.err(
      `gatehouse ${command.name}: ${problem.message}\n\`gatehouse ${command.name} --help\` lists the options.\n`,
    )
    return 2
  }
}

/** The command with the most words in front of the line: `judge host` before `judge`. */
function findCommand(args: readonly string[], commands: readonly Command[]): Command | null {
  const fits = commands.filter(({ name }) => name.split(' ').every((word, index) => args[index] === word))
  return fits.toSorted((a, b) => b.name.split(' ').length - a.name.split(' ').length)[0] ?? null
}

function unknown(args: readonly string[], commands: readonly Command[], { err }: Surroundings): ExitCode {
  const group = commands.filter(({ name }) => name.split(' ')[0] === args[0])
  const typed = (group.length > 0 ? args.slice(0, 2) : args.slice(0, 1)).join(' ').slice(0, 80)
  const names = [...new Set(commands.flatMap(({ name }) => [name, name.split(' ')[0] ?? name]))]
  const near = nearestName(typed, group.length > 0 ? group.map(({ name }) => name) : names)
  const hint = near === null || near === typed ? '' : ` Did you mean \`gatehouse ${near}\`?`
  err(`gatehouse: there is no command \`${typed}\`.${hint}\n\n${usage(group.length > 0 ? group : commands)}`)
  return 2
}

function usage(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(({ name, summary }) => `  gatehouse ${name.padEnd(width)}  ${summary}\n`)
  return `Usage:\n${lines.join('')}\n\`gatehouse COMMAND --help\` tells more. JSON on standard output, problems on standard error;\nexit code 0: fine, 1: bad input, 2: the command line cannot be understood.\n`
}
