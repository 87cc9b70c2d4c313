import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { PlatformFacts } from '../sandbox/detect-platform.ts'

/** What a command needs of the process around it. Paths it is given start from `cwd`. */
export type Surroundings = {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The person's home folder. */
  readonly home: string
  /** Where an administrator's files are. Absent: /etc/gatehouse; tests name a folder of their own. */
  readonly systemDir?: string
  /** What of this machine decides whether it is a container. Absent: it is looked at. */
  readonly platform?: () => Promise<PlatformFacts>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** The standard streams of a program that a command runs. Absent: those of this process. */
  readonly streams?: ProgramStreams
}

/** Pipes of a program, with the other ends here. */
export type ProgramStreams = {
  readonly input: string
  readonly onOutput: (chunk: Uint8Array) => void
  readonly onErrors: (chunk: Uint8Array) => void
}

/** 0: fine. 1: the input is bad. 2: the command line is. What runs a program gives that program's own. */
export type ExitCode = number

export type Command = {
  /** As typed: `rules check`. */
  readonly name: string
  readonly summary: string
  /** The whole text of `--help`. */
  readonly help: string
  /** @throws {UsageProblem} when the command line cannot be understood */
  readonly run: (args: readonly string[], surroundings: Surroundings) => Promise<ExitCode>
}

/** The command line cannot be understood; the message says which part. */
export class UsageProblem extends Error {
  override readonly name = 'UsageProblem'
}

type Options = NonNullable<ParseArgsConfig['options']>

export type Arguments<O extends Options> = {
  readonly values: ReturnType<
    typeof parseArgs<{ options: O; allowPositionals: true; strict: true; args: string[] }>
  >['values']
  /** Words before `--` that belong to no option. */
  readonly words: readonly string[]
  /** Everything after `--`; null when there is none. */
  readonly rest: readonly string[] | null
}

/** Reads the options of one command. @throws {UsageProblem} */
export function readArguments<const O extends Options>(args: readonly string[], options: O): Arguments<O> {
  const end = args.indexOf('--')
  const before = end === -1 ? [...args] : args.slice(0, end)
  try {
    const { values, positionals } = parseArgs({ args: before, options, allowPositionals: true, strict: true })
    return { values, words: positionals, rest: end === -1 ? null : args.slice(end + 1) }
  } catch (problem) {
    // Node's own sentence names the option; what follows it is advice about positionals.
    const message = problem instanceof Error ? (problem.message.split('. ')[0] ?? '') : String(problem)
    throw new UsageProblem(`${message.replace(/\.$/, '')}.`)
  }
}

/** One JSON value on standard output: one line, or indented for people. */
export const print = (surroundings: Surroundings, value: unknown, pretty: boolean | undefined): void =>
  surroundings.out(`${JSON.stringify(value, null, pretty ? 2 : undefined)}\n`)
