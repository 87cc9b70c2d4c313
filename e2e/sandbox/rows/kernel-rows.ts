import { closeSync, constants, mkdirSync, openSync, writeSync } from 'node:fs'
import { expect } from 'vitest'
import type { Place } from '../support/lab.ts'
import { always, needsCapability, type Row } from '../support/row.ts'

/** Calls that every user may make outside; so their control runs prove the row. */
const everybodys: readonly (readonly [string, string])[] = [
  ['ns-user', 'no user namespace'],
  ['ns-mount', 'no mount namespace'],
  ['ns-network', 'no network namespace of its own'],
  ['ns-pid', 'no pid namespace'],
  ['clone-user', 'no process in a new user namespace'],
  ['clone3-user', 'no process in a new user namespace through clone3'],
  ['setns', 'no namespace is joined, not even its own'],
  ['add-key', 'no key is added to the kernel'],
  ['request-key', 'no key is asked from the kernel'],
  ['keyctl', 'no keyring is looked up'],
  ['userfaultfd', 'no page fault is held up'],
  ['perf', 'no performance counter is opened'],
  ['io-uring', 'no calls go around the filter through io_uring'],
  ['open-tree', 'no mount is opened as a tree'],
  ['personality', 'no other personality is taken'],
  ['ptrace-child', 'not even a child is traced'],
  ['vm-read', 'no memory is read across processes'],
  ['vm-write', 'no memory is written across processes'],
  ['pidfd-getfd', 'no descriptor is taken from a process'],
  ['kcmp', 'no kernel objects are compared'],
]

/** What root outside may do, and root inside may not. */
const roots: readonly (readonly [string, string])[] = [
  ['bpf', 'no bpf map is made'],
  ['fsopen', 'no file system is opened'],
  ['fspick', 'no file system is picked for change'],
  ['move-mount', 'no mount is moved'],
  ['chroot', 'no other root is taken'],
  ['fanotify', 'no watcher over all files'],
  ['syslog', 'no kernel log is read'],
  ['clock', 'no clock is set'],
  ['hostname', 'no host name is set'],
  ['acct', 'no accounting is switched'],
  ['swapoff', 'no swap is taken away'],
  ['reboot', 'nothing restarts the machine'],
]

/** The kernel on which the rows were last tried against worse builds. */
const notHere = always('the kernel has none of it')
const call = (name: string, ...argv: string[]) => ['"$CALL"', name, ...argv].join(' ')

