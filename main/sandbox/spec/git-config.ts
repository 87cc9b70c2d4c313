import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, resolve } from 'node:path'

/** A real configuration is a few kilobytes; of a longer one only this much is looked at. */
const maxBytes = 256 * 1024
/** Files that one repository may take in; git itself stops at ten levels. */
const maxFiles = 50

export type GitConfigFacts = {
  /** Where git would look for hooks. Absolute, unresolved, possibly absent. */
  readonly hookFolders: readonly string[]
  /** Files that are part of the configuration although they lie elsewhere. Resolved and present. */
  readonly includedFiles: readonly string[]
}

/**
 * Reads configuration files as text, without git: git would obey the repository while it reads. Conditions of
 * `includeIf` are taken as met, so that more is found, never less.
 *
 * @param workTree from which git resolves a relative `core.hooksPath`
 */
export async function readGitConfig(
  files: readonly string[],
  workTree: string,
  home: string,
): Promise<GitConfigFacts> {
  const hookFolders = new Set<string>()
  const included = new Set<string>()
  const seen = new Set<string>()
  const waiting = files.map((file) => ({ file, own: true }))
  for (let next = waiting.shift(); next && seen.size < maxFiles; next = waiting.shift()) {
    const file = await realpath(next.file).catch(() => null)
    if (file === null || seen.has(file)) continue
    seen.add(file)
    if (!next.own) included.add(file)
    for (const { section, key, value } of settingsIn(await readShort(file))) {
      if (section === 'core' && key === 'hookspath') hookFolders.add(place(value, workTree, home))
      if (key === 'path' && /^include(if)?$/.test(section))
        waiting.push({ file: place(value, dirname(file), home), own: false })
    }
  }
  return { hookFolders: [...hookFolders], includedFiles: [...included] }
}

const place = (value: string, base: string, home: string): string =>
  value === '~' || value.startsWith('~/')
    ? resolve(home, value.slice(2))
    : isAbsolute(value)
      ? resolve(value)
      : resolve(base, value)

type Setting = { readonly section: string; readonly key: string; readonly value: string }

/** The settings of a configuration text, without subsections. Lines that are none are passed over. */
export function settingsIn(text: string): Setting[] {
  let section = ''
  const found: Setting[] = []
  for (const line of text.replace(/\\\r?\n/g, '').split(/\r?\n/)) {
    const header = /^\s*\[\s*([A-Za-z0-9-]+)[^\]]*\]/.exec(line)
    if (header) section = (header[1] ?? '').toLowerCase()
    // A setting may stand on the line of its header.
    const rest = header ? line.slice(header[0].length) : line
    const [, key, value] = /^\s*([A-Za-z][A-Za-z0-9-]*)\s*=\s*(.*)$/.exec(rest) ?? []
    if (key !== undefined && value !== undefined) {
      const plain = unquoted(value)
      if (plain !== '' && !plain.includes('\0')) found.push({ section, key: key.toLowerCase(), value: plain })
    }
  }
  return found
}

/** Takes off quotes, escapes and a comment after the value. */
function unquoted(text: string): string {
  let value = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] as string
    if (letter === '\\') value += text[++at] ?? ''
    else if (letter === '"') quoted = !quoted
    else if (!quoted && (letter === '#' || letter === ';')) break
    else value += letter
  }
  return value.trim()
}

/**
 * The beginning of a plain file, '' when it is none. Only that much is read, however large somebody made it: git
 * reads the beginning of a file of gigabytes as well.
 */
async function readShort(path: string): Promise<string> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(path, flags).catch(() => null)
  if (file === null) return ''
  try {
    if (!(await file.stat()).isFile()) return ''
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch {
    return ''
  } finally {
    await file.close()
  }
}
