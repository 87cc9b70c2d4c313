import { expect, test } from 'vitest'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { bwrapArgv, type MachineFacts } from './bwrap-argv.ts'

const spec: SandboxSpec = {
  boundary: 'bounded',
  writableRoots: ['/ws/inner/root', '/ws'],
  pinnedFolders: ['/out/.git/info', '/ws/a/b', '/ws/a'],
  protectedPaths: [
    { path: '/ws/a/b/git', exists: true },
    { path: '/ws/.codex', exists: false },
  ],
  grantedPaths: ['/out/.git'],
  closedInGrants: [{ path: '/out/.git/hooks', exists: true }],
  deniedReads: ['/ws/.env', '/home/me/.gatehouse'],
  network: 'none',
  tmp: 'private',
}

const machine: MachineFacts = {
  ownUser: true,
  refusesNested: true,
  kernelSettings: ['/proc/sys'],
  hiddenFolders: ['/run'],
  rootLinks: [],
  shownAgain: ['/run/systemd/resolve/stub-resolv.conf'],
  sockets: ['/home/me/agent.sock'],
  masks: [
    { path: '/ws/.env', kind: 'file' },
    { path: '/home/me/.gatehouse', kind: 'folder' },
  ],
  launcher: '/app/launcher',
}

const words = (text: string) => text.trim().split(/\s+/)

test('the whole list, in its order, which is the policy', () => {
  expect(bwrapArgv(spec, machine, 'pty', ['--inside', '/ws', '--', 'make', 'a b'])).toEqual([
    ...words(`
      --die-with-parent
      --cap-drop ALL
      --unshare-user --disable-userns
      --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try
      --unshare-net
      --ro-bind / /
      --dev /dev
      --size 268435456 --perms 1777 --tmpfs /dev/shm
      --proc /proc
      --ro-bind /proc/sys /proc/sys
      --perms 0555 --tmpfs /proc/1 --remount-ro /proc/1
      --perms 1777 --tmpfs /tmp
      --perms 0755 --tmpfs /run
      --ro-bind /app/launcher /run/gatehouse/launcher
      --bind /ws /ws
      --bind /ws/a /ws/a
      --ro-bind /ws/.codex /ws/.codex
      --bind /ws/inner/root /ws/inner/root
      --bind /ws/a/b /ws/a/b
      --ro-bind /ws/a/b/git /ws/a/b/git
      --bind /out/.git /out/.git
      --bind /out/.git/info /out/.git/info
      --ro-bind /out/.git/hooks /out/.git/hooks
      --ro-bind /dev/null /home/me/agent.sock
      --ro-bind /dev/null /ws/.env
      --perms 0000 --tmpfs /home/me/.gatehouse --remount-ro /home/me/.gatehouse
      --remount-ro /run
      -- /run/gatehouse/launcher --inside /ws -- make
    `),
    'a b',
  ])
})

test('a network grant keeps the network and shows the file that names need, and nothing else of /run', () => {
  const argv = bwrapArgv({ ...spec, network: 'host' }, machine, 'pty', ['true'])

  expect(argv).not.toContain('--unshare-net')
  expect(argv.join(' ')).toContain(
    '--ro-bind /run/systemd/resolve/stub-resolv.conf /run/systemd/resolve/stub-resolv.conf --bind /ws /ws',
  )
})

test('without a PTY the command gets a session of its own', () => {
  expect(bwrapArgv(spec, machine, 'none', ['true'])[0]).toBe('--new-session')
})

test('an older bubblewrap and a system without user namespaces are not asked for what they lack', () => {
  const older = bwrapArgv(spec, { ...machine, refusesNested: false }, 'pty', ['true'])
  expect(older).toContain('--unshare-user')
  expect(older).not.toContain('--disable-userns')
  expect(bwrapArgv(spec, { ...machine, ownUser: false }, 'pty', ['true'])).not.toContain('--unshare-user')
})

test('the most specific place decides, wherever it is closed, shown, written or protected', () => {
  const argv = bwrapArgv(
    {
      ...spec,
      writableRoots: ['/home/me/ws', '/home/me/ws/secret/drop'],
      pinnedFolders: [],
      protectedPaths: [{ path: '/home/me/ws/.git', exists: true }],
      grantedPaths: ['/home/me/ws'],
      closedInGrants: [{ path: '/home/me/ws/.git', exists: true }],
      closedFolders: ['/home', '/home/me/ws/secret'],
      readablePaths: ['/home/me/.nvm', '/home/me/ws/secret/pub'],
    },
    { ...machine, hiddenFolders: [], sockets: [], masks: [] },
    'pty',
    ['true'],
  )

  expect(argv.slice(argv.indexOf('/run/gatehouse/launcher') + 1)).toEqual(
    words(`
      --perms 0755 --tmpfs /home
      --ro-bind /home/me/.nvm /home/me/.nvm
      --bind /home/me/ws /home/me/ws
      --perms 0755 --tmpfs /home/me/ws/secret
      --ro-bind /home/me/ws/.git /home/me/ws/.git
      --ro-bind /home/me/ws/secret/pub /home/me/ws/secret/pub
      --bind /home/me/ws/secret/drop /home/me/ws/secret/drop
      --bind /home/me/ws /home/me/ws
      --perms 0755 --tmpfs /home/me/ws/secret
      --ro-bind /home/me/ws/.git /home/me/ws/.git
      --ro-bind /home/me/ws/secret/pub /home/me/ws/secret/pub
      --remount-ro /home --remount-ro /home/me/ws/secret
      -- /run/gatehouse/launcher true
    `),
  )
})

test('a disk that is closed as a whole starts empty, with the links that programs need', () => {
  const argv = bwrapArgv(
    {
      ...spec,
      writableRoots: [],
      pinnedFolders: [],
      protectedPaths: [],
      grantedPaths: [],
      closedInGrants: [],
      closedFolders: ['/'],
      readablePaths: ['/usr'],
    },
    { ...machine, rootLinks: [{ path: '/bin', target: 'usr/bin' }] },
    'pty',
    ['true'],
  ).join(' ')

  expect(argv).not.toContain('--ro-bind / /')
  expect(argv).toContain('--symlink usr/bin /bin --dev /dev')
  expect(argv).toContain('--ro-bind /usr /usr')
  expect(argv).toContain('--remount-ro / -- ')
})

test('only a spec that allows it keeps user namespaces', () => {
  expect(bwrapArgv({ ...spec, nesting: true }, machine, 'pty', ['true'])).not.toContain('--disable-userns')
})

test('a network that is limited to a proxy is as empty as none', () => {
  const argv = (network: 'none' | 'proxied') => bwrapArgv({ ...spec, network }, machine, 'pty', ['true'])
  expect(argv('proxied')).toEqual(argv('none'))
  expect(argv('proxied')).toContain('--unshare-net')
})
