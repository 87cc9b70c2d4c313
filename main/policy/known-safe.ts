import type { CommandPart, DecodedCommand } from './shell/command-part.ts'
import { readGitCall } from './shell/git-runs.ts'
import type { Known } from './shell/peel.ts'

/** Programs that only read whatever their arguments are. */
const readers = new Set(
  'cat cd cut echo expr false grep head id ls nl numfmt paste pwd rev seq stat tac tail tr true uname wc which whoami'.split(
    ' ',
  ),
)

/** Options of git itself that neither configure it nor point it elsewhere. */
const gitGlobals = new Set(
  '--no-pager -P --literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs --no-optional-locks --no-replace-objects --no-lazy-fetch --no-advice'.split(
    ' ',
  ),
)
/** Options of git's reading subcommands that write files or start programs; git takes the start of a name too. */
const gitWrites = ['--output', '--ext-diff', '--textconv', '--exec']
const gitBranchReads = /^(?:--list|-l|--show-current|-a|--all|-r|--remotes|-v|-vv|--verbose|--format=.*)$/s

type Check = (args: readonly Known[]) => boolean

const values = (args: readonly Known[]): readonly string[] => args.map((a) => a.value ?? a.start)
const none =
  (pattern: RegExp): Check =>
  (args) =>
    !values(args).some((a) => pattern.test(a))

/** Programs that only read unless an option says otherwise. */
const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  // short options may be joined, so -Do is -o too
  ['base64', none(/^(?:-[^-wb]*o|--o)/)],
  ['find', none(/^-(?:exec|execdir|ok|okdir|delete|fls|fprint|fprint0|fprintf)$/)],
  ['rg', none(/^(?:--pre(?:=|$)|--hostname-bin(?:=|$)|--search-zip$|-[^-ABCEMTdefgjmrt]*z)/)],
  [
    'sed',
    // sed can write files and start programs: only printing lines by number counts, from one file
    ([n, lines, file, more]) =>
      n?.value === '-n' &&
      /^\d+(?:,\d+)?p$/.test(lines?.value ?? '') &&
      (file === undefined || file.value === '-' || !file.start.startsWith('-')) &&
      more === undefined,
  ],
  [
    'uniq',
    // a second operand is the file it writes
    (args) =>
      values(args).filter((a) => a === '-' || !/^[-+]/.test(a)).length <= (takesValue(args) ? 2 : 1) &&
      isSingle(args),
  ],
  [
    'git',
    (args) => {
      const { subcommand, args: rest, globals } = readGitCall([git, ...args])
      if (!globals.every((g) => gitGlobals.has(g))) return false
      const writes = values(rest).some((a) => gitWrites.some((option) => isStartOf(a, option)))
      if (writes) return false
      switch (subcommand ?? '') {
        case 'status':
        case 'log':
        case 'diff':
        case 'show':
          return true
        case 'branch':
          return values(rest).every((a) => gitBranchReads.test(a))
        default:
          return false
      }
    },
  ],
])
const git: Known = { value: 'git', start: 'git' }

/** `--out`, `--output` and `--output=x` all mean `--output`; `--text` is an option of its own. */
const isStartOf = (word: string, option: string): boolean => {
  const name = word.replace(/=.*/s, '')
  return name.length >= 3 && name !== '--text' && option.startsWith(name)
}
/** `uniq -f 2 file`: the value of an option is no operand. */
const takesValue = (args: readonly Known[]): boolean => args.some((a) => /^-[cdDiuz]*[fsw]$/.test(a.start))
/** A glob could be two files. */
const isSingle = (args: readonly Known[]): boolean =>
  args.every((a) => a.value !== null || a.start.startsWith('~'))

/** The first program that does not only read, or null when every part of the command is known to only read. */
export function notKnownSafe(decoded: DecodedCommand): string | null {
  const bad = decoded.parts.find((part) => !onlyReads(part))
  if (bad) return bad.starts[0] ?? bad.text
  return decoded.notInspectable === null && decoded.parts.length > 0 ? null : 'a part that cannot be read'
}

/**
 * Whether a command only reads, recognised from its full argument list: the list of Codex 0.148, option by option.
 * What cannot be decoded does not count. `deliberatelyStricter` says where it asks and Codex did not.
 */
export const isKnownSafe = (decoded: DecodedCommand): boolean => notKnownSafe(decoded) === null

function onlyReads({ words, starts, loose }: CommandPart): boolean {
  const [program] = words
  if (!loose || program == null) return false
  // A path could name any file; only bare names, or the system's own folders, count.
  const name = /^(?:\/usr)?\/bin\/([\w-]+)$/.exec(program)?.[1] ?? program
  if (readers.has(name)) return true
  // What the shell inside runs is a part of its own.
  if (/^(?:ba|z)?sh$/.test(name)) return words.length === 3 && (words[1] === '-c' || words[1] === '-lc')
  const check = checks.get(name)
  if (!check) return false
  const args = words.slice(1).map((value, i) => ({ value, start: starts[i + 1] ?? '' }))
  // A glob without a fixed beginning could become an option: a file may be called `--output=x`.
  if (args.some((a) => a.value === null && (a.start === '' || a.start.startsWith('-')))) return false
  return check(args)
}

/** Scripts that Codex 0.148 runs without asking under `untrusted`, and we ask about; with the reason. */
export const deliberatelyStricter: readonly { readonly shell: RegExp; readonly reason: string }[] = [
  {
    shell: /(?:^|[|;&\n]\s*)(?!\/(?:usr\/)?bin\/)[\w.~-]*\/\S*/,
    reason: 'A program named by a path outside /bin and /usr/bin can be any file, whatever it is called.',
  },
  {
    shell: /(?:^|[|;&\n]\s*)uniq\s(?:\S+\s+)*\S+\s+\S+/,
    reason: 'The second file named to uniq is written.',
  },
  {
    shell: /(?:^|[|;&\n]\s*)(?:find|rg|git|sed|base64|uniq)\s(?:.*\s)?-?[^\s\w/.~-]*[*?[]/,
    reason: 'A glob without a fixed beginning can become an option such as --output=x.',
  },
  {
    shell: /(?:^|[|;&\n]\s*)sed\s+-n\s+\S+\s+-[^\s]/,
    reason: 'A third word of sed that starts with - is an option, such as -fSCRIPT or -i.',
  },
  {
    shell: /(?:^|[|;&\n]\s*)git\s.*--(?:o|ou|out|outp|outpu|e|ex|ext|ext-\w*|exe|textc\w*)(?:[\s=]|$)/,
    reason: 'git takes the start of an option for the whole: --textc is --textconv.',
  },
  {
    shell: /(?:^|[|;&\n]\s*)(?:rg\s(?:.*\s)?-\w*z|base64\s(?:.*\s)?(?:-\w*o|--o))/,
    reason: 'Short options can be joined and long ones cut short: -nz holds -z, --out is --output.',
  },
  {
    shell: /(?:^|[|;&\n]\s*)git\s+--(?:bare|no-replace|html-path|man-path|info-path|version|help)/,
    reason: 'Options of git itself count only when they are known to change nothing that it starts.',
  },
]
