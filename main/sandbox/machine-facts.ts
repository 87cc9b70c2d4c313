import { lstatSync } from 'node:fs'
import { lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { MachineFacts } from './bwrap-argv.ts'
import { foldersBetween, isWithin } from './paths.ts'
import { SandboxUnavailable } from './sandbox-unavailable.ts'

/** More host sockets than this outside /run and /tmp: the machine is not one we know how to close. */
const maxSockets = 256

/** Looks at this machine just before a run; see MachineFacts. */
export async function inspectMachine(
  spec: SandboxSpec,
  fixed: Pick<MachineFacts, 'ownUser' | 'refusesNested' | 'launcher'>,
): Promise<MachineFacts> {
  const hiddenFolders = await runtimeFolders()
  const [masks, rootLinks, sockets, resolvConf] = await Promise.all([
    kinds(spec.deniedReads),
    spec.closedFolders?.includes('/') ? linksAtTheTop() : [],
    hostSockets(await readFile('/proc/net/unix', 'utf8').catch(() => '')),
    realpath('/etc/resolv.conf').catch(() => null),
  ])
  const { ownUser, refusesNested, launcher } = fixed
  const shownSockets = sockets.filter(
    (path) =>
      isShown(spec, path) &&
      !hiddenFolders.some((folder) => isWithin(path, folder)) &&
      !isWithin(path, '/dev') &&
      !(spec.tmp === 'private' && isWithin(path, '/tmp') && !opened(spec, path)) &&
      !masks.some((mask) => isWithin(path, mask.path)),
  )
  const socketFolders = (await foldersOfSockets(shownSockets)).filter((folder) => !opened(spec, folder))
  return {
    ownUser,
    refusesNested,
    launcher,
    kernelSettings: await existing([
      '/proc/sys',
      '/proc/sysrq-trigger',
      '/proc/irq',
      '/proc/bus',
      '/proc/fs',
    ]),
    hiddenFolders,
    // systemd-resolved keeps the real file below /run; without it no name resolves.
    shownAgain: resolvConf && hiddenFolders.some((path) => isWithin(resolvConf, path)) ? [resolvConf] : [],
    rootLinks: rootLinks.filter(
      ({ real }) => opened(spec, real) || spec.readablePaths?.some((shown) => isWithin(real, shown)),
    ),
    sockets: shownSockets.filter((path) => !socketFolders.some((folder) => isWithin(path, folder))),
    masks: [...masks, ...socketFolders.map((path) => ({ path, kind: 'folder' as const }))],
  }
}

/**
 * The same facts without what went since: bubblewrap cannot cover a socket that is not there, and nobody can connect
 * to it. Does not wait, so that as little as possible comes between this look and the start.
 */
export function withoutGoneSockets(spec: SandboxSpec, facts: MachineFacts): MachineFacts {
  return {
    ...facts,
    sockets: facts.sockets.filter(isThere),
    masks: facts.masks.filter(({ path }) => spec.deniedReads.includes(path) || isThere(path)),
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    // What cannot be looked at stays covered.
    return true
  }
}

/** Whether bubblewrap's words say that one of these sockets, or a folder of them, was no longer there to be covered. */
export function saysSocketGone(words: string, spec: SandboxSpec, facts: MachineFacts): boolean {
  const path = /^bwrap: Can't (?:create file at|mkdir) (\/.*): [^:]+$/.exec(words)?.[1]
  if (path === undefined || spec.deniedReads.includes(path)) return false
  return facts.sockets.includes(path) || facts.masks.some((mask) => mask.path === path)
}

/**
 * Folders that hold sockets and nothing else are hidden as a whole: one that is gone before its mask is made would
 * end the start of the run, and one that comes later would stay open.
 */
async function foldersOfSockets(sockets: readonly string[]): Promise<string[]> {
  const folders = [...new Set(sockets.map((path) => dirname(path)))]
  const whole = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
      return entries.length > 0 && entries.every((entry) => entry.isSocket())
    }),
  )
  return folders.filter((_, at) => whole[at])
}

