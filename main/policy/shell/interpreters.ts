import type { Known } from './peel.ts'

/** Options that hold a program, by interpreter. Clusters count: `python3 -Ic`, `perl -ne`. */
const inline: readonly (readonly [RegExp, RegExp])[] = [
  [/^(?:python[\d.]*|pypy[\d.]*|ipython[\d.]*)$/, /^-[A-Za-bd-z]*c/],
  [/^(?:node|nodejs|bun|tsx|ts-node)$/, /^(?:-[a-z]*[ep]|--eval|--print)/],
  [/^deno$/, /^eval$/],
  [/^perl[\d.]*$/, /^-[A-Za-z0-9]*[eE]/],
  [/^ruby[\d.]*$/, /^-[A-Za-z]*e/],
  [/^php[\d.]*$/, /^(?:-[rBRE]|--run)/],
  [
    /^(?:lua[\d.]*|luajit|rscript|r|osascript|julia|elixir|erl|scala|groovy|guile|tclsh|expect|ghc|swift|gdb|lldb)$/,
    /^-{1,2}e(?:val|x|xpr|xecute)?(?:=|$)|^-c$/,
  ],
  [/^(?:fish|csh|tcsh|nu|elvish|xonsh|rc|es|oil|osh|ysh)$/, /^(?:-[a-z]*c|--command)/],
  [/^(?:pwsh|powershell)$/, /^-(?:c|e|ec|command|encodedcommand|enc)/i],
  [/^cmd$/, /^\/[ck]/i],
  [/^(?:vi|vim|nvim|ex|emacs|ed)$/, /^(?:-[cSse]|\+|--cmd|--eval|--batch)/],
]
const named =
  /^(?:python[\d.]*|pypy[\d.]*|node|nodejs|bun|deno|perl[\d.]*|ruby[\d.]*|php[\d.]*|lua[\d.]*|luajit|osascript|rscript|tclsh|expect|fish|csh|tcsh|pwsh|powershell|at|batch|crontab|gdb|ed|ex|psql|mysql|sqlite3)$/

/** In UTF-16 code units. */
const longestSed = 1_000

/**
 * Why nobody can tell what an interpreter will do: its program is among the words, or comes in by its input.
 * A program in a file is no reason: that is a program like any other.
 *
 * @param fed something is written to its input: a pipe, a here-document, a file
 */
export function inlineProgram(name: string, words: readonly Known[], fed: boolean): string | null {
  const args = words.slice(1)
  for (const [program, option] of inline) {
    if (program.test(name) && args.some((a) => option.test(a.start)))
      return `${name} is given a program in the command`
  }
  if (named.test(name) && fed) {
    const file = args.find((a) => !/^-./.test(a.start))
    if (file === undefined || file.value === '-' || file.value === '/dev/stdin')
      return `${name} is given a program by its input`
  }
  if (/^(?:g|m|n)?awk$/.test(name)) {
    const runs = args.find((a) => a.value === null || /\bsystem\b|\||getline|\bprint[^;}]*>/.test(a.value))
    if (runs?.value != null) return `the program of ${name} starts others or writes files`
  }
  if (/^g?sed$/.test(name)) {
    // GNU sed: the command e, the flag e of s, and w that writes a file
    const runs = args.some(
      ({ value }) =>
        value !== null &&
        // These patterns step back and forth; a longer program is not worth the time.
        (value.length > longestSed ||
          /(?:^|[;{}\n]|\d|\$|\/)\s*e(?:\s|$)|^s(.).*\1.*\1[gpiIm\d]*e/.test(value)),
    )
    if (runs) return `the program of ${name} starts others`
  }
  const startsWith = (pattern: RegExp): boolean => args.some((a) => pattern.test(a.start))
  if (
    /^(?:g|bsd)?tar$/.test(name) &&
    startsWith(
      /^--(?:to-command|checkpoint-action|use-compress-program|rsh-command|info-script|new-volume-script|rmt-command)|^-[a-zA-Z]*[IF]/,
    )
  )
    return `${name} is told to start another program`
  if (
    name === 'rsync' &&
    startsWith(/^(?:-[a-zA-Z]*e|--rsh)/) &&
    !args.some((a) => a.value === 'ssh' || a.value === '--rsh=ssh')
  )
    return 'rsync is told to start another program'
  if (
    /^(?:zip|man|make|gmake)$/.test(name) &&
    startsWith(/^(?:-TT|--unzip-command|-P|--pager|--eval|SHELL=)/)
  )
    return `${name} is told to start another program`
  return null
}
