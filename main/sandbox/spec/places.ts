import type { PathAccess, SandboxMode } from '../../../protocol/settings.ts'
import { isWithin, outermostFirst } from '../paths.ts'

/** What a mode and a permission profile come to, for one run. All paths absolute and resolved. */
export type Places = {
  readonly writableRoots: readonly string[]
  /** Inside something writable. */
  readonly readOnly: readonly string[]
  /** Folders that show nothing but what is opened again inside them. */
  readonly closedFolders: readonly string[]
  /** Opened again, read-only, inside closed folders. */
  readonly readable: readonly string[]
  /** Unreadable as a whole. */
  readonly denied: readonly string[]
}

/**
 * Sorts the entries of a profile by what a mount has to do for each. The most specific entry decides; a path that
 * no entry speaks of is closed. Pure.
 *
 * @param mode `read-only` reads whatever the profile lets it write
 * @param tmp `/tmp` is emptied for every run, whatever the profile lets it read there
 */
export function placesOf(entries: readonly PathAccess[], mode: SandboxMode, tmp: 'private' | 'host'): Places {
  const access = new Map<string, PathAccess['access']>()
  for (const { path, access: given } of narrowestFirst(entries)) {
    const wanted = given === 'write' && mode === 'read-only' ? 'read' : given
    if (!access.has(path)) access.set(path, wanted)
  }
  if (!access.has('/')) access.set('/', 'deny')

  const paths = outermostFirst(access.keys())
  const found = { writableRoots: [], readOnly: [], closedFolders: [], readable: [], denied: [] } as {
    [K in keyof Places]: string[]
  }
  for (const path of paths) {
    const here = access.get(path)
    const around = path === '/' ? 'read' : above(path, access, tmp)
    if (path === '/tmp' && tmp === 'private') continue
    if (here === 'deny') {
      const reopened = paths.some((p) => p !== path && isWithin(p, path) && access.get(p) !== 'deny')
      if (!reopened && path !== '/') found.denied.push(path)
      // Inside a closed folder there is nothing left to close.
      else if (around !== 'deny') found.closedFolders.push(path)
    } else if (here === 'write') {
      found.writableRoots.push(path)
    } else if (path !== '/' && around === 'write') {
      found.readOnly.push(path)
    } else if (path !== '/' && around === 'deny') {
      found.readable.push(path)
    }
  }
  return found
}

const order = ['deny', 'read', 'write']
const narrowestFirst = (entries: readonly PathAccess[]): PathAccess[] =>
  entries.toSorted((a, b) => order.indexOf(a.access) - order.indexOf(b.access))

function above(
  path: string,
  access: ReadonlyMap<string, PathAccess['access']>,
  tmp: 'private' | 'host',
): PathAccess['access'] {
  let best = ''
  for (const folder of access.keys())
    if (folder !== path && isWithin(path, folder) && folder.length > best.length) best = folder
  if (tmp === 'private' && path !== '/tmp' && isWithin(path, '/tmp') && best.length <= '/tmp'.length)
    return 'deny'
  return access.get(best) ?? 'deny'
}

/** The access of the most specific entry at or above a path. */
export function accessOf(entries: readonly PathAccess[], path: string): PathAccess['access'] {
  let best: PathAccess | null = null
  for (const entry of narrowestFirst(entries))
    if (isWithin(path, entry.path) && (best === null || entry.path.length > best.path.length)) best = entry
  return best?.access ?? 'deny'
}
