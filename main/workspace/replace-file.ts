import { randomBytes } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { constants } from 'node:fs'
import { link, lstat, open, readlink, rename, rm, symlink, unlink } from 'node:fs/promises'
import type { HeldFolder } from './held-folder.ts'

/** What stands at a name now. */
export type Found =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly bytes: Buffer; readonly facts: BigIntStats }
  | { readonly kind: 'link'; readonly target: Buffer; readonly facts: BigIntStats }
  | { readonly kind: 'other' }

/** What is to stand there. */
export type Wanted =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly bytes: Buffer; readonly executable: boolean }
  | { readonly kind: 'link'; readonly target: Buffer }

const maxBytes = 64 * 1024 * 1024

/** Reads without following a link and without waiting for a pipe. */
export async function readEntry(folder: HeldFolder, name: string): Promise<Found> {
  const path = folder.at(name)
  const facts = await lstat(path, { bigint: true }).catch(() => null)
  if (!facts) return { kind: 'absent' }
  if (facts.isSymbolicLink()) {
    const target = await readlink(path, { encoding: 'buffer' }).catch(() => null)
    return target ? { kind: 'link', target, facts } : { kind: 'other' }
  }
  if (!facts.isFile() || facts.size > BigInt(maxBytes)) return { kind: 'other' }
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  )
  if (!file) return { kind: 'other' }
  try {
    const opened = await file.stat({ bigint: true })
    return opened.isFile() ? { kind: 'file', bytes: await file.readFile(), facts: opened } : { kind: 'other' }
  } finally {
    await file.close()
  }
}

/**
 * Puts `wanted` in the place of `found`, in one step: a reader sees the old content or the new.
 * A file is never written into, so a second name of it elsewhere keeps its content.
 *
 * @returns `changed` when something else stands there by now; then nothing was done
 */
export async function replaceEntry(
  folder: HeldFolder,
  name: string,
  found: Found,
  wanted: Wanted,
): Promise<'done' | 'changed'> {
  const path = folder.at(name)
  if (found.kind === 'other') return 'changed'
  if (wanted.kind === 'absent') {
    if (!(await isStill(path, found))) return 'changed'
    if (found.kind !== 'absent') await unlink(path)
    return 'done'
  }
  const draft = folder.at(`.gatehouse-${randomBytes(8).toString('hex')}`)
  try {
    if (wanted.kind === 'link') await symlink(wanted.target, draft)
    else await writeDraft(draft, wanted, found)
    if (!(await isStill(path, found))) return 'changed'
    if (found.kind !== 'absent') await rename(draft, path)
    // Unlike a rename, a link never replaces what appeared meanwhile.
    else if (wanted.kind === 'file') await link(draft, path)
    else await symlink(wanted.target, path)
    return 'done'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'changed'
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

async function writeDraft(
  draft: string,
  wanted: Extract<Wanted, { kind: 'file' }>,
  found: Found,
): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const file = await open(draft, flags, 0o666)
  try {
    await file.writeFile(wanted.bytes)
    const own = Number((await file.stat()).mode) & 0o777
    const mode = found.kind === 'file' ? Number(found.facts.mode) & 0o777 : own
    // Who may read it may run it, as git does; set-id bits are never carried over.
    await file.chmod(wanted.executable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function isStill(path: string, found: Found): Promise<boolean> {
  const facts = await lstat(path, { bigint: true }).catch(() => null)
  if (found.kind === 'absent') return facts === null
  if (found.kind === 'other' || !facts) return false
  const seen = found.facts
  return (
    facts.ino === seen.ino &&
    facts.dev === seen.dev &&
    facts.size === seen.size &&
    facts.mtimeNs === seen.mtimeNs &&
    facts.ctimeNs === seen.ctimeNs
  )
}
