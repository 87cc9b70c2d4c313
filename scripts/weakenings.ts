/** One way to build the sandbox worse than it is: which text of which file becomes what. */
export type Weakening = {
  readonly name: string
  readonly changes: readonly { readonly file: string; readonly from: string; readonly to: string }[]
}

const bwrapArgv = 'main/sandbox/bwrap-argv.ts'
const inside = 'native-sandbox/linux/inside.c'

/**
 * Each takes away one thing that rows of `e2e/sandbox` rely on. A row that fails with none of them proves nothing.
 * `from` must stand in its file exactly once, so that a change of the code shows here.
 */
export const weakenings: readonly Weakening[] = [
  {
    name: 'the disk is writable',
    changes: [
      {
        file: bwrapArgv,
        from: "closedFolders.includes('/') ? [] : readOnlyMount('/')",
        to: "closedFolders.includes('/') ? [] : ['--dev-bind', '/', '/']",
      },
    ],
  },
  {
    name: 'read-only mounts are writable',
    changes: [
      {
        file: bwrapArgv,
        from: "const readOnlyMount = (path: string): string[] => ['--ro-bind', path, path]",
        to: "const readOnlyMount = (path: string): string[] => ['--bind', path, path]",
      },
    ],
  },
  {
    name: 'nothing is masked or hidden',
    changes: [
      {
        file: bwrapArgv,
        from: "machine.sockets.flatMap((path) => ['--ro-bind', '/dev/null', path]),",
        to: '',
      },
      {
        file: bwrapArgv,
        from: 'machine.masks.flatMap(({ path, kind }) =>',
        to: '[].flatMap(({ path, kind }) =>',
      },
      {
        file: bwrapArgv,
        from: "machine.hiddenFolders.flatMap((path) => ['--perms', '0755', '--tmpfs', path]),",
        to: "['--perms', '0755', '--tmpfs', '/run'],",
      },
      {
        file: bwrapArgv,
        from: "const closed = placed(closedFolders, (path) => ['--perms', '0755', '--tmpfs', path])",
        to: 'const closed = placed([], () => [])',
      },
    ],
  },
  {
    name: 'processes, network and host names are shared',
    changes: [
      {
        file: bwrapArgv,
        from: "['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],",
        to: '',
      },
      { file: bwrapArgv, from: "spec.network === 'none' ? ['--unshare-net'] : [],", to: '' },
    ],
  },
  {
    name: 'capabilities are kept, privileges can be gained, namespaces nested',
    changes: [
      { file: bwrapArgv, from: "['--cap-drop', 'ALL'],", to: "['--cap-add', 'ALL']," },
      { file: bwrapArgv, from: 'machine.ownUser && machine.refusesNested && !spec.nesting', to: 'false' },
      { file: inside, from: '  drop_capabilities();', to: '' },
    ],
  },
  {
    name: 'no call is filtered',
    changes: [
      {
        file: 'native-sandbox/linux/seccomp.c',
        from: '#define FAIL(error) (SECCOMP_RET_ERRNO | (error))',
        to: '#define FAIL(error) (ALLOW | ((error) & 0))',
      },
      { file: bwrapArgv, from: 'machine.ownUser && machine.refusesNested && !spec.nesting', to: 'false' },
    ],
  },
  {
    name: '/tmp and /dev/shm are the host’s',
    changes: [
      {
        file: bwrapArgv,
        from: "['--size', String(sharedMemoryBytes), '--perms', '1777', '--tmpfs', '/dev/shm']",
        to: "['--bind', '/dev/shm', '/dev/shm']",
      },
      {
        file: bwrapArgv,
        from: "spec.tmp === 'private' ? ['--perms', '1777', '--tmpfs', '/tmp'] : [],",
        to: "['--bind', '/tmp', '/tmp'],",
      },
    ],
  },
]
