import type { CommandAction, Grant } from '../../protocol/action.ts'
import type { Violation } from '../../protocol/sandbox.ts'

/**
 * Turns what the sandbox stopped into a new action: the same command, with exactly what was missing, and
 * without the boundary as the last rung.
 *
 * @param had what the run that tripped was already granted
 * @returns null when nothing that can be granted was stopped
 */
export function escalate(
  action: CommandAction,
  had: Grant,
  violations: readonly Violation[],
): CommandAction | null {
  const writes = violations.filter((v) => v.kind === 'write')
  const connects = violations.some((v) => v.kind === 'connect')
  if (writes.length === 0 && !connects) return null
  // Where the run had it already, it was not enough, and only the path itself is left.
  const isRecord = (v: (typeof writes)[number]): boolean => v.gitMetadata === true && !had.gitMetadata
  const paths = writes.filter((v) => !isRecord(v)).map((v) => v.path)
  const missing: Grant = {
    writePaths: [...new Set([...had.writePaths, ...paths])],
    ...(had.readPaths ? { readPaths: had.readPaths } : {}),
    ...(had.gitMetadata || writes.some(isRecord) ? { gitMetadata: true } : {}),
    // A command that tripped over both is asked about one at a time: the write first, it is the smaller.
    network: had.network || (connects && writes.length === 0),
    unsandboxed: false,
  }
  return {
    ...action,
    escalation: {
      source: 'observed',
      ladder: [missing, { writePaths: [], network: false, unsandboxed: true }],
      reason: null,
      violations: violations.slice(0, 5),
    },
  }
}
