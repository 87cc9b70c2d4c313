import { constants } from 'node:os'
import { getSystemErrorMessage } from 'node:util'

/** What `grant`, `revoke` and `mask` of a run answer, where a caller tells reasons apart; others are only words. */
export const pathAnswers = {
  runIsOver: 'The run is over.',
  notThere: errnoWords(constants.errno.ENOENT),
} as const

/** The words for a number in an answer of the launcher. */
export function errnoWords(errno: number): string {
  return getSystemErrorMessage(-errno)
}
