import type { Wrapper } from './wrappers.ts'

/** A word as far as it is known, from a script or an argument list. */
export type Known = { readonly value: string | null; readonly start: string }

export const known = (value: string): Known => ({ value, start: value })
export const unknown: Known = { value: null, start: '' }

export type Peeled = {
  /** The command behind the wrapper; empty when it runs none. */
  readonly rest: readonly Known[]
  readonly assignments: readonly string[]
  /** Values of the options that were read, by letter or long name. */
  readonly options: ReadonlyMap<string, string | null>
  /** Why it is not certain where the command starts; null when it is. */
  readonly doubt: string | null
}

/** Takes a wrapper, its options and its operands off a command. */
export function peel(words: readonly Known[], wrapper: Wrapper): Peeled {
  const options = new Map<string, string | null>()
  const name = words[0]?.start ?? ''
  let doubt: string | null = null
  let at = 1
  for (; at < words.length; at++) {
    const { value, start } = words[at] as Known
    if (value === null && !/^-[^=]+=/.test(start)) {
      // `--user=$X` is one word; anything else may be an option or the command
      if (start === '' || start.startsWith('-')) doubt ??= `the options of ${name} are decided at run time`
      if (start.startsWith('-')) continue
      break
    }
    const word = value ?? start
    if (word === '--') {
      at += 1
      break
    }
    if (!word.startsWith('-') || word === '-') {
      if (word === '-' && name.endsWith('env')) continue
      break
    }
    const took = word.startsWith('--') ? readLong(word, wrapper, options) : readShort(word, wrapper, options)
    if (took === null) doubt ??= `${name} has the option ${word.slice(0, 40)}, which is not known here`
    if (took === 'next') {
      const option = [...options.keys()].at(-1) ?? ''
      options.set(option, words[at + 1]?.value ?? null)
      at += 1
    }
  }
  const assignments: string[] = []
  if (wrapper.assigns) {
    for (; at < words.length && /^[^=/-][^=/]*=/.test(words[at]?.start ?? ''); at++) {
      const word = words[at] as Known
      assignments.push(word.value ?? `${word.start}…`)
    }
  }
  at += wrapper.operands
  const tells = wrapper.tells.split('').some((letter) => options.has(letter))
  return { rest: tells ? [] : words.slice(at), assignments, options, doubt }
}

/** @returns whether the value is the next word; null for an option that is not known */
function readLong(
  word: string,
  wrapper: Wrapper,
  options: Map<string, string | null>,
): 'alone' | 'next' | null {
  const equals = word.indexOf('=')
  const name = word.slice(2, equals < 0 ? undefined : equals)
  options.delete(name)
  options.set(name, equals < 0 ? null : word.slice(equals + 1))
  if (wrapper.longValued.includes(name)) return equals < 0 ? 'next' : 'alone'
  return wrapper.long.includes(name) ? 'alone' : null
}

function readShort(
  word: string,
  wrapper: Wrapper,
  options: Map<string, string | null>,
): 'alone' | 'next' | null {
  for (let i = 1; i < word.length; i++) {
    const letter = word[i] as string
    options.delete(letter) // so that it becomes the last one
    options.set(letter, null)
    if (wrapper.attached.includes(letter)) return 'alone'
    if (wrapper.valued.includes(letter)) {
      if (i === word.length - 1) return 'next'
      options.set(letter, word.slice(i + 1))
      return 'alone'
    }
    if (!wrapper.flags.includes(letter)) return null
  }
  return 'alone'
}
