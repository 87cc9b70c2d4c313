import { stat } from 'node:fs/promises'

/** Changes whenever the file does: times, size and inode. null: it is not there. */
export async function fileStamp(file: string): Promise<string | null> {
  const facts = await stat(file, { bigint: true }).catch(() => null)
  return facts && `${facts.mtimeNs} ${facts.ctimeNs} ${facts.size} ${facts.ino}`
}
