import { lstat, readlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { isWithin } from './paths.ts'
import { type ProtectedEntry, protectedInHome, protectedSet } from './protected-set.ts'

/** One path of the protected set that a run may make or, by a grant, change. */
export type WatchedPath = { readonly path: string; readonly group: ProtectedEntry['group'] }
export type WatchedChange = WatchedPath & { readonly change: 'appeared' | 'changed' | 'gone' }

/** What stands at each watched path at one moment; compared with a later look. */
export type WatchedLook = ReadonlyMap<string, WatchedPath & { readonly state: string | null }>

/**
 * Looks at what no stand-in keeps from being made in the writable roots of a run: names of the protected set that
 * are only watched, and links, which can be replaced. Nothing is read but names, times and targets of links.
 */
export async function lookAtWatched(
  spec: Pick<SandboxSpec, 'boundary' | 'writableRoots'>,
  home = homedir(),
): Promise<WatchedLook> {
  const look = new Map<string, WatchedPath & { state: string | null }>()
  if (spec.boundary !== 'bounded') return look
  const at = spec.writableRoots.flatMap((root) => [
    ...protectedSet.map((entry) => ({ folder: root, entry })),
    ...(isWithin(home, root) ? protectedInHome.map((entry) => ({ folder: home, entry })) : []),
  ])
  await Promise.all(
    at.map(async ({ folder, entry: { name, absent, link, group } }) => {
      const path = `${folder}/${name}`
      const state = await stateOf(path)
      if (absent === 'watched' || (link === 'target' && state?.startsWith('link')))
        look.set(path, { path, group, state })
    }),
  )
  return look
}

/** What differs between two looks; sorted by path. What only one of them looked at is left out. */
export function changedSince(before: WatchedLook, after: WatchedLook): readonly WatchedChange[] {
  const changes: WatchedChange[] = []
  for (const { path, group, state } of before.values()) {
    const now = after.get(path)
    if (now === undefined || now.state === state) continue
    const change = state === null ? 'appeared' : now.state === null ? 'gone' : 'changed'
    changes.push({ path, group, change })
  }
  return changes.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** null: nothing is there. Where a parent folder is a link, what it leads to is meant. */
async function stateOf(path: string): Promise<string | null> {
  const stats = await lstat(path, { bigint: true }).catch(() => null)
  if (stats === null) return null
  const kind = stats.isSymbolicLink() ? `link ${await readlink(path).catch(() => '')}` : 'file'
  return [kind, stats.ino, stats.mode, stats.size, stats.mtimeNs].join(' ')
}
