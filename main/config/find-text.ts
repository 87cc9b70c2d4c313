import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FoundText } from './parse-layer.ts'

/** Larger files are not read: no settings that a person or a tool writes come near. */
export const maxConfigBytes = 256 * 1024

/** Reads a settings file. Pipes and devices are not waited for; anything odd is told, never thrown. */
export async function findText(path: string): Promise<FoundText> {
  const unreadable = (words: string): FoundText => ({ state: 'unreadable', why: `${path} ${words}` })
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { state: 'absent' }
      : unreadable(`could not be read: ${message}.`)
  }
  try {
    const facts = await file.stat()
    if (!facts.isFile()) return unreadable('is not a plain file.')
    if (facts.size > maxConfigBytes) return unreadable('is larger than 256 KB.')
    const bytes = new Uint8Array(maxConfigBytes + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length)
      if (bytesRead === 0) break
      length += bytesRead
      if (length > maxConfigBytes) return unreadable('is larger than 256 KB.')
    }
    return {
      state: 'text',
      text: new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length)),
    }
  } catch (error) {
    return error instanceof TypeError
      ? unreadable('is not UTF-8.')
      : unreadable(`could not be read: ${(error as Error).message}.`)
  } finally {
    await file.close()
  }
}
