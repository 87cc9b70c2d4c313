import { parse, TomlError } from 'smol-toml'
import type { LayerName } from '../../protocol/config.ts'
import type { ConfigLayer, RawTable } from '../policy/settings/layer.ts'
import { emptyTable, maxTableDepth, tooLarge } from '../policy/settings/layer.ts'
import { keyLines } from './find-key-line.ts'

/** What was found where a file may be. */
export type FoundText =
  | { readonly state: 'text'; readonly text: string }
  | { readonly state: 'absent' }
  /** `why` is a sentence that begins with the path. */
  | { readonly state: 'unreadable'; readonly why: string }

const dirOf = (file: string): string => file.slice(0, Math.max(1, file.lastIndexOf('/')))

/** Turns a found text into a layer. A text that is no TOML makes a broken layer. Pure; never throws. */
export function parseLayer(name: LayerName, file: string, found: FoundText): ConfigLayer {
  const layer: ConfigLayer = {
    name,
    file,
    base: dirOf(file),
    state: 'absent',
    why: null,
    whyLine: null,
    table: emptyTable,
    lineOf: () => null,
  }
  if (found.state === 'absent') return layer
  if (found.state === 'unreadable') return { ...layer, state: 'broken', why: found.why }
  const parsed = parseToml(found.text)
  if ('why' in parsed)
    return { ...layer, state: 'broken', why: `${file} ${parsed.why}`, whyLine: parsed.line }
  return { ...layer, state: 'read', table: parsed.table, lineOf: keyLines(found.text) }
}

/** Parses TOML; what is wrong as the end of a sentence, with its line when it is known. */
export function parseToml(
  text: string,
): { readonly table: RawTable } | { readonly why: string; readonly line: number | null } {
  try {
    const table: RawTable = parse(text, { maxDepth: maxTableDepth })
    const large = tooLarge(table)
    return large ? { why: `${large}.`, line: null } : { table }
  } catch (error) {
    if (!(error instanceof TomlError)) return { why: 'cannot be read as TOML.', line: null }
    const message = (error.message.split('\n')[0] ?? '').replace('Invalid TOML document: ', '').slice(0, 300)
    return { why: `is no TOML: ${message}, line ${error.line}.`, line: error.line }
  }
}
