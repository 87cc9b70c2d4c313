import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warnings } from '../build.mjs'
import { filterProgram } from './filter-program.ts'
import { lab, runInside } from './support.ts'

const networks = ['none', 'closed', 'local', 'proxied', 'open'] as const
const holds = ['none', 'writes', 'all'] as const
const nestings = ['single', 'nesting'] as const
const modes = networks.flatMap((network) =>
  holds.flatMap((hold) => nestings.map((nesting) => ({ network, hold, nesting }))),
)
type Mode = (typeof modes)[number]
const abis: Readonly<Record<string, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 }
const [eperm, enosys, enotconn] = [1, 38, 107]

/** Refused in every mode but `none`, whatever the arguments are. */
const always = [
  'acct',
  'add_key',
  'bpf',
  'delete_module',
  'fanotify_init',
  'finit_module',
  'fsconfig',
  'fsmount',
  'fsopen',
  'fspick',
  'init_module',
  'kexec_file_load',
  'kexec_load',
  'keyctl',
  'lookup_dcookie',
  'mount_setattr',
  'move_mount',
  'nfsservctl',
  'open_by_handle_at',
  'open_tree',
  'perf_event_open',
  'quotactl',
  'quotactl_fd',
  'reboot',
  'request_key',
  'swapoff',
  'swapon',
  'syslog',
  'userfaultfd',
  'vhangup',
  'ioperm',
  'iopl',
  'modify_ldt',
  'uselib',
]
const absent = ['io_uring_enter', 'io_uring_register', 'io_uring_setup', 'openat2']
const tracing = ['kcmp', 'pidfd_getfd', 'process_vm_readv', 'process_vm_writev', 'ptrace']
/** What sockets with a name or an address need, and pairs do not. */
const sockets = [
  'accept',
  'accept4',
  'bind',
  'connect',
  'listen',
  'recvmmsg',
  'sendmmsg',
  'sendto',
  'setsockopt',
]
/** The same, answered as for a socket without a peer; where calls are held, the supervisor answers shutdown. */
const peers = ['getpeername', 'shutdown']
/** The same, except on the standard streams. */
const aboveStreams = ['getsockname', 'getsockopt']
const mounting = ['chroot', 'mount', 'pivot_root', 'setns', 'umount2']
const heldAlways = [
  'chmod',
  'chown',
  'creat',
  'fchmod',
  'fchmodat',
  'fchmodat2',
  'fchown',
  'fchownat',
  'fremovexattr',
  'fsetxattr',
  'futimesat',
  'lchown',
  'link',
  'linkat',
  'lremovexattr',
  'lsetxattr',
  'mkdir',
  'mkdirat',
  'mknod',
  'mknodat',
  'removexattr',
  'rename',
  'renameat',
  'renameat2',
  'rmdir',
  'setxattr',
  'symlink',
  'symlinkat',
  'truncate',
  'unlink',
  'unlinkat',
  'utime',
  'utimensat',
  'utimes',
]

