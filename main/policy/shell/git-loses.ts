import { readGitCall } from './git-runs.ts'
import { known } from './peel.ts'

const away = 'throws work away'
const history = 'throws history away'
const remote = 'rewrites or deletes on a remote'

/** What a call of git loses for good, in words for the card. `words[0]` is git. */
export function gitLoses(words: readonly string[]): readonly string[] {
  const { subcommand, args } = readGitCall(words.map(known))
  const all = args.map((a) => a.start)
  const behind = all.indexOf('--')
  const before = behind < 0 ? all : all.slice(0, behind)
  const short = (letters: string): boolean =>
    before.some((a) => new RegExp(`^-[A-Za-z]*[${letters}]`).test(a))
  const long = (...names: string[]): boolean =>
    before.some((a) => {
      const name = a.replace(/=.*/s, '')
      // git takes the start of a name for the whole
      return name.length > 3 && names.some((n) => `--${n}`.startsWith(name))
    })
  const first = before.find((a) => !a.startsWith('-')) ?? ''
  switch (subcommand ?? '') {
    case 'reset':
      return long('hard', 'merge') ? [away] : []
    case 'clean':
      return short('fdxX') || long('force') ? [away] : []
    case 'checkout':
      return short('f') || long('force') || behind >= 0 || before.includes('.') ? [away] : []
    case 'restore':
      return (short('S') || long('staged')) && !short('W') && !long('worktree') ? [] : [away]
    case 'switch':
      return short('fC') || long('force', 'discard-changes', 'force-create') ? [away] : []
    case 'rm':
      return short('f') || long('force') ? ['deletes without a copy'] : []
    case 'branch':
      return short('DMC') || ((short('d') || long('delete')) && (short('f') || long('force')))
        ? [history]
        : []
    case 'tag':
      return short('df') || long('delete', 'force') ? [history] : []
    case 'stash':
      return /^(?:drop|clear)$/.test(first) ? [away] : []
    case 'reflog':
      return /^(?:expire|delete)$/.test(first) ? [history] : []
    case 'update-ref':
      return short('d') || long('stdin') ? [history] : []
    case 'filter-branch':
    case 'filter-repo':
      return [history]
    case 'gc':
    case 'prune':
      return subcommand === 'prune' || long('prune') ? [history] : []
    case 'worktree':
      return first === 'remove' && (short('f') || long('force')) ? [away] : []
    case 'push': {
      const rewrites =
        short('fd') || long('force', 'force-with-lease', 'force-if-includes', 'mirror', 'delete', 'prune')
      return rewrites || all.some((a) => /^\+|^:./.test(a)) ? [remote] : []
    }
    case 'lfs':
      return first === 'prune' ? [away] : []
    default:
      return []
  }
}
