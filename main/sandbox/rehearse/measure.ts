import { lstat, readdir } from 'node:fs/promises'

/**
 * Bytes that a folder takes on the disk, in blocks. Counts as far as it can see; stops early beyond `enough`. Files
 * come and go meanwhile, and one that is gone counts nothing.
 */
export async function bytesOnDisk(folder: string, enough: number): Promise<number> {
  let total = 0
  const waiting: Buffer[] = [Buffer.from(folder)]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const entries = await readdir(at, { withFileTypes: true, encoding: 'buffer' }).catch(() => [])
    for (const entry of entries) {
      const path = Buffer.concat([at, Buffer.from('/'), entry.name])
      const found = await lstat(path).catch(() => null)
      total += (found?.blocks ?? 0) * 512
      if (entry.isDirectory()) waiting.push(path)
      if (total > enough) return total
    }
  }
  return total
}
