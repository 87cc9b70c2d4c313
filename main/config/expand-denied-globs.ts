import { glob } from 'node:fs/promises'
import path from 'node:path'
import type { DeniedGlob } from '../policy/settings/resolved-profile.ts'

export const maxMatches = 5000

/** Thrown when a pattern matches more than can be closed one by one; the caller starts nothing. */
export class TooManyMatches extends Error {
  override readonly name = 'TooManyMatches'
}

/**
 * The files that denied patterns stand for at this moment. Links are not followed while searching; what a link
 * leads to is closed under its own name.
 *
 * @throws TooManyMatches
 */
export async function expandDeniedGlobs(globs: readonly DeniedGlob[]): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const { folder, pattern, maxDepth } of globs) {
    const matches = glob(pattern, { cwd: folder })
    for await (const match of matches) {
      const depth = match.split(path.sep).length
      if (maxDepth !== null && depth > maxDepth) continue
      found.add(path.resolve(folder, match))
      if (found.size > maxMatches)
        throw new TooManyMatches(
          `${folder}/${pattern} matches more than ${maxMatches} files. Name their folder instead, or set glob_scan_max_depth.`,
        )
    }
  }
  return [...found].toSorted()
}
