import type { Action } from '../../protocol/action.ts'

/** The last part of the path that the subject names first; null where it names none. */
export function subjectName(action: Action): string | null {
  const path =
    action.kind === 'fileAccess'
      ? action.held.path
      : action.kind === 'fileChange'
        ? action.edits[0]?.path
        : undefined
  return path?.split('/').at(-1) ?? null
}
