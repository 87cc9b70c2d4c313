import { parse, TomlError } from 'smol-toml'
import type { ConfigLayer } from '../policy/settings/layer.ts'
import { emptyTable, isTable, tooLarge } from '../policy/settings/layer.ts'

/**
 * Turns `-c key=value` into a layer. The value is TOML when it can be read as such, otherwise a text. Keys are
 * dotted; a name with dots in it is quoted as in TOML (`projects."/a.b".trust_level`). Never throws.
 *
 * @param flags `key=value`, in order; later ones win
 * @param cwd absolute; relative paths in values start from it
 */
export function parseFlags(flags: readonly string[], cwd: string): ConfigLayer {
  const root = Object.create(null) as Record<string, unknown>
  let why: string | null = null
  for (const flag of flags) {
    const split = splitFlag(flag)
    if (!split) why ??= `-c ${JSON.stringify(flag.slice(0, 100))} is not of the form key=value.`
    else if (tooLarge([split.value]) || split.names.length > 60) why ??= 'A value given with -c is too large.'
    else setAt(root, split.names, split.value)
  }
  return {
    name: 'flags',
    file: null,
    base: cwd,
    state: why ? 'broken' : flags.length > 0 ? 'read' : 'absent',
    why,
    whyLine: null,
    table: why ? emptyTable : root,
    lineOf: () => null,
  }
}

function splitFlag(flag: string): { names: string[]; value: unknown } | null {
  const quotedKey =
    /^\s*((?:[\w-]+|"[^"\\\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[\w-]+|"[^"\\\n]*"|'[^'\n]*'))*)\s*=/.exec(flag)
  const key = quotedKey?.[1]
  if (!quotedKey || key === undefined) return null
  const names = [...key.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  )
  return { names, value: valueOf(flag.slice(quotedKey[0].length).trim()) }
}

function valueOf(text: string): unknown {
  try {
    const table = parse(`value = ${text}`)
    // A line break in the text could have smuggled in a second key.
    if (Object.keys(table).length === 1) return table['value']
  } catch (error) {
    if (!(error instanceof TomlError) && !(error instanceof RangeError)) throw error
  }
  return text.replace(/^["']+|["']+$/g, '')
}

function setAt(root: Record<string, unknown>, names: readonly string[], value: unknown): void {
  let table = root
  for (const name of names.slice(0, -1)) {
    const next = Object.hasOwn(table, name) ? table[name] : undefined
    const inside = (isTable(next) ? next : Object.create(null)) as Record<string, unknown>
    table[name] = inside
    table = inside
  }
  table[names.at(-1) ?? ''] = value
}
