import type { Weakening } from './weakenings.ts'

const bwrapArgv = 'main/sandbox/bwrap-argv.ts'
const runPlan = 'main/sandbox/run-plan.ts'
const inside = 'native-sandbox/linux/inside.c'
const narrow = 'native-sandbox/linux/narrow.c'
const seccomp = 'native-sandbox/linux/seccomp.c'

/** With it also goes what bubblewrap refuses: nested namespaces. */
export const noFilter = [
  {
    file: seccomp,
    from: '#define FAIL(error) (SECCOMP_RET_ERRNO | (error))',
    to: '#define FAIL(error) (ALLOW | ((error) & 0))',
  },
  {
    file: seccomp,
    from: 'give(&out, filters(options) ? SECCOMP_RET_KILL_PROCESS : ALLOW);',
    to: 'give(&out, ALLOW);',
  },
  { file: bwrapArgv, from: 'machine.ownUser && machine.refusesNested && !spec.nesting', to: 'false' },
]
const allCapabilities = [
  { file: bwrapArgv, from: "['--cap-drop', 'ALL'],", to: "['--cap-add', 'ALL']," },
  {
    file: narrow,
    from: 'const char *failed = drop_capabilities();',
    to: 'const char *failed = options == NULL ? drop_capabilities() : NULL;',
  },
]
const sharedProcesses = {
  file: bwrapArgv,
  from: "['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],",
  to: '',
}

const sharedNetwork = { file: bwrapArgv, from: "['--unshare-net']", to: '[]' }

/** A process inside keeps or gets what it should not have. */
export const weakInside: readonly Weakening[] = [
  {
    name: 'descriptors stay open',
    rows: /descriptor/,
    changes: [
      {
        file: inside,
        from: 'if (!close_from(INSIDE_FD + 1, -1)) refuse("close", EXIT_REFUSED);',
        to: 'if (open(cwd, O_PATH) < 0 || open(cwd, O_PATH) < 0) refuse("close", EXIT_REFUSED);',
      },
      {
        file: inside,
        from: 'if (listener >= 0) close(listener);',
        to: 'if (listener >= 0) dup2(listener, 77);',
      },
    ],
  },
  {
    name: 'core files may be written',
    rows: /core file/,
    changes: [
      {
        file: narrow,
        from: 'if (setrlimit(RLIMIT_CORE, &no_core) != 0) return "core";',
        to: '(void)no_core;',
      },
    ],
  },
  {
    name: 'the environment is handed on by everybody',
    rows: /environment|token/,
    changes: [
      {
        file: runPlan,
        from: '.map(([name, value]) => [envPrefix + name, value])),',
        to: '.flatMap(([name, value]) => [[envPrefix + name, value], [name, value]]).concat(Object.entries(process.env))),',
      },
      {
        file: runPlan,
        from: "const inner = ['--inside', request.cwd, '--', ...request.argv]",
        to: "const inner = ['--inside', request.cwd, '--', 'env', ...Object.entries(request.env).map((pair) => pair.join('=')), ...request.argv]",
      },
      {
        file: 'native-sandbox/linux/process.c',
        from: 'if (strncmp(*in, ENV_PREFIX, sizeof ENV_PREFIX - 1) == 0) *out++ = *in + sizeof ENV_PREFIX - 1;',
        to: '(void)ENV_PREFIX, *out++ = *in;',
      },
    ],
  },
  {
    name: 'processes, network and host names are shared',
    rows: /process|signal|socket|server|namespace|supervisor|network/,
    changes: [sharedProcesses, sharedNetwork],
  },
  {
    name: 'no call is filtered, and processes and network are shared',
    rows: /kernel|terminal|nesting|namespace|process|listener|io_uring|opens no call|pushed|socket|server/,
    changes: [...noFilter, sharedProcesses, sharedNetwork],
  },
  {
    name: 'capabilities are kept',
    rows: /capabilit|mount|root cannot|namespace|kernel|traced/,
    changes: [...allCapabilities, ...noFilter],
  },
  {
    // What root may do to the machine itself is tried by these rows in a way that changes nothing.
    name: 'root is root of the machine',
    rows: /^as root (kernel|terminal|no (device|capability)|root cannot|a protected mount|the (user|mnt) namespace|what a neighbour|a host process)/,
    changes: [
      ...allCapabilities,
      ...noFilter,
      sharedProcesses,
      { file: bwrapArgv, from: "machine.ownUser ? ['--unshare-user'] : [],", to: '' },
    ],
  },
]
