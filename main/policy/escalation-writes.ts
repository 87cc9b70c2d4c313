import type { Escalation } from '../../protocol/action.ts'

/**
 * The paths a question would make writable: those its smallest grant names, and the git directory whose records it
 * opens. What a rule says of writing is asked of all of them.
 */
export const writesOf = ({ ladder, violations }: Escalation): readonly string[] => {
  const first = ladder[0]
  const records = violations.flatMap((v) => (v.kind === 'write' && v.gitMetadata ? [v.path] : []))
  return first ? [...first.writePaths, ...(first.gitMetadata ? records : [])] : []
}
