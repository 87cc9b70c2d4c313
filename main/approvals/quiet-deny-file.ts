import { open } from 'node:fs/promises'
import path from 'node:path'
import { type QuietList, readQuietDeny } from './quiet-deny.ts'
import { shippedQuietDeny } from './quiet-deny-list.ts'

export type LoadedQuietDeny = QuietList & {
  /** Where a line of it stands; the shipped list has a name of its own. */
  readonly file: string
}

const maxBytes = 64 * 1024

/**
 * The list in force: the person's own file as a whole, or the shipped one where there is none. A file that
 * cannot be read refuses nothing quietly: then everything is asked.
 */
export async function loadQuietDeny(gatehouseHome: string, home: string): Promise<LoadedQuietDeny> {
  const file = path.join(gatehouseHome, 'quiet-deny.txt')
  try {
    const handle = await open(file, 'r')
    try {
      const { size } = await handle.stat()
      if (size > maxBytes)
        return {
          file,
          patterns: [],
          problems: [{ line: 1, why: `the file is larger than ${maxBytes} bytes` }],
        }
      return { file, ...readQuietDeny(await handle.readFile('utf8'), home) }
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return { file: 'the shipped list', ...readQuietDeny(shippedQuietDeny, home) }
    return {
      file,
      patterns: [],
      problems: [{ line: 1, why: `the file cannot be read: ${code ?? 'unknown'}` }],
    }
  }
}
