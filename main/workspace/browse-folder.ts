import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { resolveFolder } from './folder-path.ts'

export type BrowseResult =
  | {
      readonly status: 'ok'
      readonly path: string
      readonly parent: string | null
      readonly folders: { readonly name: string; readonly git: boolean }[]
    }
  | { readonly status: 'noFolder'; readonly why: string }

const maxFolders = 2000

/**
 * One level of folders: sorted by name, hidden ones last. Links to folders count as folders.
 * @param path  null for the person's home
 */
export async function browseFolder(path: string | null): Promise<BrowseResult> {
  const found = await resolveFolder(path ?? (await realpath(homedir()).catch(() => '/')))
  if (found.status === 'noFolder') return found
  const entries = await readdir(found.path, { withFileTypes: true }).catch(() => null)
  if (!entries) return { status: 'noFolder', why: `${found.path} could not be read.` }

  const names: string[] = []
  for (const entry of entries) {
    // A damaged name could not be opened again; .git is no place to work in.
    if (entry.name.includes('\ufffd') || entry.name === '.git') continue
    const full = join(found.path, entry.name)
    const folder = entry.isSymbolicLink()
      ? await stat(full)
          .then((facts) => facts.isDirectory())
          .catch(() => false)
      : entry.isDirectory()
    if (folder) names.push(entry.name)
  }
  const sorted = names.toSorted((a, b) => hidden(a) - hidden(b) || a.localeCompare(b, 'en'))
  const folders = await Promise.all(
    sorted.slice(0, maxFolders).map(async (name) => ({
      name,
      git: (await lstat(join(found.path, name, '.git')).catch(() => null)) !== null,
    })),
  )
  const parent = dirname(found.path)
  return { status: 'ok', path: found.path, parent: parent === found.path ? null : parent, folders }
}

const hidden = (name: string): number => (name.startsWith('.') ? 1 : 0)
