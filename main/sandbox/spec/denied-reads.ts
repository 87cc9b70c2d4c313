import { lstat } from 'node:fs/promises'
import type { SandboxSpec } from '../../../protocol/sandbox.ts'
import type { Found } from '../backend.ts'
import { isWithin } from '../paths.ts'
import type { Places } from './places.ts'

export type DeniedGlobs = NonNullable<SandboxSpec['deniedGlobs']>

/**
 * Opens again what a grant says may be read: a denied file is denied no more, and a folder that was denied as a
 * whole then shows nothing but what was granted in it. `never` stays closed whatever is granted.
 */
export function openForReading(places: Places, granted: readonly string[], never: string): Places {
  const opened = granted.filter((path) => !isWithin(path, never) && path !== '/')
  if (opened.length === 0) return places
  const left = places.denied.filter((path) => !opened.includes(path))
  const nowFolders = left.filter((path) => opened.some((open) => isWithin(open, path)))
  const closedFolders = [...places.closedFolders, ...nowFolders]
  return {
    ...places,
    denied: left.filter((path) => !nowFolders.includes(path)),
    closedFolders,
    readable: [
      ...new Set([
        ...places.readable,
        ...opened.filter((path) => closedFolders.some((closed) => isWithin(path, closed))),
      ]),
    ],
  }
}

/** All names, found in the workspace, of denied files that have more than one: a mask covers a name, not a file. */
export async function otherNamesOf(denied: readonly string[], found: Found | null): Promise<string[]> {
  const links = found?.hardLinks ?? []
  if (links.length === 0) return []
  const stats = await Promise.all(denied.map((path) => lstat(path).catch(() => null)))
  return stats.flatMap((file) =>
    file && file.isFile() && file.nlink > 1
      ? links.filter(({ dev, ino }) => dev === file.dev && ino === file.ino).flatMap(({ paths }) => paths)
      : [],
  )
}

/** An absent path as a pattern, so that it is closed as soon as it appears. */
export function patternFor(path: string): DeniedGlobs[number] {
  const at = path.lastIndexOf('/')
  return { folder: path.slice(0, at) || '/', pattern: path.slice(at + 1).replace(/[*?[\]{}]/g, '[$&]') }
}
