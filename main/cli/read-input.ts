import { open } from 'node:fs/promises'
import path from 'node:path'
import type { Surroundings } from './command.ts'

/** Larger files are no configuration. */
const maxBytes = 8 * 1024 * 1024

export type Input =
  | { readonly ok: true; readonly file: string; readonly text: string }
  /** A whole line for standard error. */
  | { readonly ok: false; readonly file: string; readonly problem: string }

/**
 * Reads a file named on the command line; messages name it as it was typed. A byte order mark stays. Never throws.
 */
export async function readInput(file: string, { cwd }: Surroundings): Promise<Input> {
  try {
    const handle = await open(path.resolve(cwd, file), 'r')
    try {
      const { size } = await handle.stat()
      if (size > maxBytes)
        return {
          ok: false,
          file,
          problem: `${file}:1:1: This file is larger than ${maxBytes / 1024 / 1024} MB.`,
        }
      const bytes = await handle.readFile()
      return {
        ok: true,
        file,
        text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
      }
    } finally {
      await handle.close()
    }
  } catch (problem) {
    return { ok: false, file, problem: `${file}:1:1: ${why(problem)}` }
  }
}

function why(problem: unknown): string {
  const code = problem instanceof Error && 'code' in problem ? String(problem.code) : ''
  switch (code) {
    case 'ENOENT':
      return 'There is no such file.'
    case 'EACCES':
      return 'This file may not be read.'
    case 'EISDIR':
      return 'This is a folder; name a file.'
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return 'This file is not UTF-8.'
    default:
      return `This file cannot be read (${problem instanceof Error ? problem.message : String(problem)}).`
  }
}