export const kernelRows: readonly Row[] = [
  ...everybodys.map(([name, promise]) => ({ promise: `kernel: ${promise}`, attempt: call(name) })),
  ...everybodys.slice(7, 13).map(([name, promise]) => ({
    promise: `read-only, kernel: ${promise}`,
    attempt: call(name),
    mode: 'read-only' as const,
  })),
  ...['add-key', 'ns-user', 'io-uring', 'userfaultfd', 'perf', 'kcmp', 'ptrace-child', 'vm-write'].map(
    (name) => ({
      promise: `a network grant opens no call: ${name}`,
      attempt: call(name),
      grant: () => ({ network: true }),
    }),
  ),
  ...roots.map(([name, promise]) => ({
    promise: `kernel, as root: ${promise}`,
    attempt: call(name),
    only: 'root' as const,
  })),
  ...[call('pivot-root'), call('mount-setattr', '"$WS/.git"')].map((attempt) => ({
    promise: `kernel: ${attempt.split(' ')[1]} is refused`,
    attempt,
    noControl: 'it needs a mount point',
    alsoStopped: needsCapability,
  })),
  ...['module', 'kexec', 'iopl', 'x32', 'int80'].map((name) => ({
    promise: `kernel: ${name} is refused`,
    attempt: call(name),
    noControl: 'not every kernel has it',
    alsoStopped: notHere,
  })),
  {
    promise: 'kernel: flags in the upper half of a register make no namespace',
    attempt: `${call('ns-high-bits')} && test "$(readlink /proc/self/ns/user)" != same`,
    noControl: 'the kernel outside refuses it as well',
    alsoStopped: always('the kernel refuses such flags by itself'),
  },
  {
    promise: 'kernel: a file is not opened by its handle',
    attempt: call('handle', '"$OUT/kept"'),
    only: 'root',
  },
  ...[
    ['16', 'netlink for audit', '3 9'],
    ['40', 'virtual machines', '1 0'],
    ['38', 'the kernel’s ciphers', '5 0'],
    ['17', 'raw packets', '3 0'],
    ['44', 'memory of devices', '3 0'],
    ['31', 'bluetooth', '3 0'],
  ].map(([family, what, rest]) => ({
    promise: `kernel: no socket for ${what}`,
    attempt: call('socket', family ?? '', rest ?? ''),
    noControl: 'not every kernel has it',
    ...(family === '38' || family === '31' ? { alsoStopped: notHere } : {}),
    ...(family === '17' || family === '44' ? { alsoStopped: needsCapability } : {}),
  })),
  {
    promise: 'kernel: no raw internet socket',
    attempt: call('socket', '2', '3', '1'),
    only: 'root',
  },
  ...['set-user-bit', 'set-group-bit', 'set-user-bit-fd'].map((name) => ({
    promise: `kernel: ${name.replaceAll('-', ' ')} is not left on a file of the workspace`,
    attempt: call(name, 'file'),
  })),
  {
    promise: 'kernel: no file is made with the set-user-id bit',
    attempt: call('set-user-bit-open', 'fresh-with-bit'),
  },
  ...['tiocsti', 'tiocsti-high', 'tioclinux'].map((name) => ({
    promise: `terminal: ${name} is refused`,
    attempt: call(name),
    noControl: 'the terminal of a run is its own there as well, and not every kernel has it',
  })),
  ...['modify-ldt'].map((name) => ({
    promise: `kernel: ${name} is refused`,
    attempt: call(name),
    noControl: 'not every machine has it',
  })),
  {
    promise: 'nesting opens user namespaces and nothing more',
    attempt: `${call('ns-user')} || exit 3; ${call('add-key')} || ${call('io-uring')} || "$TRY" namespaces-remount / "$OUT/new"`,
    noControl: 'the mounts of the host are not to be undone',
    request: { nesting: true },
  },
]

/** Whether a process has the pipe open. It is told that it may end. */
function readsFrom(pipe: string): boolean {
  try {
    const end = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
    writeSync(end, '\n')
    closeSync(end)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENXIO') throw cause
    return false
  }
}

const proc = (place: Place) => mkdirSync(`${place.ws}/p`, { recursive: true })

