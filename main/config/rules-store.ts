import { createHash } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { writeAtomically } from '../platform/atomic-file.ts'
import { fileStamp } from '../platform/file-stamp.ts'
import { type CompiledRules, compileRules } from '../policy/rules/compile-rules.ts'
import { parseGatehouseRules } from '../policy/rules/gatehouse-rules.ts'
import { parseRules, type RulesText } from '../policy/rules/parse-rules.ts'
import type { PrefixRule, RuleProblem, RuleSet } from '../policy/rules/rule.ts'
import { gatehouseFile, type RuleFiles, readRuleFile, readRuleFiles } from './rule-files.ts'

/** The rules of one folder's sessions at one moment. */
export type FolderRules = {
  readonly set: RuleSet
  readonly compiled: CompiledRules
  /** Files an administrator set. */
  readonly managed: ReadonlySet<string>
  /** Files of the folder itself, read because the person trusts it. */
  readonly ofFolder: ReadonlySet<string>
  /** sha256 (hex) over every text that is in force. */
  readonly digest: string
}

export type RequirementPart = {
  readonly rules: readonly PrefixRule[]
  readonly problems: readonly RuleProblem[]
  /** Files of the requirements that say something about rules. */
  readonly files: readonly string[]
}

export type RulesStoreOptions = {
  readonly gatehouseHome: string
  isTrusted(folder: string): boolean
  /** The rules of the requirements in force; called whenever rules are put together. */
  requirements(): RequirementPart
}

/**
 * Rules from all files: the person's, a trusted folder's, the administrator's. Every question to `of` looks at
 * the disk first, so an edit holds for the next action. Everything is merged, the strictest match wins.
 */
export class RulesStore {
  readonly #options: RulesStoreOptions
  readonly #folders = new Map<string, { readonly signature: string; readonly rules: FolderRules }>()

  constructor(options: RulesStoreOptions) {
    this.#options = options
  }

  get userFolder(): string {
    return path.join(this.#options.gatehouseHome, 'rules')
  }
  /** Where rules made here are kept. */
  get ownFile(): string {
    return path.join(this.userFolder, gatehouseFile)
  }

  folderOf(folder: string): string {
    return path.join(folder, '.gatehouse', 'rules')
  }

  /** Every rules or requirements file in a folder, and the folder's own name for one that is added later. */
  async filesIn(folder: string): Promise<readonly string[]> {
    const names = await readdir(folder).catch(() => [])
    return names.filter((n) => /\.(?:rules|toml)$/.test(n)).map((n) => path.join(folder, n))
  }

  /** The rules in force for a folder's sessions; null: for everywhere. */
  async of(folder: string | null): Promise<FolderRules> {
    const trusted = folder !== null && this.#options.isTrusted(folder) ? folder : null
    const requirements = this.#options.requirements()
    const signature = await this.#signature(trusted, requirements)
    const key = trusted ?? ''
    const known = this.#folders.get(key)
    if (known?.signature === signature) return known.rules
    const rules = await this.#read(trusted, requirements)
    this.#folders.set(key, { signature, rules })
    return rules
  }

  /** Changes the text of a file of the person's rules. @throws what the disk said */
  async write(file: string, text: string): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    await writeAtomically(file, text)
    this.#folders.clear()
  }

  /** The text of a rules file; empty when there is none yet. */
  async text(file: string): Promise<RulesText | RuleProblem> {
    const read = await readRuleFile(file)
    const absent = 'message' in read && /ENOENT/.test(read.message)
    return absent ? { file, text: '' } : read
  }

  async #read(trusted: string | null, requirements: RequirementPart): Promise<FolderRules> {
    const own = await readRuleFiles(this.userFolder)
    const folder = trusted === null ? null : await readRuleFiles(this.folderOf(trusted))
    const all: readonly RuleFiles[] = folder ? [own, folder] : [own]
    const starlark = all.flatMap((f) => f.starlark)
    const set = parseRules(starlark)
    // A folder brings Starlark rules only; what a person granted is theirs and stands in their own file.
    const gatehouse = own.gatehouse ? readGatehouse(own.gatehouse) : null
    const unreadable = all.flatMap((f) => f.unreadable)
    const merged: RuleSet = {
      prefix: [...requirements.rules, ...set.prefix],
      hostExecutables: set.hostExecutables,
      network: set.network,
      gatehouse: gatehouse?.rules ?? [],
      broken: [
        ...set.broken,
        ...(gatehouse?.broken ? [gatehouse.broken] : []),
        ...unreadable.map(({ place }) => ({ file: place.file, suspects: null })),
        ...(requirements.problems.length > 0
          ? [{ file: requirements.files[0] ?? 'requirements.toml', suspects: null }]
          : []),
      ],
      problems: [...requirements.problems, ...set.problems, ...(gatehouse?.problems ?? []), ...unreadable],
    }
    const texts = [...starlark, ...(own.gatehouse ? [own.gatehouse] : [])]
    const hash = createHash('sha256').update(JSON.stringify([texts, requirements.rules, unreadable]))
    return {
      set: merged,
      compiled: compileRules(merged),
      managed: new Set(requirements.files),
      ofFolder: new Set(folder?.starlark.map((f) => f.file) ?? []),
      digest: hash.digest('hex'),
    }
  }

  async #signature(trusted: string | null, requirements: RequirementPart): Promise<string> {
    const folders = [this.userFolder, ...(trusted === null ? [] : [this.folderOf(trusted)])]
    const files = await Promise.all(folders.map(stamp))
    return JSON.stringify([files, requirements])
  }
}

/** Names, times and sizes of the rules files of a folder: changes when one of them does. */
async function stamp(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  const wanted = names.filter((n) => n.endsWith('.rules') || n === gatehouseFile).toSorted()
  return Promise.all(
    wanted.slice(0, 200).map(async (name) => {
      const stamp = await fileStamp(path.join(folder, name))
      return `${name} ${stamp ?? 'gone'}`
    }),
  )
}

/** Reads the text of a `gatehouse.toml`. Never throws; what is wrong is in the answer. */
export function readGatehouse({ file, text }: RulesText): ReturnType<typeof parseGatehouseRules> {
  try {
    return parseGatehouseRules(parse(text), text, file)
  } catch (error) {
    const line = error instanceof TomlError ? error.line : 1
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return {
      rules: [],
      broken: { file, suspects: null },
      problems: [
        {
          kind: 'toml-syntax',
          message: `${file}:${line}: ${why}. Until this is mended, every command asks.`,
          place: { file, line, column: error instanceof TomlError ? error.column : 1 },
          example: null,
        },
      ],
    }
  }
}
