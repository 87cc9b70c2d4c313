import { joined, nothing, script, type Unwrapped } from './inner.ts'
import type { Known } from './peel.ts'

const doubt = (why: string): Unwrapped => ({ inner: [], doubts: [why] })

/** Builtins that evaluate the index of `name[…]`, so that quoted text in it is run. */
const evaluates = new Set(
  'test [ [[ let printf read unset declare typeset local export readonly mapfile readarray wait'.split(' '),
)

/** What a builtin of the shell runs or changes; null when `name` is none of those. */
export function shellBuiltin(name: string, words: readonly Known[]): Unwrapped | null {
  const args = words.slice(1)
  const [first] = args
  switch (name) {
    case 'eval': {
      const behind = first?.value === '--' ? args.slice(1) : args
      return behind.length === 0
        ? nothing
        : { inner: [script('eval', joined(behind), { shell: null })], doubts: [] }
    }
    case 'trap':
      if (first === undefined || args.length === 1 || first.value === '' || first.start.startsWith('-')) {
        // `trap -- 'command' EXIT`
        return first?.value === '--' && args.length > 2
          ? { inner: [script('trap', args[1]?.value ?? null, { shell: null })], doubts: [] }
          : nothing
      }
      return { inner: [script('trap', first.value, { shell: null })], doubts: [] }
    case 'source':
    case '.':
      return first === undefined
        ? nothing
        : doubt(`it reads commands from ${first.value ?? 'a file named at run time'}`)
    case 'alias':
      return args.some((a) => a.value === null || a.value.includes('='))
        ? doubt('an alias changes what a name means')
        : nothing
    case 'hash':
      return args.some((a) => /^-\w*p/.test(a.start))
        ? doubt('hash changes which file a name means')
        : nothing
    case 'enable':
      return args.some((a) => /^-\w*[fn]/.test(a.start)) ? doubt('enable changes what a name means') : nothing
    case 'mapfile':
    case 'readarray':
    case 'compgen':
    case 'complete':
      if (args.some((a) => /^-\w*[CFW]/.test(a.start))) return doubt(`${name} calls back`)
      break
    case 'emulate': {
      const at = args.findIndex((a) => /^-\w*c$/.test(a.start))
      return at < 0
        ? nothing
        : { inner: [script('emulate -c', args[at + 1]?.value ?? null, { shell: null })], doubts: [] }
    }
    case 'fc':
    case 'bind':
      return doubt(`${name} runs what was typed before or what a key stands for`)
    case 'zmodload':
    case 'autoload':
      return doubt(`${name} loads more code into the shell`)
  }
  if (evaluates.has(name) && args.some((a) => /\[[^\]]*(?:\$\(|`)/.test(a.value ?? '')))
    return doubt(`${name} evaluates a text that holds a substitution`)
  return evaluates.has(name) ? nothing : null
}
