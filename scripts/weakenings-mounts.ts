import type { Weakening } from './weakenings.ts'
import { noFilter } from './weakenings-inside.ts'

const file = 'main/sandbox/bwrap-argv.ts'
const wholeDisk = {
  file,
  from: "closedFolders.includes('/') ? [] : readOnlyMount('/')",
  to: "['--dev-bind', '/', '/']",
}
const firstProcess = {
  file,
  from: "['--perms', '0555', '--tmpfs', '/proc/1', '--remount-ro', '/proc/1'],",
  to: '',
}
const hostTmp = {
  file,
  from: "spec.tmp === 'private' ? ['--perms', '1777', '--tmpfs', '/tmp'] : [],",
  to: "['--bind', '/tmp', '/tmp'],",
}
const noMasks = {
  file,
  from: 'machine.masks.flatMap(({ path, kind }) =>',
  to: '[].flatMap(({ path, kind }) =>',
}
const closedStay = {
  file,
  from: "const closed = placed(closedFolders, (path) => ['--perms', '0755', '--tmpfs', path])",
  to: 'const closed = placed([], () => [])',
}

/** Parts of the view of the disk are missing. */
export const weakMounts: readonly Weakening[] = [
  {
    name: 'nothing is pinned',
    rows: /moved|place|above|pinned|renamed/,
    changes: [
      {
        file,
        from: 'const pins = placed(spec.pinnedFolders, writableMount)',
        to: 'const pins = placed([], writableMount)',
      },
    ],
  },
  {
    name: 'kernel settings can be written',
    rows: /kernel setting|request key/,
    changes: [{ file, from: 'machine.kernelSettings.flatMap(readOnlyMount),', to: '' }],
  },
  {
    name: 'the devices are the host’s',
    rows: /\/dev is its own|opens devices/,
    changes: [{ file, from: "['--dev', '/dev'],", to: "['--dev-bind', '/dev', '/dev']," }],
  },
  {
    name: '/dev/shm has no size',
    rows: /\/dev\/shm/,
    changes: [{ file, from: "['--size', String(sharedMemoryBytes), '--perms',", to: "['--perms'," }],
  },
  {
    name: 'closed folders can be written',
    rows: /closed|\/tmp|minimal|strict|excluded/,
    changes: [{ file, from: ".flatMap((path) => ['--remount-ro', path]),", to: '.flatMap(() => []),' }],
  },
  {
    name: 'nothing can be written',
    changes: [
      {
        file,
        from: "const writableMount = (path: string): string[] => ['--bind', path, path]",
        to: "const writableMount = (path: string): string[] => ['--ro-bind', path, path]",
      },
      {
        file,
        from: "'--perms', '1777', '--tmpfs', '/dev/shm']",
        to: "'--perms', '1777', '--tmpfs', '/dev/shm', '--remount-ro', '/dev/shm']",
      },
      {
        file,
        from: "['--perms', '1777', '--tmpfs', '/tmp'] : [],",
        to: "['--perms', '1777', '--tmpfs', '/tmp', '--remount-ro', '/tmp'] : [],",
      },
    ],
    rows: /work|run programs|grant|opens|goes on|can be written|writes it|is writable|named by itself|stay free|absent|allowed|open inside/,
  },
  {
    name: 'what is shown again stays hidden',
    rows: /strict|open|hold what/,
    changes: [
      {
        file,
        from: 'const shown = placed(readablePaths, readOnlyMount)',
        to: "const shown = placed(readablePaths.filter((path) => path.startsWith('/usr') || path.startsWith('/lib')), readOnlyMount)",
      },
    ],
  },
  {
    // The filter alone keeps sockets closed.
    name: 'nothing is masked or hidden, and no call is filtered',
    rows: /socket|denied|closed|read|strict|minimal|show|hidden|own folder|names|list|\/tmp/,
    changes: [
      ...noFilter,
      hostTmp,
      { file, from: "machine.rootLinks.flatMap(({ path, target }) => ['--symlink', target, path]),", to: '' },
      // Below /run it has no place any more.
      { file, from: "'/run/gatehouse/launcher'", to: "'/dev/launcher'" },
      { ...wholeDisk, to: "readOnlyMount('/')" },
      closedStay,
      { file, from: "machine.sockets.flatMap((path) => ['--ro-bind', '/dev/null', path]),", to: '' },
      noMasks,
      {
        file,
        from: "machine.hiddenFolders.flatMap((path) => ['--perms', '0755', '--tmpfs', path]),",
        to: '',
      },
      {
        file,
        from: ".flatMap((path) => ['--remount-ro', path]),",
        to: '.flatMap(() => []),',
      },
    ],
  },
  {
    name: '/tmp and /dev/shm are the host’s',
    rows: /\/tmp|\/dev\/shm/,
    changes: [
      {
        file,
        from: "['--size', String(sharedMemoryBytes), '--perms', '1777', '--tmpfs', '/dev/shm']",
        to: "['--bind', '/dev/shm', '/dev/shm']",
      },
      hostTmp,
    ],
  },
  {
    name: 'the first process shows, and the disk is writable',
    rows: /first process|filter of calls|environment|out-of-memory|control group/,
    changes: [firstProcess, wholeDisk],
  },
  {
    name: 'read-only mounts are writable',
    changes: [
      {
        file,
        from: "const readOnlyMount = (path: string): string[] => ['--ro-bind', path, path]",
        to: "const readOnlyMount = (path: string): string[] => ['--bind', path, path]",
      },
    ],
  },
  {
    name: 'the disk is one writable mount, without masks',
    changes: [
      wholeDisk,
      noMasks,
      { file, from: '...placed(spec.writableRoots, writableMount),', to: '' },
      { file, from: '...pins.filter(({ path }) => !inGrant(path)),', to: '' },
      { file, from: 'spec.protectedPaths.map(({ path }) => path),', to: '[],' },
      { file, from: 'spec.closedInGrants.map(({ path }) => path),', to: '[],' },
      { file, from: 'outermostFirst(spec.grantedPaths).flatMap(writableMount),', to: '' },
      { file, from: '...[...closed, ...shown, ...pins].filter(', to: '...[].filter(' },
    ],
  },
]
