import { lstatSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BytePath } from './byte-path.ts'
import { bytesOf, foldersAbove, joinNul, shownPath } from './byte-path.ts'
import { GitProblem } from './run-git.ts'
import type { ShadowRepo } from './shadow-repo.ts'

/** Larger files are known by size and time only. */
export const largeFileBytes = 5 * 1024 * 1024

/** How the stand-in for a file that is too large begins. The NUL makes git treat it as binary. */
export const standInMark = '\0gatehouse: content not kept\n'

/** What is stored in the place of a content, so that a change of it is seen. */
export const standIn = ({ size, mtimeNs }: { readonly size: bigint; readonly mtimeNs: bigint }): string =>
  `${standInMark}${size} bytes, changed ${mtimeNs}\n`

export type IndexResult = {
  /** Paths that could not be read, and why. */
  readonly unreadable: readonly { readonly path: string; readonly why: string }[]
}

type Sorted = {
  readonly present: BytePath[]
  readonly gone: BytePath[]
  readonly large: Map<BytePath, string>
}

/**
 * Brings an index up to date with the disk for the named files: new and changed ones are read and stored,
 * absent ones leave the index. Nothing else in the index is looked at.
 *
 * @param paths  files, not folders
 */
export async function indexFiles(
  repo: ShadowRepo,
  index: string,
  paths: Iterable<BytePath>,
): Promise<IndexResult> {
  const { present, gone, large } = await sortOut(repo.folder, paths)
  const removals = gone.map((path) => `0 ${'0'.repeat(40)}\t${path}`)
  const standIns = await storeStandIns(repo, large)
  if (removals.length + standIns.length > 0) {
    const stdin = joinNul([...removals, ...standIns])
    await repo.git(['update-index', '-z', '--index-info'], { index, stdin })
  }
  return { unreadable: await storeFiles(repo, index, present) }
}

async function sortOut(folder: string, paths: Iterable<BytePath>): Promise<Sorted> {
  const base = Buffer.from(`${folder === '/' ? '' : folder}/`)
  const realFolders = new Map<string, boolean>()
  const isReal = (path: string): boolean => {
    let known = realFolders.get(path)
    if (known === undefined) {
      const facts = lstatSync(Buffer.concat([base, bytesOf(path as BytePath)]), { throwIfNoEntry: false })
      realFolders.set(path, (known = facts?.isDirectory() ?? false))
    }
    return known
  }

  const sorted: Sorted = { present: [], gone: [], large: new Map() }
  let count = 0
  for (const path of paths) {
    // The host serves windows and held calls meanwhile.
    if (++count % 2000 === 0) await new Promise((resume) => setImmediate(resume))
    const facts = foldersAbove(path).every(isReal) ? lstat(Buffer.concat([base, bytesOf(path)])) : undefined
    if (facts?.isSymbolicLink()) sorted.present.push(path)
    else if (!facts?.isFile()) sorted.gone.push(path)
    else if (facts.size <= BigInt(largeFileBytes)) sorted.present.push(path)
    else sorted.large.set(path, standIn(facts))
  }
  return sorted
}

function lstat(path: Buffer) {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    // No permission to look, or a name in the path is not a folder.
    return undefined
  }
}

async function storeStandIns(repo: ShadowRepo, large: Sorted['large']): Promise<string[]> {
  if (large.size === 0) return []
  const drafts = join(repo.dir, `drafts-${process.pid}-${Date.now()}`)
  await mkdir(drafts, { recursive: true, mode: 0o700 })
  try {
    const names = await Promise.all(
      [...large.values()].map(async (content, number) => {
        const name = join(drafts, String(number))
        await writeFile(name, content, { mode: 0o600 })
        return name
      }),
    )
    const ids = await repo.text(['hash-object', '-w', '--no-filters', '--stdin-paths'], {
      stdin: Buffer.from(`${names.join('\n')}\n`),
    })
    return ids.split('\n').map((id, number) => `100644 ${id}\t${[...large.keys()][number] ?? ''}`)
  } finally {
    await rm(drafts, { recursive: true, force: true })
  }
}

/** One file that cannot be read must not cost us the rest, so it is left out and the run repeated. */
async function storeFiles(
  repo: ShadowRepo,
  index: string,
  present: readonly BytePath[],
): Promise<IndexResult['unreadable']> {
  const unreadable: { path: string; why: string }[] = []
  let left = present
  while (left.length > 0) {
    // Many files at once go into one pack; as single objects they would take ten times as long.
    const pack = left.length > 500 ? ['-c', 'core.bigFileThreshold=1'] : []
    const args = [...pack, 'update-index', '-z', '--add', '--remove', '--replace', '--stdin']
    const result = await repo.tryGit(args, { index, stdin: joinNul(left) })
    if (result.code === 0) return unreadable
    const path = /^fatal: Unable to process path (.*)$/ms.exec(result.stderr.trimEnd())?.[1] as BytePath
    const why = /^error: (.*)$/m.exec(result.stderr)?.[1] ?? result.stderr.trim()
    const next = left.filter((other) => other !== path)
    if (next.length === left.length || unreadable.length >= 200) {
      throw new GitProblem('failed', `The folder could not be recorded: ${why.slice(0, 300)}`)
    }
    unreadable.push({ path: shownPath(path), why })
    left = next
  }
  return unreadable
}
