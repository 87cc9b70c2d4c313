import { fill, more } from './fill.ts'
import { command, type Inner, type Input, joined, nothing, script, type Unwrapped } from './inner.ts'
import type { Known } from './peel.ts'
import { programName } from './shells.ts'

type Starter = (words: readonly Known[], input: Input) => Unwrapped

/** Programs that start others in a way of their own. */
export const starters: ReadonlyMap<string, Starter> = new Map<string, Starter>(
  Object.entries({
    su: (words) => unwrapSu(words),
    runuser: (words) => unwrapSu(words),
    sg: (words) => unwrapSu(words),
    find: (words) => unwrapFind(words),
    gfind: (words) => unwrapFind(words),
    fd: (words) => unwrapFd(words),
    fdfind: (words) => unwrapFd(words),
    busybox: (words) => ({ inner: words.length > 1 ? [command('busybox', words.slice(1))] : [], doubts: [] }),
    toybox: (words) => ({ inner: words.length > 1 ? [command('toybox', words.slice(1))] : [], doubts: [] }),
    parallel: (words) => {
      const end = words.findIndex((w) => w.start.startsWith(':::'))
      const start = words.findIndex(
        (w, i) => i > 0 && !w.start.startsWith('-') && !/^-[jIPNLnaSs]$/.test(words[i - 1]?.start ?? ''),
      )
      const template = start < 0 ? [] : words.slice(start, end < 0 ? undefined : end)
      if (template.length === 0) return { inner: [], doubts: ['parallel takes its commands from its input'] }
      const text = joined(template)
      return { inner: [script('parallel', text === null ? null : `${text} "$@"`)], doubts: [] }
    },
    watch: (words) => {
      const start = words.findIndex(
        (w, i) =>
          i > 0 && !w.start.startsWith('-') && !/^(?:-\w*n|--interval)$/.test(words[i - 1]?.start ?? ''),
      )
      return start < 0 ? nothing : { inner: [script('watch', joined(words.slice(start)))], doubts: [] }
    },
    script: (words) => {
      const at = words.findIndex((w, i) => i > 0 && /^(?:-[a-zA-Z]*c|--command)$/.test(w.start))
      const attached = words.find((w) => w.start.startsWith('--command='))
      if (attached) return { inner: [script('script -c', attached.value?.slice(10) ?? null)], doubts: [] }
      if (at > 0) return { inner: [script('script -c', words[at + 1]?.value ?? null)], doubts: [] }
      // BSD: script FILE COMMAND …
      const operands = words.slice(1).filter((w) => !w.start.startsWith('-'))
      if (operands.length > 1) return { inner: [command('script', operands.slice(1))], doubts: [] }
      return { inner: [], doubts: ['script starts a shell that waits for commands'] }
    },
    ssh: (words, { fed }) => {
      const doubts: string[] = []
      if (words.some((w) => /proxycommand|localcommand|knownhostscommand/i.test(w.start)))
        doubts.push('ssh is told to start another program')
      if (words.some((w) => w.value === null && w.start === ''))
        doubts.push('the options of ssh are decided at run time')
      let operands = 0
      for (let i = 1; i < words.length; i++) {
        const { start } = words[i] as Known
        if (operands === 0 && /^-\w*[BbcDEeFIiJLlmOopQRSWw]$/.test(start)) i += 1
        else if (operands > 0 || !start.startsWith('-')) operands += 1
      }
      if (operands > 1 || fed) doubts.push('it runs a command on another machine')
      return { inner: [], doubts }
    },
    npx: (words) => unwrapCall(words),
    npm: (words: readonly Known[]) =>
      /^(?:exec|x)$/.test(words[1]?.value ?? '') ? unwrapCall(words) : nothing,
  } satisfies Record<string, Starter>),
)

function unwrapCall(words: readonly Known[]): Unwrapped {
  const at = words.findIndex((w) => /^(?:-c|--call)$/.test(w.start))
  const attached = words.find((w) => w.start.startsWith('--call='))
  if (at < 0 && !attached) return nothing
  return {
    inner: [script('npx -c', attached ? (attached.value?.slice(7) ?? null) : (words[at + 1]?.value ?? null))],
    doubts: [],
  }
}

function unwrapSu(words: readonly Known[]): Unwrapped {
  const name = programName(words[0]?.value ?? '')
  for (let i = 1; i < words.length; i++) {
    const { start, value } = words[i] as Known
    if (/^(?:-[a-zA-Z]*c|--command|--session-command)$/.test(start))
      return {
        inner: [script(`${name} -c`, words[i + 1]?.value ?? null, { args: words.slice(i + 2) })],
        doubts: [],
      }
    if (/^--(?:session-)?command=/.test(start))
      return { inner: [script(`${name} -c`, value?.slice(value.indexOf('=') + 1) ?? null)], doubts: [] }
    if (/^-c./.test(start)) return { inner: [script(`${name} -c`, value?.slice(2) ?? null)], doubts: [] }
    if (name === 'runuser' && /^(?:-u|--user)$/.test(start)) {
      const rest = words.slice(i + 2)
      return { inner: [command(name, rest[0]?.value === '--' ? rest.slice(1) : rest)], doubts: [] }
    }
  }
  return { inner: [], doubts: [`${name} starts a shell that waits for commands`] }
}

function unwrapFind(words: readonly Known[]): Unwrapped {
  const inner: Inner[] = []
  const doubts: string[] = []
  for (let i = 1; i < words.length; i++) {
    const test = words[i]?.value ?? ''
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(test)) continue
    const rest = words.slice(i + 1)
    const end = rest.findIndex(
      (w, at) => w.value === ';' || (w.value === '+' && rest[at - 1]?.value === '{}'),
    )
    const filled = fill('find', end < 0 ? rest : rest.slice(0, end), '{}')
    inner.push(command(`find ${test}`, filled.words))
    doubts.push(...filled.doubts)
    i += filled.words.length
  }
  return { inner, doubts }
}

function unwrapFd(words: readonly Known[]): Unwrapped {
  const at = words.findIndex((w) => /^(?:-[xX]|--exec|--exec-batch)$/.test(w.start))
  if (at < 0) return nothing
  const filled = fill('fd', words.slice(at + 1), '{')
  return { inner: [command('fd -x', more(filled.words))], doubts: filled.doubts }
}
