import { readFile, stat } from 'node:fs/promises'
import { isWithin } from '../paths.ts'

/** Larger settings files are not read, and count as holding secrets. */
const maxBytes = 256 * 1024

/** A name that is given a value, a header, or a name and password in an address. */
const secretSigns = [
  /(?:token|secret|passw(?:or)?d|api_?key|access_?key|credentials?)[a-z0-9_]*["']?\s*[=:]\s*["']?[^\s"'$]{4}/i,
  /authorization\s*:/i,
  /:\/\/[^/\s:@]+:[^/\s@]+@/,
  /-----BEGIN [A-Z ]*PRIVATE KEY/,
]

export const looksSecret = (text: string): boolean => secretSigns.some((sign) => sign.test(text))

/**
 * Of what is shown again in a closed home folder, the paths that may be shown: a settings file into which somebody
 * wrote a password or token stays closed. Folders are shown as they are.
 */
export async function withoutSecrets(shown: readonly string[], home: string): Promise<string[]> {
  const keep = await Promise.all(
    shown.map(async (path) => {
      if (!isWithin(path, home)) return true
      const stats = await stat(path).catch(() => null)
      if (stats === null || !stats.isFile()) return stats !== null
      if (stats.size > maxBytes) return false
      const text = await readFile(path, 'utf8').catch(() => null)
      return text !== null && !looksSecret(text)
    }),
  )
  return shown.filter((_, at) => keep[at])
}
