import type { BigIntStats } from 'node:fs'
import { lstat, readdir, readlink, realpath } from 'node:fs/promises'
import type { EntryFacts } from '../../../protocol/rehearsal.ts'
import { bytesOf, joinRaw, parentOf, type RawPath } from './raw-path.ts'

/** What stands at a real path at one moment. */
export type RealFacts = {
  readonly facts: EntryFacts | null
  /** Changes whenever the entry does. `elsewhere`: a folder on the way is a link now, so it is not that path any more. */
  readonly stamp: string
}

const absent: RealFacts = { facts: null, stamp: 'absent' }
const elsewhere: RealFacts = { facts: null, stamp: 'elsewhere' }

/** Looks at real paths without ever following a link; remembers folders, so use it for one sweep only. */
export class RealReader {
  readonly #folders = new Map<RawPath, Promise<boolean>>()

  async at(path: RawPath): Promise<RealFacts> {
    const found = await lstat(bytesOf(path), { bigint: true }).catch(() => null)
    if (found === null) return absent
    return (await this.#isItself(parentOf(path)))
      ? { facts: factsOf(found), stamp: stampOf(found) }
      : elsewhere
  }

  /** Everything below a folder, outer before inner; links are not followed. @throws Error beyond `limit` entries */
  async below(folder: RawPath, limit: number): Promise<RawPath[]> {
    const found: RawPath[] = []
    const waiting = [folder]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (!(await this.#isItself(at))) continue
      for (const entry of await readdir(bytesOf(at), { withFileTypes: true, encoding: 'buffer' })) {
        const path = joinRaw(at, entry.name.toString('latin1'))
        found.push(path)
        if (found.length > limit) throw new Error(`More than ${limit} entries.`)
        if (entry.isDirectory()) waiting.push(path)
      }
    }
    return found
  }

  #isItself(folder: RawPath): Promise<boolean> {
    const known = this.#folders.get(folder)
    if (known) return known
    const asked = realpath(bytesOf(folder), { encoding: 'buffer' }).then(
      (real) => real.toString('latin1') === folder,
      () => false,
    )
    this.#folders.set(folder, asked)
    return asked
  }
}

export const linkTarget = async (path: RawPath): Promise<RawPath | null> =>
  readlink(bytesOf(path), { encoding: 'buffer' }).then(
    (target) => target.toString('latin1') as RawPath,
    () => null,
  )

const kindOf = (found: BigIntStats): EntryFacts['kind'] =>
  found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSymbolicLink() ? 'link' : 'other'

const factsOf = (found: BigIntStats): EntryFacts => ({
  kind: kindOf(found),
  mode: Number(found.mode & 0o7777n),
  bytes: found.isDirectory() ? 0 : Number(found.size),
})

/** A folder's times change with what is in it, and that has stamps of its own. */
const stampOf = (found: BigIntStats): string =>
  found.isDirectory()
    ? `${found.dev} ${found.ino} ${found.mode}`
    : `${found.dev} ${found.ino} ${found.mode} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`
