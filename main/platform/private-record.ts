import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/** Why a private file was not read or written. Data, so that tests and screens can tell the cases apart. */
export type PrivateFileProblem =
  | { readonly code: 'openToOthers'; readonly path: string; readonly mode: number }
  | { readonly code: 'ofSomeoneElse'; readonly path: string }
  | { readonly code: 'notAFile'; readonly path: string }
  | { readonly code: 'notReadable'; readonly path: string; readonly detail: string }

/** Thrown before anything of the file was used. */
export class PrivateFileRefused extends Error {
  override readonly name = 'PrivateFileRefused'
  readonly problem: PrivateFileProblem

  constructor(problem: PrivateFileProblem, options?: ErrorOptions) {
    super(describe(problem), options)
    this.problem = problem
  }
}

function describe(problem: PrivateFileProblem): string {
  switch (problem.code) {
    case 'openToOthers': {
      const mode = problem.mode.toString(8).padStart(4, '0')
      return `${problem.path} can be read or changed by other users (mode ${mode}). Run: chmod 600 '${problem.path}'`
    }
    case 'ofSomeoneElse':
      return `${problem.path} belongs to another user. Remove it, then enter its values again.`
    case 'notAFile':
      return `${problem.path} is a link or not a regular file. Remove it, then enter its values again.`
    case 'notReadable':
      return `${problem.path} is not a list of names and values: ${problem.detail}. Move it away, then enter its values again.`
  }
}

/** Names and values in one small file that only its owner can open. */
export type PrivateRecord = {
  readonly path: string
  /** Absent file: an empty map. Throws `PrivateFileRefused`. */
  read(): Promise<ReadonlyMap<string, string>>
  /** Changes follow one another; each replaces the file as a whole or not at all. */
  update(change: (values: Map<string, string>) => void): Promise<void>
}

/** Longer than any set of keys; a larger file is not ours. */
const maxBytes = 1024 * 1024

/** @param file absolute path; its folder is created with mode 0700 when missing */
export function createPrivateRecord(file: string): PrivateRecord {
  let last: Promise<void> = Promise.resolve()

  async function read(): Promise<Map<string, string>> {
    let handle: FileHandle
    try {
      // NONBLOCK: a pipe put in the file's place must not hang us before it is recognised as one.
      handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    } catch (e) {
      const code = (e as NodeJS.ErrnoException).code
      if (code === 'ENOENT') return new Map()
      if (code === 'ELOOP') throw new PrivateFileRefused({ code: 'notAFile', path: file })
      throw new PrivateFileRefused(
        { code: 'notReadable', path: file, detail: code ?? 'unknown' },
        { cause: e },
      )
    }
    try {
      // The open file is looked at, not the name, so nothing can be swapped in between.
      const stat = await handle.stat()
      if (!stat.isFile()) throw new PrivateFileRefused({ code: 'notAFile', path: file })
      // Windows has access lists of the user's profile instead of these bits.
      if (process.platform !== 'win32') {
        if (stat.uid !== process.getuid?.())
          throw new PrivateFileRefused({ code: 'ofSomeoneElse', path: file })
        if ((stat.mode & 0o077) !== 0)
          throw new PrivateFileRefused({ code: 'openToOthers', path: file, mode: stat.mode & 0o777 })
      }
      if (stat.size > maxBytes)
        throw new PrivateFileRefused({ code: 'notReadable', path: file, detail: 'it is larger than 1 MB' })
      return parse(await handle.readFile('utf8'), file)
    } finally {
      await handle.close()
    }
  }

  async function write(values: ReadonlyMap<string, string>): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    const fresh = `${file}.${randomBytes(6).toString('hex')}.new`
    // `wx`: never through a link or into a file that someone put there first.
    const handle = await open(fresh, 'wx', 0o600)
    try {
      try {
        await handle.writeFile(`${JSON.stringify(Object.fromEntries(values), null, 2)}\n`)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(fresh, file)
    } catch (e) {
      await rm(fresh, { force: true })
      throw e
    }
  }

  return {
    path: file,
    read,
    update(change) {
      const step = last.then(async () => {
        const values = await read()
        change(values)
        await write(values)
      })
      last = step.catch(() => {})
      return step
    },
  }
}

function parse(text: string, file: string): Map<string, string> {
  const refuse = (detail: string): never => {
    throw new PrivateFileRefused({ code: 'notReadable', path: file, detail })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own words quote the text, which holds secrets.
    return refuse('it is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('it is not an object')
  const values = new Map<string, string>()
  for (const [name, entry] of Object.entries(value)) {
    if (typeof entry !== 'string') return refuse(`“${name.slice(0, 80)}” is not a text`)
    values.set(name, entry)
  }
  return values
}