describe.runIf(process.platform === 'linux')('the filter of system calls', () => {
  let base = ''
  let launcher = ''
  let remove = () => {}
  let numbers: ReadonlyMap<string, number>
  beforeAll(() => {
    ;({ base, launcher, remove } = lab())
    const header = execFileSync('gcc', ['-E', '-dM', '-include', 'sys/syscall.h', '-x', 'c', '/dev/null'])
    const known = String(header).matchAll(/^#define __NR_(\w+) (\d+)$/gm)
    numbers = new Map([...known].map(([, name = '', number]) => [name, Number(number)] as const))
  }, 600_000)
  afterAll(() => remove())

  const dump = ({ network, hold, nesting }: Mode) =>
    execFileSync(launcher, ['--dump-filter', `${network}/${hold}/${nesting}`], { encoding: 'utf8' })
  /** Asks by name; null for a call that this machine does not have. */
  function asker(mode: Mode) {
    const program = filterProgram(dump(mode))
    return (name: string, ...args: readonly (number | bigint)[]) => {
      const number = numbers.get(name) ?? (name === 'fchmodat2' ? 452 : undefined)
      return number === undefined
        ? null
        : program({ abi: abis[process.arch] ?? 0, number, args: args.map(BigInt) })
    }
  }
  const describeMode = ({ network, hold, nesting }: Mode) => `${network}/${hold}/${nesting}`

  test.each(modes.map((mode) => [describeMode(mode), mode] as const))(
    '%s refuses what it says',
    (_, mode) => {
      const ask = asker(mode)
      const answers = (names: readonly string[], expected: string) =>
        expect(names.map((name) => [name, ask(name)])).toEqual(
          names.map((name) => [name, ask(name) === null ? null : expected]),
        )
      const filtered = mode.network !== 'none'
      const held = mode.hold === 'none' ? 'allow' : 'hold'
      answers(always, filtered ? `errno ${eperm}` : 'allow')
      answers(
        absent.filter((name) => name !== 'openat2'),
        filtered ? `errno ${enosys}` : 'allow',
      )
      answers(['openat2'], filtered ? `errno ${enosys}` : held)
      answers(tracing, filtered ? `errno ${eperm}` : 'allow')
      answers(sockets, mode.network === 'closed' ? `errno ${eperm}` : 'allow')
      const closed = mode.network === 'closed'
      answers(['getpeername'], closed ? `errno ${enotconn}` : 'allow')
      answers(['shutdown'], closed ? (mode.hold === 'none' ? `errno ${enotconn}` : 'hold') : 'allow')
      answers(mounting, filtered && mode.nesting === 'single' ? `errno ${eperm}` : 'allow')
      answers(['clone3'], filtered && mode.nesting === 'single' ? `errno ${enosys}` : 'allow')
      answers(heldAlways, held)
    },
  )

  test.each(modes.map((mode) => [describeMode(mode), mode] as const))(
    '%s refuses nothing else',
    (_, mode) => {
      const ask = asker(mode)
      const listed = new Set([
        ...always,
        ...absent,
        ...tracing,
        ...sockets,
        ...peers,
        ...aboveStreams,
        ...mounting,
        ...heldAlways,
        'clone3',
      ])
      // With zeros as arguments: socket(AF_UNSPEC) and socketpair(AF_UNSPEC) are refused, openat reads.
      const expected = (name: string) =>
        /^socket(pair)?$/.test(name) && mode.network !== 'none'
          ? name === 'socketpair' && mode.network === 'open'
            ? 'allow'
            : `errno ${eperm}`
          : /^open(at)?$/.test(name) && mode.hold === 'all'
            ? 'hold'
            : 'allow'
      const others = [...numbers.keys()].filter((name) => !listed.has(name))
      expect(others.length).toBeGreaterThan(200)
      expect(others.map((name) => [name, ask(name)])).toEqual(others.map((name) => [name, expected(name)]))
    },
  )

  test('more calls than there is room for make no filter, so that none of them passes', () => {
    const folder = fileURLToPath(new URL('.', import.meta.url))
    const lengthFor = (calls: number): number => {
      const program = `${base}/filter-room-${calls}`
      const sources = [`${folder}/filter-room.c`, `${folder}/../linux/seccomp.c`]
      execFileSync('gcc', ['-std=gnu11', '-D_GNU_SOURCE', `-DCALLS=${calls}`, ...sources, '-o', program])
      return Number(execFileSync(program, { encoding: 'utf8' }))
    }
    expect(lengthFor(160)).toBeGreaterThan(160)
    expect(lengthFor(161)).toBe(0)
  })

  test('another ABI ends the process, and x32 is not there', () => {
    for (const mode of modes) {
      const program = filterProgram(dump(mode))
      const strict = mode.network !== 'none'
      for (const abi of [0x40000003, 0, 0xffffffff])
        expect(program({ abi, number: 20, args: [] })).toBe(strict ? 'kill' : 'allow')
      if (process.arch !== 'x64' || !strict) continue
      for (const number of [0x40000000, 0x40000029, 0xffffffff])
        expect(program({ abi: 0xc000003e, number, args: [] })).toBe('errno 38')
    }
  })

  const unix = 1
  const [inet, inet6, netlink, packet, alg, vsock] = [2, 10, 16, 17, 38, 40]
  const [stream, datagram, raw, sequenced] = [1, 2, 3, 5]
  const nonBlocking = 0o4000 | 0o2000000
  test.each([
    ['closed', unix],
    ['local', unix, inet, inet6, netlink],
    ['proxied', inet, inet6],
    ['open', unix, inet, inet6, netlink],
  ] as const)('%s lets through these sockets only', (network, ...families) => {
    const ask = asker({ network, hold: 'none', nesting: 'single' })
    for (const family of [0, unix, inet, inet6, netlink, packet, alg, vsock, 3, 31, 44]) {
      for (const type of [stream, datagram, raw, sequenced]) {
        const ordinary = network === 'open' || !/^(2|10)$/.test(String(family)) || type <= datagram
        const good = families.some((known) => known === family) && ordinary
        for (const flags of [0, nonBlocking])
          expect([family, type, ask('socket', family, type | flags)]).toEqual([
            family,
            type,
            good ? 'allow' : 'errno 1',
          ])
      }
    }
    // NETLINK_ROUTE, but no other part of the kernel.
    if (network === 'local') expect(ask('socket', netlink, raw, 9)).toBe('errno 1')
    expect(ask('socketpair', unix, datagram)).toBe('allow')
    expect(ask('socketpair', inet, stream)).toBe(network === 'open' ? 'allow' : 'errno 1')
  })

  test('namespaces are refused by every flag, wherever it stands among others', () => {
    const ask = asker({ network: 'closed', hold: 'none', nesting: 'single' })
    for (const bit of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
      expect(ask('clone', bit | 17)).toBe('errno 1')
      expect(ask('unshare', bit | 0x400)).toBe('errno 1')
    }
    expect(ask('unshare', 0x80)).toBe('errno 1')
    // Threads and ordinary children.
    expect(ask('clone', 0x3d0f00)).toBe('allow')
    expect(ask('clone', 0x1200011)).toBe('allow')
    expect(ask('unshare', 0x400)).toBe('allow')
  })

  test('what a standard stream is may be asked, of no other descriptor', () => {
    for (const mode of modes) {
      const ask = asker(mode)
      const other = mode.network === 'closed' ? 'errno 1' : 'allow'
      for (const name of aboveStreams) {
        for (const stream of [0, 1, 2]) expect(ask(name, stream)).toBe('allow')
        for (const descriptor of [3, 4, 0x7fffffff, 0xffffffff]) expect(ask(name, descriptor)).toBe(other)
      }
    }
  })

  test('terminal requests are compared as the kernel reads them', () => {
    const ask = asker({ network: 'open', hold: 'none', nesting: 'nesting' })
    for (const request of [0x5412, 0x541c, 0x5423]) {
      expect(ask('ioctl', 0, request)).toBe('errno 1')
      expect(ask('ioctl', 0, BigInt(request) | (0xdead_beefn << 32n))).toBe('errno 1')
    }
    expect(ask('ioctl', 0, 0x5413)).toBe('allow')
    expect(ask('personality', 0x0400000)).toBe('errno 1')
    for (const kind of [0, 0x40000, 0xffffffff]) expect(ask('personality', kind)).toBe('allow')
  })

  const [create, tmpfile, wronly, rdwr, trunc, directory] = [0o100, 0o20000000, 1, 2, 0o1000, 0o200000]
  test('no file with set-id bits is made', () => {
    for (const mode of modes.filter(({ network }) => network !== 'none')) {
      const ask = asker(mode)
      const free = mode.hold === 'none' ? 'allow' : 'hold'
      for (const bits of [0o4755, 0o2755, 0o6000]) {
        for (const name of ['chmod', 'fchmod', 'creat', 'mknod'])
          expect([null, 'errno 1']).toContain(ask(name, 1, bits))
        for (const name of ['fchmodat', 'fchmodat2', 'mknodat']) expect(ask(name, 1, 1, bits)).toBe('errno 1')
        for (const flags of [create, create | wronly, tmpfile | wronly])
          expect(ask('openat', 0, 1, flags, bits)).toBe('errno 1')
      }
      expect(ask('fchmodat', 1, 1, 0o1777)).toBe(free)
      expect(ask('fchmod', 1, 0o755)).toBe(free)
      // Without O_CREAT the register holds anything.
      expect(ask('openat', 0, 1, wronly, 0o4755)).toBe(free)
      expect(ask('openat', 0, 1, directory, 0o4755)).toBe(mode.hold === 'all' ? 'hold' : 'allow')
    }
  })

  test('opens are held by what they are for', () => {
    const writes = asker({ network: 'closed', hold: 'writes', nesting: 'single' })
    const all = asker({ network: 'closed', hold: 'all', nesting: 'single' })
    for (const flags of [wronly, rdwr, create, trunc, tmpfile, 3]) {
      expect(writes('openat', 0, 1, flags)).toBe('hold')
      expect([null, 'hold']).toContain(writes('open', 1, flags))
    }
    for (const flags of [0, directory, 0o2000000, 0o10000000]) {
      expect(writes('openat', 0, 1, flags)).toBe('allow')
      expect(all('openat', 0, 1, flags)).toBe('hold')
    }
  })

  test('the word to pass by holding works only as a whole, and lifts no refusal', () => {
    const magic = 0x6768_2d73_6b69_7021n
    const ask = asker({ network: 'closed', hold: 'all', nesting: 'single' })
    expect(ask('mkdirat', 0, 1, 0o755, 0, 0, magic)).toBe('allow')
    for (const wrong of [magic + 1n, magic & 0xffff_ffffn, magic ^ (1n << 40n), 0n])
      expect(ask('mkdirat', 0, 1, 0o755, 0, 0, wrong)).toBe('hold')
    expect(ask('fchmodat', 0, 1, 0o4755, 0, 0, magic)).toBe('errno 1')
    expect(ask('keyctl', 0, 0, 0, 0, 0, magic)).toBe('errno 1')
    // Where reads are looked at, an open that asks for the kernel's own answer would read what is denied.
    for (const flags of [0, wronly, rdwr]) expect(ask('openat', 0, 1, flags, 0, 0, magic)).toBe('hold')
    const writes = asker({ network: 'closed', hold: 'writes', nesting: 'single' })
    expect(writes('openat', 0, 1, wronly, 0, 0, magic)).toBe('allow')
  })

  test.each([
    '',
    'closed',
    'closed/none',
    'closed/none/single/',
    'else/none/single',
    '/none/single',
    'closed//single',
  ])('a mode that is none prints nothing: "%s"', (mode) => {
    expect(() => execFileSync(launcher, ['--dump-filter', mode], { stdio: 'pipe' })).toThrow('Command failed')
  })

  test('the kernel answers the same', async () => {
    const probe = `${base}/probe`
    const source = fileURLToPath(new URL('filter-probe.c', import.meta.url))
    execFileSync('gcc', [...warnings, source, '-o', probe])
    const word = (name: string, ...args: number[]) => [numbers.get(name) ?? 0, ...args].join(',')
    const words = [
      word('keyctl'),
      word('io_uring_setup'),
      word('openat2'),
      word('ptrace'),
      word('unshare', 0x10000000),
      word('socket', alg, sequenced),
      word('socket', vsock, stream),
      word('socket', inet, stream),
      word('socket', unix, datagram),
      word('mount'),
      word('getpid'),
      ...[...sockets, ...aboveStreams, ...peers].map((name) => word(name, -1)),
    ]
    const inMode = async (seccomp: string) =>
      (await runInside(launcher, [probe, ...words], { start: { seccomp } })).stdout
        .trim()
        .split('\n')
        .map(Number)
    const badDescriptor = 9
    const past = [...sockets, ...aboveStreams, ...peers].map(() => badDescriptor)
    expect(await inMode('closed')).toEqual([
      1,
      38,
      38,
      1,
      1,
      1,
      1,
      1,
      0,
      1,
      0,
      ...[...sockets, ...aboveStreams].map(() => eperm),
      ...peers.map(() => enotconn),
    ])
    expect(await inMode('local')).toEqual([1, 38, 38, 1, 1, 1, 1, 0, 0, 1, 0, ...past])
    expect(await inMode('proxied')).toEqual([1, 38, 38, 1, 1, 1, 1, 0, 1, 1, 0, ...past])
    const open = await inMode('open')
    expect(open.slice(0, 4)).toEqual([1, 38, 38, 1])
    const none = await inMode('none')
    expect(none[1]).not.toBe(38)
  })

  test.runIf(process.arch === 'x64')('a 32-bit call ends its program', async () => {
    const source = `${base}/int80.c`
    const program = `${base}/int80`
    writeFileSync(
      source,
      'int main(void) { long r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(20L)); return r < 0; }',
    )
    execFileSync('gcc', [source, '-o', program])
    const outside = spawnSync(program)
    const { stdout } = await runInside(launcher, ['sh', '-c', `${program}; echo $?`])
    // Where the kernel itself has no such calls, the program ends by SIGSEGV, inside and outside.
    expect(Number(stdout)).toBe(outside.signal === null ? 159 : 139)
  })
})
