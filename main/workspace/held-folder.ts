import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { lstat, mkdir, open, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isPathInside } from './byte-path.ts'

/** A folder that stays the same folder while it is used, whatever happens to the path it was found at. */
export type HeldFolder = {
  /** A path to an entry of exactly this folder. `name` has no slash. */
  at(name: string): string
  close(): Promise<void>
}

/** The way to the file is not what it was: a link or a file stands where a folder was. */
export class PathRefused extends Error {
  override readonly name = 'PathRefused'
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/**
 * Opens the folder that a file is in, name by name and never through a link, and keeps it open.
 * Somebody who swaps a folder on the way for a link to elsewhere, before or after, changes nothing: on Linux
 * all later access goes through the open descriptor.
 *
 * @param root  absolute and resolved
 * @param path  relative to it, of a file; names only, no `.` or `..`
 * @param make  `missing` creates folders that are not there
 * @throws PathRefused
 */
export async function holdParent(
  root: string,
  path: string,
  make: 'missing' | 'nothing',
): Promise<HeldFolder> {
  if (!isPathInside(path)) throw new PathRefused(`${path} is not a path inside the folder.`)
  const names = path.split('/')
  return process.platform === 'linux'
    ? holdByDescriptor(root, names.slice(0, -1), make)
    : holdByPath(root, names.slice(0, -1), make)
}

async function holdByDescriptor(
  root: string,
  folders: readonly string[],
  make: 'missing' | 'nothing',
): Promise<HeldFolder> {
  let held = await openFolder(root, root)
  let shown = root
  for (const name of folders) {
    const parent = held
    const path = `/proc/self/fd/${parent.fd}/${name}`
    shown = join(shown, name)
    try {
      if (make === 'missing') await mkdir(path).catch(unless('EEXIST'))
      held = await openFolder(path, shown)
    } finally {
      await parent.close()
    }
  }
  return { at: (name) => `/proc/self/fd/${held.fd}/${name}`, close: () => held.close() }
}

async function openFolder(path: string, shown: string): Promise<FileHandle> {
  try {
    return await open(path, folderFlags)
  } catch (error) {
    throw new PathRefused(`${shown} is not a folder any more.`, { cause: error })
  }
}

/** Without descriptors as paths there is a moment between check and use; see docs/KNOWN-LIMITS.md. */
async function holdByPath(
  root: string,
  folders: readonly string[],
  make: 'missing' | 'nothing',
): Promise<HeldFolder> {
  let path = root
  for (const name of folders) {
    path = join(path, name)
    if (make === 'missing') await mkdir(path).catch(unless('EEXIST'))
    const facts = await lstat(path).catch(() => null)
    if (!facts?.isDirectory()) throw new PathRefused(`${path} is not a folder any more.`)
  }
  const real = await realpath(path)
  if (real !== path) throw new PathRefused(`${path} leads elsewhere.`)
  return {
    at: (name) => {
      if (dirname(join(real, name)) !== real) throw new PathRefused(`${name} is not a name.`)
      return join(real, name)
    },
    close: async () => {},
  }
}

const unless =
  (code: string) =>
  (error: NodeJS.ErrnoException): void => {
    if (error.code !== code) throw error
  }
