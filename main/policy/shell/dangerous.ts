import type { CommandPart, DecodedCommand } from './command-part.ts'
import { criticalPrograms } from './critical-programs.ts'
import { gitLoses } from './git-loses.ts'
import { programName } from './shells.ts'

/**
 * The command that deletes without asking or keeping a copy: `rm -f` in any spelling, behind any wrapper, and
 * `git rm -f`. null when there is none.
 *
 * Wider than Codex, which misses it behind `command`, `time`, `nohup`, `xargs`, `find -exec`, `sudo -u`, `doas`,
 * `busybox` and `eval`, and when the name is escaped or in capitals.
 */
export function forcedDelete(decoded: DecodedCommand): string | null {
  const found = decoded.parts.find(isForcedDelete)
  if (found === undefined) return null
  const known = found.words.map((w, i) => w ?? `${found.starts[i] ?? ''}…`).join(' ')
  return known.length > 80 ? `${known.slice(0, 79)}…` : known
}

function isForcedDelete({ words, starts }: CommandPart): boolean {
  const name = programName(words[0] ?? '')
  if (name === 'rm' || name === 'grm') return hasForce(words, starts, 1)
  if (name !== 'git') return false
  const at = words.findIndex((w, i) => i > 0 && w === 'rm')
  return (
    at > 0 &&
    starts.slice(1, at).every((s, i) => s.startsWith('-') || /^-[Cc]$/.test(starts[i] ?? '')) &&
    hasForce(words, starts, at + 1)
  )
}

/** A word that starts with `-` and goes on at run time may hold the f. */
function hasForce(words: CommandPart['words'], starts: readonly string[], from: number): boolean {
  for (let i = from; i < words.length; i++) {
    const word = words[i] ?? null
    const start = starts[i] ?? ''
    if (word === '--') return false
    if (word === null ? start.startsWith('-') : isForce(word)) return true
  }
  return false
}
const isForce = (word: string): boolean =>
  /^-[A-Za-z]*f/.test(word) || (word.length > 3 && '--force'.startsWith(word))

/** What the command does that cannot be taken back, in words for the card; every one counts as Critical. */
export function criticalMarks(decoded: DecodedCommand): readonly string[] {
  const marks = new Set<string>()
  for (const part of decoded.parts) {
    for (const mark of marksOf(part)) marks.add(mark)
  }
  return [...marks]
}

function marksOf(part: CommandPart): readonly string[] {
  const name = programName(part.words[0] ?? '')
  if (name === '') return part.redirects.some((r) => toDevice(r.target)) ? ['overwrites a device'] : []
  const words = part.words.map((w, i) => w ?? part.starts[i] ?? '')
  const marks: string[] = []
  if (part.redirects.some((r) => toDevice(r.target))) marks.push('overwrites a device')
  if (isForcedDelete(part)) marks.push('deletes without a copy')
  else if (
    (name === 'rm' || name === 'grm') &&
    (words.some((w) => /^-\w*[rR]|^--r/.test(w)) || part.words.includes(null))
  )
    marks.push('deletes without a copy')
  if (name === 'git') marks.push(...gitLoses(words))
  for (const [programs, args, mark] of criticalPrograms) {
    if (programs.test(name) && args.test(words.slice(1).join(' ').slice(0, 5_000))) marks.push(mark)
  }
  return marks
}

const toDevice = (target: string | null): boolean =>
  target !== null && /^\/dev\/(?!null$|stdout$|stderr$|stdin$|tty$|fd\/|zero$|full$)/.test(target)
