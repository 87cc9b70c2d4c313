import type { Json } from '../../protocol/config.ts'
import { isTable } from '../policy/settings/layer.ts'

/** A key as it may stand in TOML: bare when it can be, quoted otherwise. */
export const formatKey = (path: readonly string[]): string =>
  path.map((name) => (/^[\w-]+$/.test(name) ? name : formatText(name))).join('.')

/** A value on one line. null for what TOML cannot say: null, and text with half a surrogate pair. */
export function formatValue(value: Json): string | null {
  if (typeof value === 'string') return value.isWellFormed() ? formatText(value) : null
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null
  if (value === null) return null
  const inside = Array.isArray(value)
    ? value.map(formatValue)
    : Object.entries(isTable(value) ? (value as Record<string, Json>) : {}).map(([name, one]) => {
        const text = formatValue(one)
        return text === null || !name.isWellFormed() ? null : `${formatKey([name])} = ${text}`
      })
  if (inside.includes(null)) return null
  if (Array.isArray(value)) return `[${inside.join(', ')}]`
  return inside.length === 0 ? '{}' : `{ ${inside.join(', ')} }`
}

/** JSON's escapes are TOML's, but for the one letter TOML wants escaped and JSON does not. */
const formatText = (text: string): string => JSON.stringify(text).replaceAll('\u007F', '\\u007F')
