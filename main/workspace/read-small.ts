import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/**
 * The first bytes of a plain file. null for anything else: absent, unreadable, a link, a pipe, a device.
 * Opening never waits, so a pipe with a file's name cannot hold us.
 */
export async function readSmall(
  path: string | Buffer,
  maxBytes: number,
  links: 'follow' | 'refuse' = 'refuse',
): Promise<Buffer | null> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (links === 'refuse' ? constants.O_NOFOLLOW : 0)
  const file = await open(path, flags).catch(() => null)
  if (!file) return null
  try {
    const facts = await file.stat()
    if (!facts.isFile()) return null
    const buffer = Buffer.alloc(Math.min(maxBytes, facts.size))
    let size = 0
    while (size < buffer.length) {
      const { bytesRead } = await file.read(buffer, size, buffer.length - size, size)
      if (bytesRead === 0) break
      size += bytesRead
    }
    return buffer.subarray(0, size)
  } catch {
    return null
  } finally {
    await file.close()
  }
}

export const readSmallText = async (
  path: string,
  maxBytes: number,
  links: 'follow' | 'refuse' = 'refuse',
): Promise<string | null> => (await readSmall(path, maxBytes, links))?.toString('utf8') ?? null
