import { commandsOf, type SimpleCommand } from './split-script.ts'

/** Programs that only read whatever their arguments are. */
const readers = new Set(
  'cat head tail wc ls pwd echo true false cut tr nl rev id whoami uname which basename dirname realpath stat cmp comm seq expr numfmt paste printenv'.split(
    ' ',
  ),
)

const gitReads = new Set([
  'status',
  'log',
  'diff',
  'show',
  'branch',
  'rev-parse',
  'ls-files',
  'blame',
  'describe',
  'cat-file',
])

/** Options of git's reading subcommands that start other programs, write files or take another configuration. */
const gitUnsafe =
  /^(?:--output|-o$|--ext-diff|--textconv|-c$|--config-env|--exec|--upload-pack|--open-files|-O|--paginate|-p$|--git-dir|--work-tree|-C$)/

type Check = (args: readonly string[]) => boolean
const none =
  (pattern: RegExp): Check =>
  (args) =>
    !args.some((a) => pattern.test(a))

const checks: Readonly<Record<string, Check>> = {
  // -f and long forms read patterns or programs from files, which is still reading
  grep: () => true,
  rg: none(/^--(?:pre|hostname-bin)(?:=|$)|^-z$|^--search-zip$/),
  find: none(/^-(?:exec|execdir|ok|okdir|delete|fls|fprint|fprint0|fprintf)$/),
  sort: none(/^(?:-o|--output|--compress-program|-T|--temporary-directory)/),
  // sed can write files and run programs: only printing line ranges counts
  sed: (args) =>
    args[0] === '-n' &&
    /^\d+(?:,\d+)?p$/.test(args[1] ?? '') &&
    args.slice(2).every((a) => !a.startsWith('-')),
  date: none(/^(?:-s|--set)/),
  base64: none(/^(?:-o|--output)/),
  git: (args) => {
    const sub = args[0]
    if (sub === undefined || !gitReads.has(sub)) return false
    const rest = args.slice(1)
    if (rest.some((a) => gitUnsafe.test(a))) return false
    return (
      sub !== 'branch' ||
      rest.every((a) => /^(?:--list|-a|-r|-v|-vv|--show-current|--all|--remotes)$/.test(a))
    )
  },
}

/** The first program of `argv` that does not only read, or null when every part of it is known to only read. */
export function notKnownSafe(argv: readonly string[]): string | null {
  const commands = commandsOf(argv)
  if (commands === null) return argv[2] ?? argv[0] ?? ''
  const bad = commands.find((command) => !onlyReads(command))
  return bad ? (bad[0] ?? '') : null
}

/** Whether a command only reads, recognised from its full argument list. What is not decodable does not count. */
export const isKnownSafe = (argv: readonly string[]): boolean => notKnownSafe(argv) === null

function onlyReads([program, ...args]: SimpleCommand): boolean {
  if (program === undefined) return false
  // A path could name any file; only bare names, or the system's own folders, count.
  const name = /^(?:\/usr)?\/bin\/([\w-]+)$/.exec(program)?.[1] ?? program
  if (readers.has(name)) return true
  return Object.hasOwn(checks, name) ? (checks[name] as Check)(args) : false
}
