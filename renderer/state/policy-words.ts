import type { Lock } from '../../protocol/policy.ts'

/** `file:line`, as editors and terminals open it; the file alone when no line is known. */
export const placeText = ({ file, line }: { readonly file: string; readonly line: number | null }): string =>
  line === null ? file : `${file}:${line}`

/** The last part of a path, for places where the whole one stands beside it or one key away. */
export const fileName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path

/** Who took a choice away and why, as one sentence. */
export const lockWords = ({ setBy, allowed, reason }: Lock): string => {
  const why = reason === null || reason === '' ? 'No reason is given.' : `Reason: “${reason}”.`
  return `Locked by ${setBy}. ${allowed === undefined ? '' : `Allowed: ${allowed}. `}${why}`
}

/** `file:line` taken apart; null for a name that is no place, such as "acme-baseline v7". */
export function placeOf(setBy: string): { readonly file: string; readonly line: number } | null {
  const [, file, line] = /^(.+):([1-9]\d{0,8})$/.exec(setBy) ?? []
  return file === undefined ? null : { file, line: Number(line) }
}
