import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { shimInside } from './hold-shim.ts'
import { isWithin, outermostFirst } from './paths.ts'

/** Facts of this machine at this moment that the arguments depend on; `inspectMachine` gathers them. */
export type MachineFacts = {
  /** false only for root on a system without user namespaces. */
  readonly ownUser: boolean
  /** Whether this bubblewrap (0.8 and later) can refuse user namespaces below its own. */
  readonly refusesNested: boolean
  /** Files below /proc through which root, even without capabilities, changes the whole machine. */
  readonly kernelSettings: readonly string[]
  /** Folders of run-time files and sockets: an empty one stands in their place. */
  readonly hiddenFolders: readonly string[]
  /** What a command still needs from below hidden folders, read-only: the file that resolv.conf links to. */
  readonly shownAgain: readonly string[]
  /** Links at the top of the disk, such as `/bin`, to be made again where `/` itself is closed. */
  readonly rootLinks: readonly { readonly path: string; readonly target: string }[]
  /** Sockets of host programs outside the hidden folders. A read-only mount does not stop a connect. */
  readonly sockets: readonly string[]
  /** The kind of each denied read that exists. */
  readonly masks: readonly { readonly path: string; readonly kind: 'file' | 'folder' }[]
  /** Our own program on the host. */
  readonly launcher: string
  /** The preload shim on the host, for a run that uses it. */
  readonly shim?: string | null
}

/** Where the launcher is inside, whatever hides or covers its place on the host. */
export const launcherInside = '/run/gatehouse/launcher'

/** How much a run may keep in its own /dev/shm, in bytes. Without a size it could fill the memory of the machine. */
const sharedMemoryBytes = 256 * 1024 * 1024

/**
 * Builds the bubblewrap arguments for one run; all paths absolute, resolved and present on the disk.
 *
 * Pure: `inspectPaths` refused symlinks before, over which a mount would land on the target and leave the
 * link replaceable, and empty stand-ins are where protected paths are absent.
 * Later mounts win, so this order is the policy:
 *   1. the whole disk, read-only; an empty one where even `/` is closed
 *   2. fresh /dev and /proc, without the kernel's settings and the first process; empty /tmp, empty folders over sockets
 *   3. what the spec says of places, outer before inner, so that the most specific decides: closed folders, what is
 *      shown again in them, writable roots, folders pinned between a root and what it must keep (a mount cannot be
 *      renamed away), protected paths. Of several at one path the last of these
 *   4. grants, then what is closed or pinned inside them, outer before inner
 *   5. what may not be reached or read, whatever was opened before
 *   6. closed and emptied folders become read-only: until now mounts below them needed a place
 */
export function bwrapArgv(
  spec: SandboxSpec,
  machine: MachineFacts,
  terminal: 'pty' | 'none',
  command: readonly string[],
): string[] {
  const { closedFolders = [], readablePaths = [] } = spec
  const inGrant = (path: string) => spec.grantedPaths.some((granted) => isWithin(path, granted))
  const closed = placed(closedFolders, (path) => ['--perms', '0755', '--tmpfs', path])
  const shown = placed(readablePaths, readOnlyMount)
  const pins = placed(spec.pinnedFolders, writableMount)

  const mounts = [
    closedFolders.includes('/') ? [] : readOnlyMount('/'),
    machine.rootLinks.flatMap(({ path, target }) => ['--symlink', target, path]),
    ['--dev', '/dev'],
    // `--size` came with the same version of bubblewrap that refuses nested namespaces.
    machine.refusesNested
      ? ['--size', String(sharedMemoryBytes), '--perms', '1777', '--tmpfs', '/dev/shm']
      : [],
    ['--proc', '/proc'],
    // bubblewrap itself leaves /proc/sys writable here: it asks whether the folder can be written, not the
    // files. Through kernel.core_pattern root would run a program of its choice outside.
    machine.kernelSettings.flatMap(readOnlyMount),
    // The first process is bubblewrap's own and has no filter of calls: through its memory a command would get rid of
    // its own filter.
    ['--perms', '0555', '--tmpfs', '/proc/1', '--remount-ro', '/proc/1'],
    spec.tmp === 'private' ? ['--perms', '1777', '--tmpfs', '/tmp'] : [],
    machine.hiddenFolders.flatMap((path) => ['--perms', '0755', '--tmpfs', path]),
    ['--ro-bind', machine.launcher, launcherInside],
    machine.shim ? ['--ro-bind', machine.shim, shimInside] : [],
    spec.network === 'host' ? machine.shownAgain.flatMap(readOnlyMount) : [],
    outerFirst([
      ...closed.filter(({ path }) => path !== '/'),
      ...shown,
      ...placed(spec.writableRoots, writableMount),
      ...pins.filter(({ path }) => !inGrant(path)),
      ...placed(
        spec.protectedPaths.map(({ path }) => path),
        readOnlyMount,
      ),
    ]),
    outermostFirst(spec.grantedPaths).flatMap(writableMount),
    outerFirst([
      ...[...closed, ...shown, ...pins].filter(
        ({ path }) => inGrant(path) && !spec.grantedPaths.includes(path),
      ),
      ...placed(
        spec.closedInGrants.map(({ path }) => path),
        readOnlyMount,
      ),
    ]),
    // bubblewrap mounts without devices, so opening this one answers "permission denied" to everybody.
    machine.sockets.flatMap((path) => ['--ro-bind', '/dev/null', path]),
    machine.masks.flatMap(({ path, kind }) =>
      kind === 'file'
        ? ['--ro-bind', '/dev/null', path]
        : ['--perms', '0000', '--tmpfs', path, '--remount-ro', path],
    ),
    [...machine.hiddenFolders, ...closedFolders]
      .filter((path) => !spec.grantedPaths.includes(path))
      .flatMap((path) => ['--remount-ro', path]),
  ]

  const namespaces = [
    machine.ownUser ? ['--unshare-user'] : [],
    // No further user namespaces: in one, the command would hold capabilities over new mounts.
    machine.ownUser && machine.refusesNested && !spec.nesting ? ['--disable-userns'] : [],
    ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    spec.network === 'host' ? [] : ['--unshare-net'],
  ]

  return [
    // With a PTY the command keeps it as its controlling terminal, for job control and ^C. That PTY is its
    // own: text pushed back into it (TIOCSTI) reaches only the command itself.
    terminal === 'none' ? ['--new-session'] : [],
    ['--die-with-parent'],
    // Started by root, bubblewrap would keep all capabilities, and one remount would open the disk.
    ['--cap-drop', 'ALL'],
    ...namespaces,
    ...mounts,
    ['--', launcherInside, ...command],
  ].flat()
}

type Placed = { readonly path: string; readonly argv: readonly string[] }

const writableMount = (path: string): string[] => ['--bind', path, path]
const readOnlyMount = (path: string): string[] => ['--ro-bind', path, path]
const placed = (paths: readonly string[], argv: (path: string) => string[]): Placed[] =>
  outermostFirst(paths).map((path) => ({ path, argv: argv(path) }))

/** Sorts by depth; what is equally deep keeps its order. */
const outerFirst = (mounts: readonly Placed[]): string[] =>
  mounts.toSorted((a, b) => depth(a.path) - depth(b.path)).flatMap(({ argv }) => argv)

const depth = (path: string): number => (path === '/' ? 0 : path.split('/').length - 1)
