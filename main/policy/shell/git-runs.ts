import { command, type Inner, script, type Unwrapped } from './inner.ts'
import type { Known } from './peel.ts'

/** Options of git itself that take the next word. */
const valued = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--exec-path',
  '--namespace',
  '--config-env',
  '--super-prefix',
  '--attr-source',
])

/** Settings that cannot make git start a program. Everything else given by `-c` is doubted. */
const harmless =
  /^(?:user\.(?:name|email)|author\.\w+|committer\.\w+|color\..+|advice\..+|column\..+|init\.defaultbranch|commit\.gpgsign=false|tag\.gpgsign=false|core\.(?:quotepath|autocrlf|longpaths|ignorecase|filemode|abbrev|pager=(?:cat)?$)|log\..+|diff\.(?:renames|algorithm|context|noprefix|mnemonicprefix)|merge\.(?:conflictstyle|ff)|pull\.(?:rebase|ff)|push\.default|rebase\.autostash|protocol\.version|http\.(?:postbuffer|version)|fetch\.(?:prune|parallel)|status\..+|safe\.directory|gc\.auto|maintenance\.auto|pager\.\w+=false)/i

export type GitCall = {
  /** null: none, or decided at run time. */
  readonly subcommand: string | null
  /** Words behind the subcommand. */
  readonly args: readonly Known[]
  /** Options in front of it, without their values. */
  readonly globals: readonly string[]
  /** `-c NAME=VALUE` and the like. */
  readonly settings: readonly string[]
}

/** Finds the subcommand of git. `words[0]` is git. */
export function readGitCall(words: readonly Known[]): GitCall {
  const globals: string[] = []
  const settings: string[] = []
  let at = 1
  for (; at < words.length && words[at]?.start.startsWith('-'); at++) {
    const { start } = words[at] as Known
    const name = start.replace(/=.*/s, '')
    globals.push(name)
    const attached = /^(?:-c|--config-env=|--exec-path=)(.+)$/s.exec(start)?.[1]
    if (attached !== undefined) settings.push(start.startsWith('--exec') ? start : attached)
    if (valued.has(start)) {
      at += 1
      if (start === '-c' || start === '--config-env') settings.push(words[at]?.value ?? '')
      if (start === '--exec-path') settings.push(start)
    }
  }
  return { subcommand: words[at]?.value ?? null, args: words.slice(at + 1), globals, settings }
}

/** What a call of git starts, and what it may start without showing it. */
export function gitRuns(words: readonly Known[]): Unwrapped {
  const { subcommand, args, settings } = readGitCall(words)
  const inner: Inner[] = []
  const doubts: string[] = []
  const risky = settings.find((setting) => !harmless.test(setting))
  if (risky !== undefined)
    doubts.push(`git is told to use ${risky.slice(0, 60) || 'a setting'} for this call`)
  if (subcommand === null && words.length > 1 && words.some((w, i) => i > 0 && w.value === null))
    doubts.push('the subcommand of git is decided at run time')
  const valueOf = (option: RegExp): Known | null => {
    const at = args.findIndex((a) => option.test(a.start))
    const found = args[at]
    if (found === undefined) return null
    const equals = found.start.indexOf('=')
    if (equals < 0) return args[at + 1] ?? null
    return { value: found.value?.slice(equals + 1) ?? null, start: found.start.slice(equals + 1) }
  }
  switch (subcommand ?? '') {
    case 'bisect':
      if (args[0]?.value === 'run') inner.push(command('git bisect run', args.slice(1)))
      break
    case 'rebase': {
      const run = valueOf(/^(?:-x$|--exec(?:=|$))/)
      if (run) inner.push(script('git rebase --exec', run.value))
      break
    }
    case 'submodule': {
      const at = args.findIndex((a) => a.value === 'foreach')
      if (at < 0) break
      const run = args.slice(at + 1).filter((a) => !/^(?:-q|--quiet|--recursive)$/.test(a.start))
      const text = run.every((w) => w.value !== null) ? run.map((w) => w.value).join(' ') : null
      if (run.length > 0) inner.push(script('git submodule foreach', text))
      break
    }
    case 'filter-branch':
      doubts.push('git filter-branch runs scripts over every commit')
      break
    case 'difftool':
    case 'mergetool':
      if (valueOf(/^(?:-x$|--extcmd)/)) doubts.push(`git ${subcommand} is told to start another program`)
      break
    case 'fetch':
    case 'pull':
    case 'push':
    case 'clone':
    case 'ls-remote':
      if (
        valueOf(/^(?:-u$|--upload-pack|--receive-pack|--exec)/) &&
        !(subcommand === 'push' && args.some((a) => a.value === '-u'))
      )
        doubts.push('git is told which program to start on the other side')
      if (args.some((a) => a.start.startsWith('ext::'))) doubts.push('git is told to start another program')
      if (args.some((a) => /^(?:-c$|--config)/.test(a.start)))
        doubts.push('git is told to use a setting for this call')
      break
    case 'grep':
      if (args.some((a) => /^(?:-O|--open-files-in-pager)/.test(a.start)))
        doubts.push('git grep starts a pager')
      break
    case 'config':
      if (
        args.some((a) =>
          /^(?:alias\.|core\.(?:pager|editor|sshcommand|fsmonitor|hookspath)|.*\.(?:textconv|command|cmd|driver|clean|smudge|process|helper|program)$)/i.test(
            a.start,
          ),
        ) &&
        args.length > 1 &&
        !args.some((a) => /^--(?:get|list|unset)|^-l$/.test(a.start))
      )
        doubts.push('it sets which programs git starts')
      break
  }
  return { inner, doubts }
}
