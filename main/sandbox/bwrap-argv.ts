import type { SandboxSpec } from '../../protocol/sandbox.ts'
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
  /** Sockets of host programs outside the hidden folders. A read-only mount does not stop a connect. */
  readonly sockets: readonly string[]
  /** The kind of each denied read that exists. */
  readonly masks: readonly { readonly path: string; readonly kind: 'file' | 'folder' }[]
  /** Our own program on the host. */
  readonly launcher: string
}

/** Where the launcher is inside, whatever hides or covers its place on the host. */
export const launcherInside = '/run/gatehouse/launcher'

/**
 * Builds the bubblewrap arguments for one run; all paths absolute, resolved and present on the disk.
 *
 * Pure: `inspectPaths` refused symlinks before, over which a mount would land on the target and leave the
 * link replaceable, and `holdPlaceholders` put empty stand-ins where protected paths are absent.
 * Later mounts win, so this order is the policy:
 *   1. the whole disk, read-only
 *   2. fresh /dev and /proc, without the kernel's settings; empty /tmp, empty folders over sockets; before any root below them
 *   3. writable roots, outer before inner
 *   4. folders between a root and a protected path; a mount cannot be renamed away
 *   5. protected paths, back to read-only
 *   6. grants, then the folders to pin inside them
 *   7. what stays closed inside grants
 *   8. what may not be reached or read, whatever was opened before
 */
export function bwrapArgv(
  spec: SandboxSpec,
  machine: MachineFacts,
  terminal: 'pty' | 'none',
  command: readonly string[],
): string[] {
  const inGrant = (path: string) => spec.grantedPaths.some((granted) => isWithin(path, granted))
  const pins = outermostFirst(spec.pinnedFolders)
  const writable = (paths: readonly string[]) => paths.flatMap((path) => ['--bind', path, path])
  const readOnly = (paths: readonly string[]) => paths.flatMap((path) => ['--ro-bind', path, path])

  const mounts = [
    ['--ro-bind', '/', '/'],
    ['--dev', '/dev', '--proc', '/proc'],
    // bubblewrap itself leaves /proc/sys writable here: it asks whether the folder can be written, not the
    // files. Through kernel.core_pattern root would run a program of its choice outside.
    readOnly(machine.kernelSettings),
    spec.tmp === 'private' ? ['--perms', '1777', '--tmpfs', '/tmp'] : [],
    machine.hiddenFolders.flatMap((path) => ['--perms', '0755', '--tmpfs', path]),
    ['--ro-bind', machine.launcher, launcherInside],
    spec.network === 'host' ? readOnly(machine.shownAgain) : [],
    writable(outermostFirst(spec.writableRoots)),
    writable(pins.filter((path) => !inGrant(path))),
    readOnly(outermostFirst(spec.protectedPaths.map(({ path }) => path))),
    writable(outermostFirst(spec.grantedPaths)),
    writable(pins.filter(inGrant)),
    readOnly(outermostFirst(spec.closedInGrants.map(({ path }) => path))),
    // bubblewrap mounts without devices, so opening this one answers "permission denied" to everybody.
    machine.sockets.flatMap((path) => ['--ro-bind', '/dev/null', path]),
    machine.masks.flatMap(({ path, kind }) =>
      kind === 'file'
        ? ['--ro-bind', '/dev/null', path]
        : ['--perms', '0000', '--tmpfs', path, '--remount-ro', path],
    ),
    // Only now: roots below these folders needed a mount point in them.
    machine.hiddenFolders.flatMap((path) => ['--remount-ro', path]),
  ]

  const namespaces = [
    machine.ownUser ? ['--unshare-user'] : [],
    // No further user namespaces: in one, the command would hold capabilities over new mounts.
    machine.ownUser && machine.refusesNested ? ['--disable-userns'] : [],
    ['--unshare-pid', '--unshare-ipc', '--unshare-uts'],
    spec.network === 'none' ? ['--unshare-net'] : [],
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
