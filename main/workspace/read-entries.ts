import { randomBytes } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { constants, lstatSync } from 'node:fs'
import { access, mkdir, open, readlink, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { blobBytes, blobId } from './blob-id.ts'
import type { BytePath } from './byte-path.ts'
import { bytesOf, foldersAbove } from './byte-path.ts'
import { indexFiles, largeFileBytes, standIn } from './index-folder.ts'
import type { ShadowRepo } from './shadow-repo.ts'

/** What git knows of a file: its mode and the id of its content. */
export type Entry = { readonly mode: string; readonly oid: string }

/** More files than this are left to git, which is slower to start and faster per file. */
const fewFiles = 200

/**
 * Reads files as they are now and stores their content. An absent file is null.
 *
 * For a few files no process is started: each start costs the host more than reading and storing them.
 * Links are not followed, on the way neither.
 */
export async function readEntries(
  repo: ShadowRepo,
  paths: readonly BytePath[],
): Promise<Map<BytePath, Entry | null>> {
  if (paths.length > fewFiles) return readByGit(repo, paths)
  const isReal = realFolders(repo.folder)
  const entries = new Map<BytePath, Entry | null>()
  for (const path of paths) {
    entries.set(path, foldersAbove(path).every(isReal) ? await readEntry(repo, path) : null)
  }
  return entries
}

/** Whether folders are folders and no links; remembers what it saw. */
function realFolders(root: string): (path: string) => boolean {
  const known = new Map<string, boolean>()
  return (path) => {
    let real = known.get(path)
    if (real === undefined) {
      real = look(fullPath(root, path as BytePath))?.isDirectory() ?? false
      known.set(path, real)
    }
    return real
  }
}

const fullPath = (root: string, path: BytePath): Buffer =>
  Buffer.concat([Buffer.from(`${root}/`), bytesOf(path)])

function look(path: Buffer): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    // No permission to look, or a name on the way is not a folder.
    return undefined
  }
}

async function readEntry(repo: ShadowRepo, path: BytePath): Promise<Entry | null> {
  const full = fullPath(repo.folder, path)
  const facts = look(full)
  if (facts?.isSymbolicLink()) {
    const target = await readlink(full, { encoding: 'buffer' }).catch(() => null)
    return target && { mode: '120000', oid: await storeBlob(repo, target) }
  }
  if (!facts?.isFile()) return null
  const mode = (facts.mode & 0o100n) === 0n ? '100644' : '100755'
  const bytes = facts.size > BigInt(largeFileBytes) ? null : await readPlainFile(full)
  return { mode, oid: await storeBlob(repo, bytes ?? Buffer.from(standIn(facts))) }
}

async function readPlainFile(path: Buffer): Promise<Buffer | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(path, flags).catch(() => null)
  if (!file) return null
  try {
    const facts = await file.stat()
    return facts.isFile() && facts.size <= largeFileBytes ? await file.readFile() : null
  } catch {
    return null
  } finally {
    await file.close()
  }
}

const deflated = promisify(deflate)

/** Writes a single object the way git does: named by its content, and whole from the moment it has that name. */
async function storeBlob(repo: ShadowRepo, content: Buffer): Promise<string> {
  const oid = blobId(content)
  const folder = join(repo.dir, 'objects', oid.slice(0, 2))
  const path = join(folder, oid.slice(2))
  const stored = await access(path).then(
    () => true,
    () => false,
  )
  if (stored) return oid
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = join(folder, `tmp_obj_${randomBytes(8).toString('hex')}`)
  try {
    await writeFile(draft, await deflated(blobBytes(content), { level: 1 }), { mode: 0o400, flag: 'wx' })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  return oid
}

async function readByGit(repo: ShadowRepo, paths: readonly BytePath[]): Promise<Map<BytePath, Entry | null>> {
  const index = repo.scratchIndex()
  try {
    await indexFiles(repo, index, paths)
    const entries = new Map<BytePath, Entry | null>(paths.map((path) => [path, null]))
    for (const line of await repo.list(['ls-files', '-s', '-z'], { index })) {
      const tab = line.indexOf('\t')
      const [mode = '', oid = ''] = line.slice(0, tab).split(' ')
      entries.set(line.slice(tab + 1) as BytePath, { mode, oid })
    }
    return entries
  } finally {
    await rm(index, { force: true })
  }
}
