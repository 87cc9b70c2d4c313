import type { CommandPart, DecodedCommand } from './shell/command-part.ts'
import { inlineProgram } from './shell/interpreters.ts'
import { programName } from './shell/shells.ts'

/** As many doubts as a decoded command names; with so many there may be more. */
const mostNamed = 3

/**
 * Why a command asks because it cannot be read; null when nothing is left to ask about.
 *
 * A program that stands in the command itself (`python3 -c '…'`, `awk '…'`, a here-document) is marked on the card
 * as not inspectable, but the sandbox bounds it like a program in a file, so it is no reason to ask. Text that
 * arrives at run time is: a pipe into a shell, a program named by a variable, `python3 -c "$(curl …)"`.
 */
export function doubtsLeft({ parts, notInspectable }: DecodedCommand): string | null {
  if (notInspectable === null) return null
  const doubts = notInspectable.split('; ')
  if (doubts.length >= mostNamed) return notInspectable
  const own = new Set<string | null>()
  const arriving = new Set<string | null>()
  for (const part of parts) {
    const { inside, doubt } = programOf(part)
    if (inside) own.add(doubt)
    else arriving.add(doubt)
  }
  // The same words may stand for a program that is written here and for one that comes through a pipe elsewhere.
  const left = doubts.filter((doubt) => !own.has(doubt) || arriving.has(doubt))
  return left.length === 0 ? null : left.join('; ')
}

/** Longer texts are cut in the decoded form, and then nobody sees how a here-document ends. */
const longest = 2_000

/** The doubt an interpreter raises, and whether its whole program is written in the command. */
function programOf({ words, starts, argv, text, redirects }: CommandPart): {
  readonly inside: boolean
  readonly doubt: string | null
} {
  const name = programName(words[0] ?? '')
  const known = words.map((value, i) => ({ value, start: starts[i] ?? '' }))
  const among = inlineProgram(name, known, false)
  if (among !== null) return { inside: argv !== null, doubt: among }
  const input = redirects.findLast(({ operator }) => /^0?</.test(operator))
  const written =
    input?.operator.endsWith('<<<') === true
      ? input.target !== null
      : // Only a quoted end keeps the shell from filling in variables.
        /^0?<<-?$/.test(input?.operator ?? '') &&
        !/<<-?(?!<)\s*[^\s'"\\<-]/.test(text) &&
        text.length < longest
  return { inside: written && argv !== null, doubt: inlineProgram(name, known, true) }
}