/** Not inside a closed folder, or shown again in it. */
function isShown(spec: SandboxSpec, path: string): boolean {
  const { closedFolders = [], readablePaths = [] } = spec
  const closed = closedFolders
    .filter((folder) => isWithin(path, folder))
    .toSorted((a, b) => b.length - a.length)[0]
  return (
    closed === undefined ||
    opened(spec, path) ||
    readablePaths.some((shown) => isWithin(path, shown) && shown.length > closed.length)
  )
}

/** `/bin` and its like, where they are links. */
async function linksAtTheTop(): Promise<{ path: string; target: string; real: string }[]> {
  const names = await readdir('/')
  const links = await Promise.all(
    names.map(async (name) => {
      const target = await readlink(`/${name}`).catch(() => null)
      const real = target === null ? null : await realpath(`/${name}`).catch(() => null)
      return target !== null && real !== null ? { path: `/${name}`, target, real } : null
    }),
  )
  return links.filter((link) => link !== null)
}

/** A root or grant shows this path although /tmp is private. */
const opened = (spec: SandboxSpec, path: string): boolean =>
  [...spec.writableRoots, ...spec.grantedPaths, ...spec.protectedPaths.map((p) => p.path)].some((root) =>
    isWithin(path, root),
  )

async function existing(paths: readonly string[]): Promise<string[]> {
  const stats = await Promise.all(paths.map((path) => lstat(path).catch(() => null)))
  return paths.filter((_, index) => stats[index] !== null)
}

/** /run, and /var/run where it is a folder of its own. */
async function runtimeFolders(): Promise<string[]> {
  const found = await Promise.all(
    ['/run', '/var/run'].map(async (path) => (await lstat(path).catch(() => null))?.isDirectory() && path),
  )
  return found.filter((path) => typeof path === 'string')
}

/** Paths of the listening sockets in a `/proc/net/unix` listing that are really there. */
export async function hostSockets(listing: string): Promise<string[]> {
  const paths = new Set<string>()
  for (const line of listing.split('\n').slice(1)) {
    // Num RefCount Protocol Flags Type St Inode Path; abstract names start with @ and go with the network.
    const path = /^\S+: \S+ \S+ \S+ \S+ \S+ +\d+ (\/.*)$/.exec(line)?.[1]
    if (path) paths.add(path)
  }
  const checked = await Promise.all(
    [...paths].map(async (path) => {
      const resolved = await realpath(path).catch(() => null)
      if (resolved === null || (await outOfReach(resolved))) return null
      return (await stat(resolved).catch(() => null))?.isSocket() ? resolved : null
    }),
  )
  const sockets = [...new Set(checked.filter((path) => path !== null))].toSorted((a, b) => (a < b ? -1 : 1))
  if (sockets.length > maxSockets) {
    throw new SandboxUnavailable({
      code: 'backendFailed',
      detail: `${sockets.length} sockets of other programs lie outside /run and /tmp, more than can be closed.`,
    })
  }
  return sockets
}

/**
 * Whether a folder on the way is closed to root as a command has it: without capabilities. bubblewrap could not
 * cover anything there, and nothing there can be connected to. Other users were told so by `realpath`.
 */
async function outOfReach(path: string): Promise<boolean> {
  if (process.getuid?.() !== 0) return false
  const groups = process.getgroups?.() ?? []
  for (const folder of foldersBetween('/', path)) {
    const stats = await stat(folder).catch(() => null)
    if (stats === null) return true
    const bits = stats.uid === 0 ? stats.mode >> 6 : groups.includes(stats.gid) ? stats.mode >> 3 : stats.mode
    if ((bits & 1) === 0) return true
  }
  return false
}

async function kinds(paths: readonly string[]): Promise<MachineFacts['masks']> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const stats = await stat(path).catch(() => null)
      return stats && { path, kind: stats.isDirectory() ? ('folder' as const) : ('file' as const) }
    }),
  )
  return found.filter((mask) => mask !== null)
}
