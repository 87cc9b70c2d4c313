import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import type { LoadedConfig, Reading } from './config-file.ts'
import { keys, narrowDefaults, reserved, tables } from './config-file.ts'
import { findKeyLine } from './find-key-line.ts'
import { nearestName } from './nearest-name.ts'

const maxBytes = 1024 * 1024

/**
 * Reads `GATEHOUSE_HOME/config.toml`. A key that is unknown or wrong is told and has no effect; a file that
 * cannot be read at all leaves the narrowest settings. Never throws.
 */
export async function loadConfig(gatehouseHome: string): Promise<LoadedConfig> {
  const file = join(gatehouseHome, 'config.toml')
  const text = await readText(file)
  if (text === null) return { defaults: {}, facts: [], problems: [], files: [] }
  if (typeof text !== 'string') return broken(file, text.problem)
  return readConfig(file, text)
}

/** The pure part: text to settings. */
export function readConfig(file: string, text: string): LoadedConfig {
  let config: Record<string, unknown>
  try {
    config = parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const message = (error.message.split('\n')[0] ?? '').replace('Invalid TOML document: ', '')
    return broken(file, `${file}:${error.line}: ${message}.`)
  }
  const reading: Reading = {
    defaults: {},
    facts: [],
    problems: [],
    where: (path) => {
      const line = findKeyLine(text, path)
      return line === null ? file : `${file}:${line}`
    },
  }
  readTable(config, [], reading)
  return { defaults: reading.defaults, facts: reading.facts, problems: reading.problems, files: [file] }
}

const broken = (file: string, problem: string): LoadedConfig => ({
  defaults: narrowDefaults,
  facts: [],
  problems: [`${problem} Until this is mended, new sessions start in Read only and ask for every command.`],
  files: [file],
})

function readTable(table: Record<string, unknown>, path: readonly string[], reading: Reading): void {
  for (const [name, value] of Object.entries(table)) {
    const here = [...path, name]
    const key = here.join('.')
    if (key === reserved) continue
    if (here.length === 1 && tables.includes(name)) {
      if (isTable(value)) readTable(value, here, reading)
      else reading.problems.push(`${reading.where(here)}: ${key} must be a table.`)
      continue
    }
    const reader = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (!reader) {
      reading.problems.push(unknownKey(here, reading))
      continue
    }
    const wrong = reader(value, reading)
    if (wrong) reading.problems.push(`${reading.where(here)}: ${key} ${wrong}.`)
    else reading.facts.push({ key, value: JSON.stringify(value), origin: reading.where(here) })
  }
}

function unknownKey(path: readonly string[], reading: Reading): string {
  const key = path.join('.')
  const candidates = [...Object.keys(keys), ...tables, reserved]
  // A key in the wrong table is as common as a misspelled one.
  const elsewhere = candidates.find((candidate) => candidate.split('.').at(-1) === path.at(-1))
  const nearest = elsewhere ?? nearestName(key, candidates)
  const shown = key.length > 80 ? `${key.slice(0, 80)}…` : key
  return `${reading.where(path)}: ${shown} is not a key this version reads; it has no effect.${
    nearest ? ` Did you mean ${nearest}?` : ''
  }`
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

/** null when there is no file. */
async function readText(path: string): Promise<string | { problem: string } | null> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'r')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? null : { problem: `${path} could not be read: ${message}.` }
  }
  try {
    const facts = await file.stat()
    if (!facts.isFile()) return { problem: `${path} is not a plain file.` }
    if (facts.size > maxBytes) return { problem: `${path} is larger than 1 MB.` }
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile())
  } catch (error) {
    if (error instanceof TypeError) return { problem: `${path} is not UTF-8.` }
    return { problem: `${path} could not be read: ${(error as Error).message}.` }
  } finally {
    await file.close()
  }
}
