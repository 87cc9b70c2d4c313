import { open, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { RulesText } from '../policy/rules/parse-rules.ts'
import type { RuleProblem } from '../policy/rules/rule.ts'

/** Rules files of one folder as they stand on the disk. */
export type RuleFiles = {
  readonly starlark: readonly RulesText[]
  /** `gatehouse.toml`; null when there is none. */
  readonly gatehouse: RulesText | null
  /** Files that are there but cannot be read as text. What they might restrict is asked. */
  readonly unreadable: readonly RuleProblem[]
}

const maxBytes = 1024 * 1024
const maxFiles = 200
export const gatehouseFile = 'gatehouse.toml'

/** Reads `*.rules` and `gatehouse.toml` directly in `folder`, by name. An absent folder holds none. Never throws. */
export async function readRuleFiles(folder: string): Promise<RuleFiles> {
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return { starlark: [], gatehouse: null, unreadable: [] }
    return {
      starlark: [],
      gatehouse: null,
      unreadable: [unreadable(folder, `could not be listed: ${message}`)],
    }
  }
  const wanted = names.filter((n) => n.endsWith('.rules') || n === gatehouseFile).toSorted()
  const problems: RuleProblem[] = []
  if (wanted.length > maxFiles)
    problems.push(unreadable(folder, `holds ${wanted.length} rules files; at most ${maxFiles} are read`))
  const read = await Promise.all(
    wanted.slice(0, maxFiles).map(async (name) => readRuleFile(path.join(folder, name))),
  )
  const texts = read.filter((r): r is RulesText => 'text' in r)
  return {
    starlark: texts.filter((t) => t.file.endsWith('.rules')),
    gatehouse: texts.find((t) => path.basename(t.file) === gatehouseFile) ?? null,
    unreadable: [...problems, ...read.filter((r): r is RuleProblem => 'message' in r)],
  }
}

/** One rules file as text, or why it cannot be read. */
export async function readRuleFile(file: string): Promise<RulesText | RuleProblem> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(file, 'r')
  } catch (error) {
    return unreadable(file, `could not be read: ${(error as Error).message}`)
  }
  try {
    const facts = await handle.stat()
    if (!facts.isFile()) return unreadable(file, 'is not a plain file')
    if (facts.size > maxBytes) return unreadable(file, 'is larger than 1 MB')
    const bytes = await handle.readFile()
    return { file, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch (error) {
    return unreadable(
      file,
      error instanceof TypeError ? 'is not UTF-8' : `could not be read: ${String(error)}`,
    )
  } finally {
    await handle.close()
  }
}

const unreadable = (file: string, why: string): RuleProblem => ({
  kind: 'unreadable',
  message: `${file} ${why}. Until it can be read, every command asks.`,
  place: { file, line: 1, column: 1 },
  example: null,
})
