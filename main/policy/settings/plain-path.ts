/** Paths by their text alone: no disk, no links. All answers are absolute and free of `.`, `..` and `//`. */

export type PathPlace = {
  /** Absolute folder from which relative paths start. */
  readonly base: string
  /** Absolute home folder, for `~`; null when it is not known. */
  readonly home: string | null
}

/** Resolves `a/b`, `~/x` and `/x`. null for `~user`, for an unknown home, and for text that is no path. */
export function resolvePlain(text: string, place: PathPlace): string | null {
  if (text === '' || text.length > 4096 || text.includes('\0') || !text.isWellFormed()) return null
  if (text === '~' || text.startsWith('~/')) {
    return place.home === null ? null : joinPlain(place.home, text.slice(2))
  }
  if (text.startsWith('~')) return null
  return text.startsWith('/') ? joinPlain('/', text) : joinPlain(place.base, text)
}

/** `folder` and what is below it; `..` climbs by text and stops at the root. */
export function joinPlain(folder: string, below: string): string {
  const names: string[] = []
  for (const name of `${folder}/${below}`.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return `/${names.join('/')}`
}

/** Whether `path` is `folder` or lies below it. Both absolute and plain. */
export const isWithin = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`)

/** The path and all folders above it, nearest first, ending with `/`. */
export function selfAndAbove(path: string): string[] {
  const all = [path]
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) all.push(path.slice(0, at))
  if (path !== '/') all.push('/')
  return all
}
