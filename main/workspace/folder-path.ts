import { constants } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'

export type FolderPath =
  | { readonly status: 'ok'; readonly path: string }
  | { readonly status: 'noFolder'; readonly why: string }

const maxPathChars = 4096

const noFolder = (why: string): FolderPath => ({ status: 'noFolder', why })

/** Resolves what a person or a client gave as a folder, or says in one sentence why it is none. */
export async function resolveFolder(path: string): Promise<FolderPath> {
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path
  if (path.includes('\0')) return noFolder('The path contains a NUL character, which no folder has.')
  if (!isAbsolute(path)) return noFolder(`${shown || 'An empty path'} is not an absolute path.`)
  if (path.length > maxPathChars) return noFolder(`The path is longer than ${maxPathChars} characters.`)
  try {
    const real = await realpath(path)
    if (!(await stat(real)).isDirectory()) return noFolder(`${shown} is a file, not a folder.`)
    await access(real, constants.R_OK | constants.X_OK)
    // A name that is not UTF-8 comes back changed, and would name another folder.
    if (real.includes('\ufffd')) return noFolder(`The name of ${shown} is not UTF-8. Rename it first.`)
    return { status: 'ok', path: real }
  } catch (error) {
    return noFolder(reason(shown, error as NodeJS.ErrnoException))
  }
}

function reason(shown: string, error: NodeJS.ErrnoException): string {
  switch (error.code ?? '') {
    case 'ENOENT':
      return `${shown} does not exist.`
    case 'ENOTDIR':
      return `${shown} leads through a file.`
    case 'EACCES':
    case 'EPERM':
      return `${shown} may not be opened by you.`
    case 'ELOOP':
      return `${shown} is a symlink that leads back to itself.`
    case 'ENAMETOOLONG':
      return `A name in ${shown} is too long.`
    default:
      return `${shown} could not be opened: ${error.message}`
  }
}

/** Whether `inner` is `outer` or below it. Both absolute and resolved. */
export const isWithin = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`)
