import { readFile } from 'node:fs/promises'
import { LogEntry, type LogLine, logFormat } from '../../protocol/log-entry.ts'
import { migrateEntry } from './migrate-entry.ts'
import { firstPrev, lineHash } from './session-log-writer.ts'

export type LogRead = {
  readonly lines: readonly LogLine[]
  /** Where a writer goes on. `bytes` is the length of the part that is whole. */
  readonly next: { readonly seq: number; readonly prev: string; readonly bytes: number }
  /** The last line was cut by a crash; it was never acknowledged, so nothing is lost. */
  readonly torn: boolean
  /** What does not fit, with its line number (from 1). Lines after it are not read. null when all is well. */
  readonly problem: { readonly line: number; readonly what: string } | null
}

/**
 * Reads one session log. Tolerates a torn last line; refuses a gap in `seq`, a broken chain or a line that is
 * no entry, and keeps all that stands before it.
 */
export function readLogText(bytes: Uint8Array): LogRead {
  const lines: LogLine[] = []
  let seq = 0
  let prev = firstPrev
  let start = 0
  let format = logFormat
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const answer = (torn: boolean, what: string | null): LogRead => ({
    lines,
    next: { seq, prev, bytes: start },
    torn,
    problem: what === null ? null : { line: lines.length + 1, what },
  })

  while (start < bytes.length) {
    const end = bytes.indexOf(10, start)
    if (end < 0) return answer(true, null)
    let raw: unknown
    let text: string
    try {
      text = decoder.decode(bytes.subarray(start, end))
      raw = JSON.parse(text)
    } catch {
      // A crash can leave a block of zeros where the last line was to be.
      if (end === bytes.length - 1 || bytes.subarray(start).every((b) => b === 0 || b === 10))
        return answer(true, null)
      return answer(false, 'is not a JSON line')
    }
    if (seq === 0) {
      const stated = (raw as { format?: unknown } | null)?.format
      if (typeof stated !== 'number') return answer(false, 'does not begin with sessionStart and its format')
      if (stated > logFormat) return answer(false, `was written by a newer version (format ${stated})`)
      format = stated
    }
    const migrated = migrateEntry(raw, format)
    const parsed = LogEntry.safeParse(migrated)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      return answer(
        false,
        `is no entry this version knows (${issue?.path.join('.') || 'type'}: ${issue?.message})`,
      )
    }
    const head = raw as { seq?: unknown; atMs?: unknown; prev?: unknown }
    if (head.seq !== seq) return answer(false, `has number ${String(head.seq)} where ${seq} was expected`)
    if (head.prev !== prev)
      return answer(false, 'does not follow from the line before it: the chain is broken')
    if (typeof head.atMs !== 'number') return answer(false, 'has no time')
    lines.push({ ...parsed.data, seq, atMs: head.atMs, prev })
    prev = lineHash(text)
    seq += 1
    start = end + 1
  }
  return answer(false, null)
}

export const readLog = async (path: string): Promise<LogRead> => readLogText(await readFile(path))
