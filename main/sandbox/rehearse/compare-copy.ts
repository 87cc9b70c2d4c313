import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { EntryFacts, RehearsedChange } from '../../../protocol/rehearsal.ts'
import type { UpperEntry } from './list-upper.ts'
import { bytesOf, joinRaw, type RawPath, rawPath } from './raw-path.ts'
import { linkTarget, type RealFacts, RealReader } from './real-facts.ts'

/** A difference between the throwaway copy and the real folders, with where both sides can be read. */
export type RehearsedEntry = Pick<RehearsedChange, 'what' | 'before' | 'after'> & {
  readonly path: RawPath
  /** Where the rehearsed content lies; null for what was deleted. */
  readonly source: RawPath | null
  readonly target: RawPath | null
  /** Of the real entry when both were compared. */
  readonly stamp: string
}

/** The most entries of the real folders that one rehearsal may delete and still be shown. */
const maxDeleted = 500_000

/**
 * What one overlay changed. Copies that are equal to the real thing, and deletions of what is not there, are none.
 *
 * @param madeForUs files and folders that stand there only because the rehearsal needed them
 */
export async function compareUpper(
  root: string,
  upper: string,
  entries: readonly UpperEntry[],
  madeForUs: ReadonlySet<string>,
): Promise<RehearsedEntry[]> {
  const real = new RealReader()
  const found: RehearsedEntry[] = []
  const base = rawPath(root)
  const written = new Set(entries.map(({ path }) => joinRaw(base, path)))
  /** Folders whose real content is hidden as a whole: what is below is gone unless it was written anew. */
  for (const entry of entries) {
    const path = joinRaw(base, entry.path)
    const source = joinRaw(rawPath(upper), entry.path)
    const before = await look(real, path, madeForUs)
    const wasFolder = before.facts?.kind === 'folder'
    if (entry.kind === 'deleted') {
      if (before.facts) found.push(gone(path, before))
    } else {
      const change = await compare(path, source, afterOf(entry), before, entry.target)
      if (change) found.push(change)
    }
    if (wasFolder && entry.kind !== 'folder') {
      for (const inner of await real.below(path, maxDeleted)) {
        if (written.has(inner)) continue
        const facts = await look(real, inner, madeForUs)
        if (facts.facts) found.push(gone(inner, facts))
      }
    }
  }
  return found
}

/** What became of the copy of a single granted file. */
export async function compareFile(
  path: string,
  copy: string,
  madeForUs: ReadonlySet<string>,
): Promise<RehearsedEntry | null> {
  const source = rawPath(copy)
  const { facts: after } = await new RealReader().at(source)
  const before = await look(new RealReader(), rawPath(path), madeForUs)
  if (!after || (before.facts === null && after.bytes === 0)) return null
  return compare(rawPath(path), source, after, before, '' as RawPath)
}

async function look(real: RealReader, path: RawPath, madeForUs: ReadonlySet<string>): Promise<RealFacts> {
  const found = await real.at(path)
  return madeForUs.has(path) && found.facts ? { facts: null, stamp: 'absent' } : found
}

const gone = (path: RawPath, { facts, stamp }: RealFacts): RehearsedEntry => ({
  path,
  what: 'deleted',
  before: facts,
  after: null,
  source: null,
  target: null,
  stamp,
})

const afterOf = ({ kind, mode, bytes }: UpperEntry): EntryFacts => {
  const folder = kind === 'folder' || kind === 'opaque'
  return { kind: folder ? 'folder' : (kind as EntryFacts['kind']), mode, bytes: folder ? 0 : bytes }
}

async function compare(
  path: RawPath,
  source: RawPath,
  after: EntryFacts,
  { facts: before, stamp }: RealFacts,
  to: RawPath,
): Promise<RehearsedEntry | null> {
  const target = after.kind === 'link' ? to : null
  const change = (what: RehearsedEntry['what']): RehearsedEntry => ({
    path,
    what,
    before,
    after,
    source,
    target,
    stamp,
  })
  if (before === null) return change('added')
  if (before.kind !== after.kind) return change('type')
  if (after.kind === 'link') return (await linkTarget(path)) === to ? null : change('changed')
  if (after.kind === 'file' && !(await sameContent(path, source))) return change('changed')
  return before.mode === after.mode ? null : change('mode')
}

const chunkBytes = 256 * 1024

/** Whether two files hold the same bytes; false when one is no file or cannot be read. Never follows a link. */
export async function sameContent(a: RawPath, b: RawPath): Promise<boolean> {
  const [one, other] = await Promise.all([openFile(a), openFile(b)])
  try {
    if (one === null || other === null) return false
    const [left, right] = await Promise.all([one.stat(), other.stat()])
    if (!left.isFile() || !right.isFile() || left.size !== right.size) return false
    const [x, y] = [Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes)]
    for (let at = 0; at < left.size; ) {
      const [{ bytesRead: got }, { bytesRead: too }] = await Promise.all([
        one.read(x, 0, chunkBytes, at),
        other.read(y, 0, chunkBytes, at),
      ])
      if (got !== too || got === 0 || !x.subarray(0, got).equals(y.subarray(0, got))) return false
      at += got
    }
    return true
  } finally {
    await Promise.all([one?.close(), other?.close()])
  }
}

/** The bytes of a file, at most `maxBytes`. null: more, no file, or not readable. Never follows a link. */
export async function readAtMost(path: RawPath, maxBytes: number): Promise<Buffer | null> {
  const file = await openFile(path)
  if (file === null) return null
  try {
    const { size } = await file.stat()
    if (size > maxBytes) return null
    const buffer = Buffer.alloc(size)
    const { bytesRead } = await file.read(buffer, 0, size, 0)
    return bytesRead === size ? buffer : null
  } finally {
    await file.close()
  }
}

/** Opens a plain file; a pipe in its place would wait for ever. */
const openFile = (path: RawPath) =>
  open(bytesOf(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    .then(async (file) => {
      if ((await file.stat()).isFile()) return file
      await file.close()
      return null
    })
    .catch(() => null)
