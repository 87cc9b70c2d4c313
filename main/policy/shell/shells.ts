import type { Known } from './peel.ts'

/** Shells whose scripts are read here; zsh, dash and ksh share enough of the language, and doubts ask. */
const shells = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'rbash', 'mksh'])

/** What a call of a shell runs. */
export type ShellCall =
  | {
      readonly kind: 'script'
      readonly script: Known
      /** `$0` and the positional parameters. */
      readonly args: readonly Known[]
      /** `SHELL -c SCRIPT` or `SHELL -lc SCRIPT`, nothing else. */
      readonly exact: boolean
      readonly doubt: string | null
    }
  | { readonly kind: 'file'; readonly file: Known; readonly doubt: string | null }
  | { readonly kind: 'input'; readonly doubt: string | null }

/** The name of a program without its folder, in lower case: some disks do not tell case apart. */
export const programName = (word: string): string =>
  word
    .slice(word.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/\.exe$/, '')

export const isShell = (program: string): boolean => shells.has(programName(program))

/** Names under which a system may have a shell that knows no more than POSIX asks for. */
export const isPosixOnly = (program: string): boolean => /^(?:sh|dash|ash)$/.test(programName(program))

const valued = new Set(['--rcfile', '--init-file'])

/** Reads the arguments of a shell. `words[0]` is the shell. */
export function readShellCall(words: readonly Known[]): ShellCall {
  let doubt: string | null = null
  let takesScript = false
  let reads = false
  let at = 1
  for (; at < words.length; at++) {
    const word = words[at]?.value ?? null
    if (word === null) {
      if (words[at]?.start === '' || /^[-+]/.test(words[at]?.start ?? ''))
        doubt ??= 'the options of a shell are decided at run time'
      break
    }
    if (word === '--' || word === '-') {
      at += 1
      break
    }
    if (word.startsWith('--')) {
      if (valued.has(word)) at += 1
      if (/^--(?:rcfile|init-file)/.test(word)) doubt ??= 'the shell reads another file first'
    } else if (/^[-+]./.test(word)) {
      if (word.startsWith('-') && word.includes('c')) takesScript = true
      if (word.startsWith('-') && word.includes('s')) reads = true
      // -o NAME and -O NAME, also at the end of others: -euo pipefail
      if (/[oO]/.test(word)) at += 1
      if (/^-\w*i/.test(word)) doubt ??= 'an interactive shell reads its start files'
    } else break
  }
  const rest = words.slice(at)
  const [first] = rest
  if (takesScript) {
    if (first === undefined) return { kind: 'input', doubt: doubt ?? 'the script of a shell is missing' }
    const flag = words[1]?.value
    const exact = words.length === 3 && (flag === '-c' || flag === '-lc')
    return { kind: 'script', script: first, args: rest.slice(1), exact, doubt }
  }
  if (first === undefined || reads) return { kind: 'input', doubt }
  return { kind: 'file', file: first, doubt }
}
