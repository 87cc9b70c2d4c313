/**
 * A path exactly as the disk has it: one character per byte. File names need not be UTF-8, and a lossy one would hide
 * a change or lead to another file.
 */
export type RawPath = string & { readonly rawPath: true }

export const rawPath = (path: string): RawPath => Buffer.from(path, 'utf8').toString('latin1') as RawPath
export const bytesOf = (path: RawPath): Buffer => Buffer.from(path, 'latin1')
export const joinRaw = (folder: RawPath, name: string): RawPath =>
  `${folder === '/' ? '' : folder}/${name}` as RawPath
export const parentOf = (path: RawPath): RawPath =>
  (path.slice(0, Math.max(0, path.lastIndexOf('/'))) || '/') as RawPath

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** For the screen: what is no text is spelled `\xff`, and so is a backslash then, so that no two paths look alike. */
export function shownRaw(path: RawPath): string {
  try {
    return strict.decode(bytesOf(path))
  } catch {
    return path.replace(
      /[^\x20-\x5b\x5d-\x7e]/g,
      (char) => `\\x${(char.codePointAt(0) as number).toString(16).padStart(2, '0')}`,
    )
  }
}
