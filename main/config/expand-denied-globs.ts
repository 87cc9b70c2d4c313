import { opendir } from 'node:fs/promises'
import { globPattern } from '../policy/settings/glob-pattern.ts'
import type { DeniedGlob } from '../policy/settings/resolved-profile.ts'

export const maxMatches = 5000

/** Thrown when a pattern matches more than can be closed one by one; the caller starts nothing. */
export class TooManyMatches extends Error {
  override readonly name = 'TooManyMatches'
}

/**
 * The files and folders that denied patterns stand for at this moment; of a folder that matches, what is inside is
 * not listed. Names with a dot in front are found as well. Links are not followed while searching; what a link
 * leads to is closed under its own name. Without patterns nothing is looked at.
 *
 * @throws TooManyMatches
 */
export async function expandDeniedGlobs(globs: readonly DeniedGlob[]): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const glob of globs) await expand(glob, found)
  return [...found].toSorted()
}

async function expand({ folder, pattern, maxDepth }: DeniedGlob, found: Set<string>): Promise<void> {
  const { matches, reaches } = globPattern(pattern)
  const top = folder === '/' ? '' : folder
  const waiting = [{ below: '', depth: 0 }]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { below, depth } = at
    if (maxDepth !== null && depth >= maxDepth) continue
    // Closed to us, so closed to a command of ours as well.
    const entries = await opendir(below === '' ? folder : `${top}/${below}`).catch(() => null)
    if (entries === null) continue
    for await (const entry of entries) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (matches(path)) found.add(`${top}/${path}`)
      else if (entry.isDirectory() && reaches(path)) waiting.push({ below: path, depth: depth + 1 })
      if (found.size > maxMatches)
        throw new TooManyMatches(
          `${folder}/${pattern} matches more than ${maxMatches} files. Name their folder instead, or set glob_scan_max_depth.`,
        )
    }
  }
}
