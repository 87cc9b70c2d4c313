import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import type { BytePath } from './byte-path.ts'
import { bytesOf, joinNul, neverKept, splitNul, textOf } from './byte-path.ts'
import type { ShadowRepo } from './shadow-repo.ts'

/** More entries than this in one folder walk are not looked at. */
const walkLimit = 50_000

/** Files whose state on the disk may differ from what the index has: changed, removed, and new ones that are not ignored. */
export async function listChanged(repo: ShadowRepo, index: string): Promise<BytePath[]> {
  const listed = await repo.list(['ls-files', '-z', '-t', '-m', '-d', '-o', '--exclude-standard'], { index })
  const found = new Set<BytePath>()
  const nested: BytePath[] = []
  for (const line of listed) {
    const path = line.slice(2) as BytePath
    const isNew = line.startsWith('? ')
    if (isNew && neverKept(path)) continue
    // git stops at a repository inside the folder. An agent could hide its work behind a `git init`, so we look inside.
    if (path.endsWith('/')) nested.push(path.slice(0, -1) as BytePath)
    else found.add(path)
  }
  for (const folder of nested) {
    for (const path of await notIgnored(repo, await walk(repo.folder, folder))) found.add(path)
  }
  return [...found]
}

/** Takes out what `.gitignore` and the person's lists name, as if nothing were recorded yet. */
export async function notIgnored(repo: ShadowRepo, paths: readonly BytePath[]): Promise<BytePath[]> {
  const candidates = paths.filter((path) => !neverKept(path))
  if (candidates.length === 0) return []
  // Literal pathspecs are refused by this command; `./` keeps a name that begins with a colon a name.
  const result = await repo.tryGit(['check-ignore', '-z', '--stdin', '--no-index'], {
    stdin: joinNul(candidates.map((path) => `./${path}`)),
    env: { GIT_LITERAL_PATHSPECS: '0' },
  })
  const ignored = new Set(splitNul(result.stdout).map((path) => path.slice(2)))
  return candidates.filter((path) => !ignored.has(path))
}

/** Every file and link below a folder, without following links. An absent folder has none. */
export async function walk(root: string, folder: BytePath): Promise<BytePath[]> {
  const found: BytePath[] = []
  const todo = [folder]
  for (let at = todo.pop(); at !== undefined && found.length < walkLimit; at = todo.pop()) {
    const full = Buffer.concat([Buffer.from(`${root}/`), bytesOf(at)])
    const entries: Dirent<Buffer>[] = await readdir(full, { withFileTypes: true, encoding: 'buffer' }).catch(
      () => [],
    )
    for (const entry of entries) {
      const path = `${at}/${entry.name.toString('latin1')}` as BytePath
      if (neverKept(path)) continue
      if (entry.isDirectory()) todo.push(path)
      else if (entry.isFile() || entry.isSymbolicLink()) found.push(path)
    }
  }
  return found
}

/** Folders that are ignored as a whole, so that nothing below them has to be watched. */
export async function ignoredFolders(repo: ShadowRepo, index: string): Promise<string[]> {
  const args = ['ls-files', '-z', '-o', '-i', '--exclude-standard', '--directory']
  const listed = await repo.list(args, { index })
  const folders = listed.filter((path) => path.endsWith('/')).map((path) => textOf(path))
  // A name with a pattern in it would be read as one by the watcher.
  return folders
    .filter((path) => path !== null && !/[*?[\]{}()!]/.test(path))
    .map((path) => (path as string).slice(0, -1))
}
