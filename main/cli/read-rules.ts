import { readGatehouse } from '../config/rules-store.ts'
import { parseRules } from '../policy/rules/parse-rules.ts'
import type { RuleSet } from '../policy/rules/rule.ts'
import type { Surroundings } from './command.ts'
import { type Input, readInput } from './read-input.ts'

export type NamedRules = {
  /** In the order in which they were named. */
  readonly inputs: readonly Input[]
  readonly set: RuleSet
}

/**
 * Reads rules files as one set: those that end in `.toml` as `gatehouse.toml`, all others as Codex's `*.rules`. What
 * cannot be read as text is only in `inputs`.
 */
export async function readRules(files: readonly string[], surroundings: Surroundings): Promise<NamedRules> {
  const inputs = await Promise.all(files.map((file) => readInput(file, surroundings)))
  const texts = inputs.filter((input) => input.ok)
  const starlark = parseRules(texts.filter(({ file }) => !isToml(file)))
  const gatehouse = texts.filter(({ file }) => isToml(file)).map(readGatehouse)
  return {
    inputs,
    set: {
      ...starlark,
      gatehouse: gatehouse.flatMap(({ rules }) => rules),
      broken: [...starlark.broken, ...gatehouse.flatMap(({ broken }) => broken ?? [])],
      problems: [...starlark.problems, ...gatehouse.flatMap(({ problems }) => problems)],
    },
  }
}

const isToml = (file: string): boolean => file.endsWith('.toml')
