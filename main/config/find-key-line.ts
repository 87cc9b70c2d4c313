import { scanToml } from './scan-toml.ts'

/** Tells the line of a key, counted from 1; the nearest table around it when the key itself has none. */
export type LineOf = (path: readonly string[]) => number | null

/** Reads the text once; every question after that is a look-up. */
export function keyLines(text: string): LineOf {
  let lines: Map<string, number> | null = null
  const read = (): Map<string, number> => {
    const all = new Map<string, number>()
    for (const { path, line } of scanToml(text)) {
      for (let length = path.length; length > 0; length--) {
        const key = path.slice(0, length).join('\0')
        if (all.has(key)) break
        all.set(key, line)
      }
    }
    return all
  }
  return (path) => {
    lines ??= read()
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(path.slice(0, length).join('\0'))
      if (line !== undefined) return line
    }
    return null
  }
}
