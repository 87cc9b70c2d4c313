import { copyFile, stat, utimes } from 'node:fs/promises'

/**
 * Copies a git index with its time. Git takes an entry that is not older than its index as uncertain and reads
 * the file again; a copy that looks newer would hide a change of equal size made in the same moment.
 */
export async function copyIndex(from: string, to: string): Promise<void> {
  const { mtimeMs } = await stat(from)
  await copyFile(from, to)
  // Rounded down, so that the copy is never younger than what it was made from.
  const seconds = Math.floor(mtimeMs) / 1000
  await utimes(to, seconds, seconds)
}
