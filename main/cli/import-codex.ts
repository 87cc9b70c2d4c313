import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { writeAtomically } from '../platform/atomic-file.ts'
import { type Command, print, readArguments, type Surroundings, UsageProblem } from './command.ts'
import { homeOf } from './config-show.ts'
import { type Described, describeConfig, describeRules } from './describe-import.ts'
import { type Input, readInput } from './read-input.ts'

const help = `gatehouse import codex [--home DIR] [--write] [--force] [--pretty]

Shows what Gatehouse would take over from Codex: config.toml, NAME.config.toml and rules/*.rules. The files have the
same format, so they are taken over as they are, byte for byte. Nothing is written without --write.

Prints {"from","to","files":[{"file","state","written","keys","rules","problems"}]}. state is "new", "same" (already
there), "exists" (another file of that name is there and is kept without --force) or "broken" (never written).
Exit code 1 when a file is broken, or is kept although --write was given.

  --home DIR   where Codex keeps its files (default: CODEX_HOME, else ~/.codex)
  --write      write them to GATEHOUSE_HOME (else ~/.gatehouse)
  --force      replace files that are already there
  --pretty     indent the JSON

Example:
  gatehouse import codex --pretty && gatehouse import codex --write
`

type ImportState = 'new' | 'same' | 'exists' | 'broken'

type ImportedFile = Omit<Described, 'broken'> & {
  /** Below both folders. */
  readonly file: string
  readonly state: ImportState
  readonly written: boolean
}

export const importCodex: Command = {
  name: 'import codex',
  summary: 'take over the settings and rules of Codex',
  help,
  run: async (args, surroundings) => {
    const { values, words, rest } = readArguments(args, {
      home: { type: 'string' },
      write: { type: 'boolean' },
      force: { type: 'boolean' },
      pretty: { type: 'boolean' },
    })
    const extra = [...words, ...(rest ?? [])][0]
    if (extra !== undefined) throw new UsageProblem(`${JSON.stringify(extra)} belongs to no option.`)
    if (values.force && !values.write) throw new UsageProblem('--force is for --write.')

    const { env, cwd, home } = surroundings
    const from = path.resolve(cwd, values.home ?? (env['CODEX_HOME'] || path.join(home, '.codex')))
    const to = homeOf(surroundings)
    const names = await namesIn(from)
    if (names === null) {
      surroundings.err(`${from}: There is no such folder; name it with --home.\n`)
      return 1
    }
    const files: ImportedFile[] = []
    let failed = false
    for (const name of names) {
      const { text, ...described } = await describe(from, to, name, surroundings)
      const wanted = described.state === 'new' || (described.state === 'exists' && values.force === true)
      const target = path.join(to, name)
      const problem = wanted && values.write ? await put(target, text, values.force === true) : null
      if (problem !== null) surroundings.err(`${target}:1:1: This file cannot be written: ${problem}.\n`)
      failed ||= problem !== null
      files.push({ ...described, written: wanted && values.write === true && problem === null })
    }
    for (const { file, problems } of files)
      for (const { line, message } of problems)
        surroundings.err(`${path.join(from, file)}:${line}:1: ${message}\n`)
    const kept = files.filter(({ state, written }) => values.write === true && state === 'exists' && !written)
    for (const { file } of kept)
      surroundings.err(
        `${path.join(to, file)}:1:1: This file is there already and was kept; --force replaces it.\n`,
      )
    print(surroundings, { from, to, files }, values.pretty)
    return failed || kept.length > 0 || files.some(({ state }) => state === 'broken') ? 1 : 0
  },
}

/** The files that are taken over, in order; null when the folder cannot be listed. */
async function namesIn(folder: string): Promise<readonly string[] | null> {
  const list = (below: string): Promise<string[] | null> =>
    readdir(path.join(folder, below), { withFileTypes: true }).then(
      (entries) => entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name),
      () => null,
    )
  const [top, rules] = await Promise.all([list('.'), list('rules')])
  if (top === null) return null
  const configs = top.filter((name) => name === 'config.toml' || /^[\w-]{1,64}\.config\.toml$/.test(name))
  return [
    ...configs.toSorted(),
    ...(rules ?? [])
      .filter((name) => name.endsWith('.rules'))
      .toSorted()
      .map((name) => `rules/${name}`),
  ]
}

async function describe(
  from: string,
  to: string,
  file: string,
  surroundings: Surroundings,
): Promise<Omit<ImportedFile, 'written'> & { readonly text: string }> {
  const input = await readInput(path.join(from, file), surroundings)
  if (!input.ok) {
    const message = input.problem.slice(`${input.file}:1:1: `.length)
    return {
      file,
      state: 'broken',
      keys: [],
      rules: 0,
      problems: [{ line: 1, message }],
      text: '',
    }
  }
  const described = file.endsWith('.rules')
    ? describeRules(path.basename(file), input.text)
    : describeConfig(path.join(from, file), input.text, surroundings.home)
  const there = await readInput(path.join(to, file), surroundings)
  const { broken, ...shown } = described
  return {
    file,
    state: broken ? 'broken' : stateOf(there, input.text),
    ...shown,
    text: input.text,
  }
}

function stateOf(there: Input, text: string): ImportState {
  if (there.ok) return there.text === text ? 'same' : 'exists'
  return there.problem.endsWith('There is no such file.') ? 'new' : 'exists'
}

/** Writes one file; what went wrong, or null. */
async function put(file: string, text: string, force: boolean): Promise<string | null> {
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    // Without --force the system refuses to replace what appeared since we looked.
    if (force) await writeAtomically(file, text)
    else await writeFile(file, text, { flag: 'wx', mode: 0o600 })
    return null
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem)
  }
}
