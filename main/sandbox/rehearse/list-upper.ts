import { spawn } from 'node:child_process'
import type { RawPath } from './raw-path.ts'

/** One entry of an upper folder. `opaque`: a folder that hides what was there. */
export type UpperEntry = {
  readonly kind: 'file' | 'folder' | 'opaque' | 'link' | 'deleted' | 'other'
  readonly mode: number
  readonly bytes: number
  /** Relative to the root. */
  readonly path: RawPath
  /** Where a link leads; else empty. */
  readonly target: RawPath
}

const kinds: Readonly<Record<string, UpperEntry['kind']>> = {
  f: 'file',
  d: 'folder',
  D: 'opaque',
  l: 'link',
  w: 'deleted',
  o: 'other',
}

/** 500,000 entries with long names; a list that does not fit is no list. */
const maxListBytes = 256 * 1024 * 1024

/**
 * What a rehearsal wrote below one root, folders before what is in them. The launcher reads it: marks of an overlay
 * are extended attributes, which Node cannot read.
 *
 * @throws Error when the folder cannot be read as a whole
 */
export async function listUpper(launcher: string, folder: string): Promise<UpperEntry[]> {
  const child = spawn(launcher, ['--upper', folder], { stdio: ['ignore', 'pipe', 'pipe'], env: {} })
  const chunks: Buffer[] = []
  let bytes = 0
  let words = ''
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxListBytes) child.kill('SIGKILL')
    else chunks.push(chunk)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(0, 1000)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0) throw new Error(words.trim() || 'What the rehearsal wrote is too much to be read.')
  return parseUpper(Buffer.concat(chunks))
}

/** @throws Error for anything but a whole list */
export function parseUpper(list: Buffer): UpperEntry[] {
  const words = list.toString('latin1').split('\0')
  if (words.pop() !== '') throw new Error('The list of rehearsed changes is cut.')
  const entries: UpperEntry[] = []
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [head, path, target] = words.slice(at, at + 3) as [string, RawPath, RawPath]
    if (head === '. 0 0' && path === '' && target === '' && at + 3 === words.length) return entries
    const [, letter, mode, bytes] = /^([fdDlwo]) ([0-7]{1,4}) (\d{1,15})$/.exec(head) ?? []
    const kind = kinds[letter ?? '']
    if (kind === undefined || !isRelative(path)) throw new Error('The list of rehearsed changes is no list.')
    entries.push({ kind, mode: Number.parseInt(mode as string, 8), bytes: Number(bytes), path, target })
  }
  throw new Error('The list of rehearsed changes has no end.')
}

const isRelative = (path: string): boolean =>
  path.split('/').every((name) => name !== '' && name !== '.' && name !== '..')
