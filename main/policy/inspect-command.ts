import type { DecodedCommand } from './shell/command-part.ts'
import { criticalMarks } from './shell/dangerous.ts'

/** What can be told about a command by reading it, as rows of the tier table. */
export type CommandMarks = {
  /** Deletes, overwrites, publishes or changes something that cannot be taken back; in words. */
  readonly irreversible: readonly string[]
  /** Why nobody can tell what it will do; in words. null when it can be read. */
  readonly opaque: string | null
}

/** Reads a decoded command without running it. What cannot be decoded is opaque, never harmless. */
export function inspectCommand(decoded: DecodedCommand): CommandMarks {
  return { irreversible: criticalMarks(decoded), opaque: decoded.notInspectable }
}
