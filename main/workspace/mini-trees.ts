import { rm } from 'node:fs/promises'
import { joinNul } from './byte-path.ts'
import type { RawEntry } from './parse-git-diff.ts'
import type { GitResult } from './run-git.ts'
import type { ShadowRepo } from './shadow-repo.ts'

const absent = '0'.repeat(40)

/**
 * Lets git compare both sides of some entries, as a tree and an index that hold nothing else. The time it
 * takes depends on these few files, not on the folder.
 */
export async function compareEntries(
  repo: ShadowRepo,
  entries: readonly RawEntry[],
  args: readonly string[],
  options: { readonly objects: string | null; readonly maxBytes?: number },
): Promise<GitResult> {
  const [old, now] = [repo.scratchIndex(), repo.scratchIndex()]
  try {
    const [tree] = await Promise.all([
      fill(repo, old, entries, (entry) => [entry.oldMode, entry.oldOid, entry.from ?? entry.path]).then(() =>
        repo.text(['write-tree', '--missing-ok'], { index: old }),
      ),
      fill(repo, now, entries, (entry) => [entry.newMode, entry.newOid, entry.path]),
    ])
    return await repo.tryGit(['diff-index', '--cached', ...args, tree], {
      index: now,
      projectObjects: options.objects,
      ...(options.maxBytes ? { maxBytes: options.maxBytes } : {}),
    })
  } finally {
    await Promise.all([rm(old, { force: true }), rm(now, { force: true })])
  }
}

async function fill(
  repo: ShadowRepo,
  index: string,
  entries: readonly RawEntry[],
  side: (entry: RawEntry) => [mode: string, oid: string, path: string],
): Promise<void> {
  const records = entries.map(side).filter(([, oid]) => oid !== absent)
  const stdin = joinNul(records.map(([mode, oid, path]) => `${mode} ${oid}\t${path}`))
  await repo.git(['update-index', '-z', '--index-info'], { index, stdin })
}
