import { logFormat } from '../../protocol/log-entry.ts'

/** From a format to the one after it. One small function for each old version. */
const steps: Readonly<Record<number, (entry: Record<string, unknown>) => Record<string, unknown>>> = {}

/**
 * Brings one parsed line to today's format. The format stands in the first line only (`sessionStart.format`);
 * later lines of the same file are passed with it by `seq`. Unknown shapes pass unchanged: the schema refuses them.
 */
export function migrateEntry(raw: unknown, format = logFormat): unknown {
  let entry = raw
  for (let version = format; version < logFormat; version++) {
    const step = steps[version]
    if (!step || typeof entry !== 'object' || entry === null) return entry
    entry = step(entry as Record<string, unknown>)
  }
  return entry
}
