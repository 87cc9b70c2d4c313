/** Last part of a program as a command names it: `git` for `/usr/bin/git` and `./git`; '' for a folder. */
export const baseName = (program: string): string => program.slice(program.lastIndexOf('/') + 1)

/**
 * Absolute, without `.`, `..` and doubled slashes, by text alone; links are not followed.
 *
 * @param cwd what a relative path starts from; null: a relative path cannot be told
 */
export function absolutePath(path: string, cwd: string | null): string | null {
  if (!path.startsWith('/')) {
    if (cwd === null || !cwd.startsWith('/')) return null
    return absolutePath(`${cwd}/${path}`, null)
  }
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Whether `path` is `folder` or below it; both absolute. */
export function isWithin(path: string, folder: string): boolean {
  const inner = absolutePath(path, null)
  const outer = absolutePath(folder, null)
  if (inner === null || outer === null) return false
  return outer === '/' || inner === outer || inner.startsWith(`${outer}/`)
}
