/**
 * A path relative to the folder, exactly as git and the disk have it: one character per byte, `/` between
 * names. File names need not be UTF-8, and a lossy one would hide a file from the diff.
 */
export type BytePath = string & { readonly bytePath: true }

export const bytesOf = (path: BytePath): Buffer => Buffer.from(path, 'latin1')

export const bytePath = (text: string): BytePath => Buffer.from(text, 'utf8').toString('latin1') as BytePath

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The path as text; null when its bytes are not UTF-8. */
export function textOf(path: BytePath): string | null {
  try {
    return strict.decode(bytesOf(path))
  } catch {
    return null
  }
}

/** For the screen: bytes that are not UTF-8 are spelled `\xff`, so that two names never look alike. */
export const shownPath = (path: BytePath): string =>
  textOf(path) ??
  path.replace(
    /[^\x20-\x7e]/g,
    (char) => `\\x${(char.codePointAt(0) as number).toString(16).padStart(2, '0')}`,
  )

/** The records of a `-z` output. */
export const splitNul = (output: Buffer): BytePath[] => {
  const parts = output.toString('latin1').split('\0') as BytePath[]
  if (parts.at(-1) === '') parts.pop()
  return parts
}

export const joinNul = (paths: Iterable<string>): Buffer => {
  let text = ''
  for (const path of paths) text += `${path}\0`
  return Buffer.from(text, 'latin1')
}

/** Every folder above a path, nearest last: `a/b/c` gives `a`, `a/b`. */
export function foldersAbove(path: string): string[] {
  const found: string[] = []
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) found.push(path.slice(0, at))
  return found
}

/** Never part of a checkpoint: a repository's own records, and what package managers put back. */
export const neverKept = (path: string): boolean => /(^|\/)(\.git|node_modules)(\/|$)/i.test(path)

/** Whether a text names something below the folder: names only, no way up or out. */
export const isPathInside = (path: string): boolean =>
  !path.includes('\0') && path.split('/').every((name) => name !== '' && name !== '.' && name !== '..')