export const processRows: readonly Row[] = [
  {
    promise: 'no host process is listed',
    attempt: 'test "$(ls -d /proc/[0-9]* | wc -l)" -gt 12',
    noControl: 'a quiet machine may have few',
  },
  { promise: 'a host process has no environment here', attempt: 'cat "/proc/$HOST_PID/environ" > /dev/null' },
  { promise: 'a host process has no memory map here', attempt: 'cat "/proc/$HOST_PID/maps" > /dev/null' },
  { promise: 'a host process has no folder here', attempt: 'ls "/proc/$HOST_PID/cwd/" > /dev/null' },
  { promise: 'a host process has no descriptors here', attempt: 'ls "/proc/$HOST_PID/fd" > /dev/null' },
  { promise: 'a host process cannot be stopped', attempt: 'kill -CONT "$HOST_PID"' },
  { promise: 'a host process cannot be given another priority', attempt: 'renice -n 1 -p "$HOST_PID"' },
  {
    promise: 'the limits of a host process cannot be read',
    attempt: 'prlimit --pid "$HOST_PID" > /dev/null',
  },
  {
    promise: 'a signal to everybody would reach nobody outside',
    // Signal 0 asks whether there is anybody.
    attempt: 'kill -s 0 -- -1',
  },
  {
    promise: 'the memory of the first process is not readable',
    attempt: 'head -c 1 /proc/1/mem > /dev/null || cat /proc/1/environ | grep -q .',
    noControl: 'the first process of the machine belongs to somebody else',
  },
  {
    promise: 'the environment of the first process holds nothing',
    attempt: 'tr "\\0" "\\n" < /proc/1/environ | grep -q .',
    noControl: 'the first process of the machine belongs to somebody else',
  },
  {
    promise: 'the root of the first process is no way out',
    attempt: 'touch "/proc/1/root/$OUT/new" || touch "/proc/1/cwd/new-at-root"',
    noControl: 'the first process of the machine belongs to somebody else',
  },
  {
    promise: 'the token of the run is in no environment',
    attempt: 'grep -qz "^GHCTL_TOKEN\\|^GHENV_" /proc/*/environ',
    noControl: 'there is none outside either',
  },
  {
    promise: 'the mounts cannot be changed through /proc/self/root',
    attempt: 'touch "/proc/self/root$OUT/new"',
  },
  {
    promise: 'the parent of a thread leads nowhere',
    attempt: 'touch "/proc/thread-self/root$OUT/new"',
  },
  // Opened for writing and nothing written: that is where the kernel refuses, and it changes nothing. Not every kernel
  // has each of them.
  ...(
    [
      ['no kernel setting can be written: hostname', ['sys/kernel/hostname']],
      ['no kernel setting can be written: core_pattern', ['sys/kernel/core_pattern']],
      [
        'no kernel setting can be written: programs that it starts',
        ['sys/kernel/modprobe', 'sys/kernel/poweroff_cmd'],
      ],
      [
        'the system request key cannot be pressed, nor an interrupt be moved',
        ['sysrq-trigger', 'irq/default_smp_affinity'],
      ],
      ['the out-of-memory order of the first process is not ours', ['1/oom_score_adj']],
    ] as const
  ).map(([promise, files]) => ({
    promise,
    attempt: files.map((file) => `: >> /proc/${file}`).join(' || '),
    only: 'root' as const,
  })),
  {
    promise: 'no control group can be written',
    only: 'root',
    attempt:
      'for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do : >> "$f" && exit 0; done; exit 1',
  },
  {
    promise: 'no uid map can be written',
    attempt: 'echo "0 0 4294967295" > /proc/self/uid_map',
    noControl: 'it is written once, by the kernel, there as well',
    alsoStopped: always('the kernel lets it be written once, and bubblewrap does so'),
  },
  {
    promise: 'no core file leaves',
    attempt: 'test "$(ulimit -c)" != 0 || ulimit -c unlimited',
    noControl: 'outside the limit may be open',
  },
  {
    promise: 'a set-user-id program gains nothing',
    attempt: 'test -u /usr/bin/su && grep -q "NoNewPrivs:.0" /proc/self/status',
    noControl: 'not every machine has one',
  },
  {
    promise: 'a program found through a relative PATH runs inside as well',
    attempt: 'printf "#!/bin/sh\\ntouch \\"\\$OUT/new\\"\\n" > p/tool; chmod +x p/tool; PATH=p:$PATH tool',
    prepare: proc,
    mayChange: ['ws/p'],
  },
  {
    promise: 'a program run through a descriptor runs inside as well',
    attempt:
      'printf "#!/bin/sh\\ntouch \\"%s/new\\"\\n" "$OUT" > p/mem; chmod +x p/mem; exec 9< p/mem; rm p/mem; /proc/self/fd/9',
    prepare: proc,
  },
  {
    promise: 'no process inside is without a filter of calls',
    attempt: 'grep -L "^Seccomp:.2" /proc/[0-9]*/status | grep -q .',
  },
  {
    promise: 'the memory of the first process, which has none, cannot be written',
    attempt: 'exec 9<> /proc/1/mem',
    noControl: 'the first process of the machine belongs to somebody else',
  },
  {
    promise: 'a network grant does not open the first process either',
    attempt: 'exec 9<> /proc/1/mem || grep -q . /proc/1/environ || ls /proc/1/fd | grep -q .',
    grant: () => ({ network: true }),
    noControl: 'the first process of the machine belongs to somebody else',
  },
  {
    promise: 'a network grant does not let the first process be traced',
    attempt: '"$TRY" ptrace 1',
    grant: () => ({ network: true }),
    noControl: 'the first process of the machine belongs to somebody else',
  },
  {
    promise: 'a background job cannot outlast the run to write later',
    // The job has both ends of the pipe open before the run ends.
    attempt: 'trap "" HUP; mkfifo gate; exec 9<> gate; (read -r _ <&9; touch late) > /dev/null 2>&1 & exit 0',
    endsWell: true,
    noControl: 'outside it would',
    after: (place) => expect(readsFrom(`${place.ws}/gate`)).toBe(false),
    mayChange: ['ws/gate'],
  },
]
