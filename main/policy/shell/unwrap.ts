import { fill, more } from './fill.ts'
import { gitRuns } from './git-runs.ts'
import { command, type Input, joined, nothing, script, type Unwrapped } from './inner.ts'
import { inlineProgram } from './interpreters.ts'
import { type Known, peel } from './peel.ts'
import { shellBuiltin } from './shell-builtins.ts'
import { isShell, programName, readShellCall } from './shells.ts'
import { starters } from './starters.ts'
import { wrappers } from './wrappers.ts'

/** What a simple command starts, as far as its words tell. `words[0]` is known. */
export function unwrap(words: readonly Known[], input: Input): Unwrapped {
  const name = programName(words[0]?.value ?? '')
  if (isShell(name)) return unwrapShell(name, words, input)
  const starter = starters.get(name)
  if (starter) return starter(words, input)
  if (name === 'git') return gitRuns(words)
  if (wrappers.has(name)) return unwrapWrapper(name, words)
  const builtin = shellBuiltin(name, words)
  if (builtin) return builtin
  // the loader of the system starts the program that is its first operand
  if (/^ld(?:-linux|-musl)?[\w.-]*\.so[\d.]*$/.test(name))
    return { inner: [command('ld.so', words.slice(1))], doubts: [] }
  if (/^\/(?:proc|dev)\//.test(words[0]?.value ?? ''))
    return { inner: [], doubts: ['its program is whatever is open'] }
  const doubt = inlineProgram(name, words, input.fed)
  return doubt === null ? nothing : { inner: [], doubts: [doubt] }
}

function unwrapShell(name: string, words: readonly Known[], { fed, body }: Input): Unwrapped {
  const call = readShellCall(words)
  const doubts = call.doubt === null ? [] : [call.doubt]
  const label = `${name} -c`
  switch (call.kind) {
    case 'script':
      return {
        inner: [script(label, call.script.value, { args: call.args, exact: call.exact, shell: name })],
        doubts,
      }
    case 'file':
      // a script in a file is a program like any other, unless the file is made at run time
      if (call.file.start === '' || /^\/(?:dev|proc)\//.test(call.file.start))
        doubts.push(`the script of ${name} is decided at run time`)
      return { inner: [], doubts }
    case 'input':
      if (/^-{1,2}(?:version|help)$/.test(words[1]?.value ?? '')) return nothing
      doubts.push(fed ? `${name} reads commands from its input` : `${name} waits for commands`)
      return { inner: body === null ? [] : [script(`${name} <<`, body, { shell: name })], doubts }
  }
}

function unwrapWrapper(name: string, words: readonly Known[]): Unwrapped {
  const wrapper = wrappers.get(name)
  if (!wrapper) return nothing
  const { rest, assignments, options, doubt } = peel(words, wrapper)
  const doubts = doubt === null ? [] : [doubt]
  const split = options.has('S') ? options.get('S') : options.get('split-string')
  if (name === 'env' && split !== undefined) {
    // env -S splits a text by rules much like a shell's
    const more = joined(rest)
    const text = split === null || more === null ? null : `${split} ${more}`
    return { inner: [script('env -S', text)], doubts: [...doubts, 'env splits a text into a command'] }
  }
  if (name === 'sudoedit' || options.has('edit') || (name === 'sudo' && options.has('e')))
    return { inner: [], doubts }
  const [first] = rest
  if (first === undefined) {
    if (/^(?:sudo|doas|unshare|nsenter|chroot)$/.test(name) && wantsShell(name, options))
      doubts.push(`${name} starts a shell that waits for commands`)
    return { inner: [], doubts }
  }
  if (name === 'flock' && (first.value === '-c' || first.value === '--command'))
    return { inner: [script('flock -c', rest[1]?.value ?? null)], doubts }
  if (name === 'xargs') {
    const replaced = options.get('I') ?? options.get('replace') ?? (options.has('i') ? '{}' : null)
    const filled = fill('xargs', rest, replaced)
    const run = replaced === null ? more(filled.words) : filled.words
    return { inner: [command('xargs', run)], doubts: [...doubts, ...filled.doubts] }
  }
  return { inner: [command(name, rest, assignments)], doubts }
}

const wantsShell = (name: string, options: ReadonlyMap<string, string | null>): boolean =>
  !/^(?:sudo|doas)$/.test(name) || ['s', 'i', 'shell', 'login'].some((o) => options.has(o))
