/** How a program that starts another one is called, so that the other one can be found. */
export type Wrapper = {
  /** Short options without a value. */
  readonly flags: string
  /** Short options whose value is attached or the next word. */
  readonly valued: string
  /** Short options whose value, if any, is attached. */
  readonly attached: string
  /** Long options without, and with, a value in the next word; `--name=value` always counts as one word. */
  readonly long: readonly string[]
  readonly longValued: readonly string[]
  /** Words between options and command, such as the duration of `timeout`. */
  readonly operands: number
  /** `NAME=value` words may stand before the command. */
  readonly assigns: boolean
  /** With one of these it runs nothing, it only tells or lists. */
  readonly tells: string
}

const wrapper = (
  flags = '',
  valued = '',
  long = '',
  longValued = '',
  more: Partial<Pick<Wrapper, 'attached' | 'operands' | 'assigns' | 'tells'>> = {},
): Wrapper => ({
  flags,
  valued,
  long: long.split(' '),
  longValued: longValued.split(' '),
  attached: more.attached ?? '',
  operands: more.operands ?? 0,
  assigns: more.assigns ?? false,
  tells: more.tells ?? '',
})

const sudo = wrapper(
  'AbBEeHiKklNnPSsVv',
  'aCcDghpRrTtUu',
  'askpass background bell edit set-home login remove-timestamp reset-timestamp list no-update non-interactive preserve-groups preserve-env stdin shell validate version help',
  'auth-type close-from login-class chdir group host prompt chroot role command-timeout type other-user user',
  { assigns: true, tells: 'KklVv' },
)
const strace = wrapper('cCdDfhiknqrtTvVwxyYzZ', 'abeEIoOpPsSuUX', 'follow-forks', 'trace output string-limit')

/**
 * Programs that start the command among their words, with their options.
 *
 * An option that is not listed could take the next word, so then nothing is certain and the command asks.
 */
export const wrappers: ReadonlyMap<string, Wrapper> = new Map(
  Object.entries({
    sudo,
    sudoedit: sudo,
    doas: wrapper('Lns', 'aCu'),
    pkexec: wrapper('', '', 'disable-internal-agent keep-cwd', 'user'),
    gosu: wrapper('', '', '', '', { operands: 1 }),
    'su-exec': wrapper('', '', '', '', { operands: 1 }),
    env: wrapper(
      'i0v',
      'uCPaS',
      'ignore-environment null debug block-signal default-signal ignore-signal list-signal-handling',
      'unset chdir argv0 split-string',
      { assigns: true },
    ),
    command: wrapper('pvV', '', '', '', { tells: 'vV' }),
    builtin: wrapper(),
    exec: wrapper('cl', 'a'),
    nohup: wrapper(),
    nice: wrapper('0123456789', 'n', '', 'adjustment'),
    ionice: wrapper('t', 'cnpPu', 'ignore', 'class classdata pid pgid uid'),
    time: wrapper('apvlhq', 'fo', 'append portability verbose quiet', 'format output', { assigns: true }),
    timeout: wrapper('fpv', 'ks', 'foreground preserve-status verbose', 'kill-after signal', { operands: 1 }),
    gtimeout: wrapper('fpv', 'ks', 'foreground preserve-status verbose', 'kill-after signal', {
      operands: 1,
    }),
    stdbuf: wrapper('', 'ioe', '', 'input output error'),
    setsid: wrapper('cfw', '', 'ctty fork wait', ''),
    chroot: wrapper('', '', 'skip-chdir', 'groups userspec', { operands: 1 }),
    chrt: wrapper('abdefgimoRrv', 'DPTp', 'all-tasks batch fifo idle other rr reset-on-fork', 'pid', {
      operands: 1,
    }),
    taskset: wrapper('ac', 'p', 'all-tasks cpu-list', 'pid', { operands: 1 }),
    setarch: wrapper('BFILRSTXZ3v', '', 'addr-no-randomize', '', { operands: 1 }),
    arch: wrapper('c', 'de', 'x86_64 arm64'),
    flock: wrapper(
      'enosuxFv',
      'wE',
      'exclusive nonblock nb shared unlock close no-fork verbose',
      'timeout wait conflict-exit-code',
      {
        operands: 1,
      },
    ),
    unshare: wrapper(
      'cCfimnpruUT',
      'RSGw',
      'fork ipc mount net pid user uts map-root-user mount-proc',
      'root wd setuid setgid',
    ),
    nsenter: wrapper('aFZ', 'GStTrw', 'all mount uts ipc net pid user', 'target root wd setuid setgid'),
    setpriv: wrapper(
      'd',
      '',
      'no-new-privs clear-groups reset-env',
      'reuid regid groups inh-caps ambient-caps bounding-set',
    ),
    'systemd-run': wrapper(
      'GPtqdS',
      'HMEpu',
      'user scope pty pipe quiet wait collect no-block shell same-dir',
      'unit property slice uid gid setenv working-directory',
    ),
    'systemd-inhibit': wrapper('', '', '', 'what who why mode'),
    strace,
    ltrace: strace,
    valgrind: wrapper('qv', '', 'quiet verbose', ''),
    fakeroot: wrapper('', 'ils', '', ''),
    caffeinate: wrapper('disum', 'tw'),
    unbuffer: wrapper('p'),
    catchsegv: wrapper(),
    'dbus-run-session': wrapper('', '', '', 'config-file dbus-daemon'),
    'xvfb-run': wrapper('al', 'efnpsw', 'auto-servernum listen-tcp', 'error-file server-num server-args'),
    firejail: wrapper('', '', 'quiet noprofile private net'),
    torsocks: wrapper('iq'),
    proxychains4: wrapper('q', 'f'),
    xargs: wrapper(
      '0oprtx',
      'aEIJLnPRSsd',
      'null open-tty interactive no-run-if-empty verbose exit show-limits',
      'arg-file delimiter eof max-lines max-args max-procs max-chars process-slot-var replace',
      { attached: 'eil' },
    ),
    // words of zsh
    noglob: wrapper(),
    nocorrect: wrapper(),
    '-': wrapper(),
    repeat: wrapper('', '', '', '', { operands: 1 }),
  }),
)
