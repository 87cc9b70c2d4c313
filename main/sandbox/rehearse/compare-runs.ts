import { type RehearsedEntry, sameContent } from './compare-copy.ts'
import { type RawPath, rawPath, shownRaw } from './raw-path.ts'
import { linkTarget, RealReader } from './real-facts.ts'

/** Every entry below some roots with its stamp. null: too many to be remembered. */
export type RootsSnapshot = ReadonlyMap<RawPath, string> | null

const maxEntries = 50_000
const maxWords = 50

export async function snapshotOf(roots: readonly string[]): Promise<RootsSnapshot> {
  const real = new RealReader()
  const stamps = new Map<RawPath, string>()
  try {
    for (const root of roots) {
      const { facts, stamp } = await real.at(rawPath(root))
      if (facts?.kind !== 'folder') {
        stamps.set(rawPath(root), stamp)
        continue
      }
      for (const path of await real.below(rawPath(root), maxEntries - stamps.size)) {
        stamps.set(path, (await real.at(path)).stamp)
      }
    }
  } catch {
    return null
  }
  return stamps
}

/**
 * How the real folders differ from what was rehearsed: rehearsed changes that did not come out the same, and, as far
 * as the snapshot from before the real run can tell, changes that were not rehearsed at all.
 */
export async function differences(
  entries: readonly RehearsedEntry[],
  roots: readonly string[],
  since: RootsSnapshot,
): Promise<readonly string[]> {
  const real = new RealReader()
  const words: string[] = []
  for (const entry of entries) {
    const found = await differs(real, entry)
    if (found) words.push(`${shownRaw(entry.path)}: ${found}`)
  }
  const now = since === null ? null : await snapshotOf(roots)
  if (since && now) {
    const rehearsed = new Set(entries.map(({ path }) => path))
    for (const [path, stamp] of now) {
      if (!rehearsed.has(path) && since.get(path) !== stamp) {
        words.push(`${shownRaw(path)}: ${since.has(path) ? 'changed' : 'added'}, which was not rehearsed`)
      }
    }
    for (const path of since.keys()) {
      if (!rehearsed.has(path) && !now.has(path))
        words.push(`${shownRaw(path)}: deleted, which was not rehearsed`)
    }
  }
  if (words.length <= maxWords) return words
  return [...words.slice(0, maxWords), `and ${words.length - maxWords} more`]
}

async function differs(real: RealReader, entry: RehearsedEntry): Promise<string | null> {
  const { facts: now } = await real.at(entry.path)
  const { after, source, target } = entry
  if (after === null) return now === null ? null : 'rehearsed as deleted, is still there'
  if (now === null) return 'rehearsed, is not there'
  if (now.kind !== after.kind) return `rehearsed as a ${after.kind}, is a ${now.kind}`
  if (after.kind === 'link' && (await linkTarget(entry.path)) !== target) return 'the link leads elsewhere'
  if (after.kind === 'file' && !(source !== null && (await sameContent(entry.path, source))))
    return 'other content'
  return now.mode === after.mode || after.kind === 'link' ? null : 'other permission bits'
}
