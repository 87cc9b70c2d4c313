import { type Known, unknown } from './peel.ts'
import { isShell, readShellCall } from './shells.ts'

/**
 * Replaces what a program like xargs or find puts in place of `token` (`{}`) by words that are not known.
 *
 * In the script of a shell the text around it is still worth reading, so it stays, and a doubt is noted: what is
 * put in becomes part of the script.
 */
export function fill(
  name: string,
  words: readonly Known[],
  token: string | null,
): { readonly words: readonly Known[]; readonly doubts: readonly string[] } {
  if (token === null || token === '') return { words, doubts: [] }
  const at = words.findIndex((w) => w.value !== null && isShell(w.value))
  const call = at < 0 ? null : readShellCall(words.slice(at))
  const script = call?.kind === 'script' ? call.script : null
  const filled = words.map((w) => {
    const place = w.start.indexOf(token)
    return place < 0 || w === script ? w : { value: null, start: w.start.slice(0, place) }
  })
  const doubts = script?.start.includes(token) ? [`${name} puts what it finds into a script`] : []
  return { words: filled, doubts }
}

/** Words, and one more that is not known. */
export const more = (words: readonly Known[]): readonly Known[] => [...words, unknown]
