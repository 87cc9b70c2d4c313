/** Pure questions about absolute, normalised paths. */

/** `path` is `folder` or lies below it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)

/** Folders strictly between `folder` and `path`, the outermost first. Empty when `path` is not below. */
export function foldersBetween(folder: string, path: string): string[] {
  if (path === folder || !isWithin(path, folder)) return []
  const base = folder === '/' ? '' : folder
  const parts = path.slice(base.length + 1).split('/')
  return parts.slice(0, -1).map((_, index) => `${base}/${parts.slice(0, index + 1).join('/')}`)
}

/** Outer folders before inner ones, without repeats: a later mount would cover an inner one. */
export const outermostFirst = (paths: Iterable<string>): string[] =>
  [...new Set(paths)].toSorted((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1))
