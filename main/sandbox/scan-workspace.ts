import { lstat, opendir, realpath } from 'node:fs/promises'
import type { Found, HardLink } from './backend.ts'

export type ScanLimits = {
  readonly signal: AbortSignal
  /** Entries looked at before the walk ends. */
  readonly maxFiles: number
  /** How long it may take, in milliseconds. */
  readonly timeMs: number
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
}

/** More of either than this is kept out of the answer, with `cut` set. */
const maxGitDirs = 1000
const maxHardLinks = 5000

/**
 * Walks a workspace once, in the background, for what a run cannot look for each time: nested git directories and
 * pointer files, and files with more than one name. Follows no link, leaves out the insides of git directories,
 * and ends at its limits; what was found until then counts. A folder that cannot be opened is passed over.
 */
export async function scanWorkspace(folder: string, limits: ScanLimits): Promise<Found> {
  const root = await realpath(folder)
  const endsAt = limits.now() + limits.timeMs
  const gitDirs: string[] = []
  const links = new Map<string, { paths: string[]; dev: number; ino: number; links: number }>()
  let seen = 0
  let cut: Found['cut'] = null
  const ended = (): boolean => {
    if (limits.signal.aborted) cut = 'stopped'
    else if (limits.now() > endsAt) cut = 'time'
    else if (seen >= limits.maxFiles || gitDirs.length >= maxGitDirs || links.size >= maxHardLinks)
      cut = 'files'
    return cut !== null
  }

  const waiting = [root]
  for (let at = waiting.pop(); at !== undefined && !ended(); at = waiting.pop()) {
    // Names that are no UTF-8 come back changed and are then simply not found.
    const entries = await opendir(at).catch(() => null)
    if (entries === null) continue
    for await (const entry of entries) {
      seen++
      if (ended()) break
      const path = `${at === '/' ? '' : at}/${entry.name}`
      if (entry.name === '.git') {
        if (at !== root && (entry.isDirectory() || entry.isFile())) gitDirs.push(path)
      } else if (entry.isDirectory()) waiting.push(path)
      else if (entry.isFile()) await noteLinks(path, links)
    }
  }
  const hardLinks: HardLink[] = [...links.values()]
  return { gitDirs: gitDirs.toSorted(), hardLinks, cut }
}

async function noteLinks(
  path: string,
  links: Map<string, { paths: string[]; dev: number; ino: number; links: number }>,
): Promise<void> {
  const stats = await lstat(path).catch(() => null)
  if (!stats?.isFile() || stats.nlink < 2) return
  const key = `${stats.dev}:${stats.ino}`
  const known = links.get(key)
  if (known) known.paths.push(path)
  else links.set(key, { paths: [path], dev: stats.dev, ino: stats.ino, links: stats.nlink })
}

/** Files of the workspace that also have a name elsewhere: to write to them is to write there. */
export const linkedOutside = (found: Found): readonly HardLink[] =>
  found.hardLinks.filter(({ paths, links }) => links > paths.length)

/** More files than this are counted, not named. */
const namedFiles = 5

/** What a person is told at session start; null when there is nothing to tell. */
export function hardLinkWords(found: Found): { readonly title: string; readonly detail: string } | null {
  const outside = linkedOutside(found)
  if (outside.length === 0) return null
  // After a walk that was cut short, the other name may lie in what was not seen.
  const sure =
    found.cut === null ? '' : ' Not all of the folder was looked at, so some of them may lie inside.'
  const names = outside.slice(0, namedFiles).map(({ paths }) => paths[0])
  const more = outside.length > namedFiles ? ` and ${outside.length - namedFiles} more` : ''
  const one = outside.length === 1
  return {
    title: one
      ? 'One file here also has a name outside the folder'
      : `${outside.length} files here also have a name outside the folder`,
    detail: `A command that changes ${one ? 'it' : 'them'} here changes ${one ? 'it' : 'them'} there as well: ${names.join(', ')}${more}.${sure} Copy ${one ? 'it' : 'them'} to break the link.`,
  }
}
