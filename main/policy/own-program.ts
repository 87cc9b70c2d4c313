import type { DecodedCommand } from './shell/command-part.ts'
import { inlineProgram } from './shell/interpreters.ts'
import { programName } from './shell/shells.ts'

/** As many doubts as a decoded command names; with so many there may be more. */
const mostNamed = 3

/**
 * Why a command asks because it cannot be read; null when nothing is left to ask about.
 *
 * A program that stands in the command itself (`python3 -c '…'`, `awk '…'`, a here-document) is marked on the card
 * as not inspectable, but the sandbox bounds it like a program in a file, so it is no reason to ask. Text that
 * arrives at run time is: a pipe into a shell, a program named by a variable.
 */
export function doubtsLeft({ parts, notInspectable }: DecodedCommand): string | null {
  if (notInspectable === null) return null
  const doubts = notInspectable.split('; ')
  if (doubts.length >= mostNamed) return notInspectable
  const own = new Set(
    parts.map(({ words, starts, redirects }) => {
      const known = words.map((value, i) => ({ value, start: starts[i] ?? '' }))
      const written = redirects.some(({ operator }) => operator.startsWith('<<'))
      return inlineProgram(programName(words[0] ?? ''), known, written)
    }),
  )
  const left = doubts.filter((doubt) => !own.has(doubt))
  return left.length === 0 ? null : left.join('; ')
}
