import type { WorkspaceFound } from '../../../protocol/sandbox-proof.ts'

/** What a second name outside means, in one sentence. */
export function linkWords(links: WorkspaceFound['hardLinks']): string {
  if (links.length === 0) return 'No file here has a second name outside.'
  return links.length === 1
    ? '1 file here has a second name outside: a write to it changes the file there.'
    : `${links.length} files here have a second name outside: a write to one changes the file there.`
}

export const gitWords = (count: number): string =>
  count === 1
    ? '1 repository lies deeper in the workspace; its metadata is closed as well.'
    : `${count} repositories lie deeper in the workspace; their metadata is closed as well.`

/** What was not looked at or is not listed; null: nothing. */
export function cutWords({ cut, leftOut }: WorkspaceFound): string | null {
  const more = leftOut > 0 ? `${leftOut} more are not listed. ` : ''
  const why = {
    files: 'There are more files than were looked at, so there may be others.',
    time: 'Looking took too long and was ended, so there may be others.',
    stopped: 'Looking was stopped, so there may be others.',
  }
  const words = `${more}${cut === null ? '' : why[cut]}`.trim()
  return words === '' ? null : words
}
