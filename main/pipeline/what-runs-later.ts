import path from 'node:path'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { changedSince, lookAtWatched, type WatchedChange } from '../sandbox/watched-paths.ts'

/** Who acts on a path of each group, later and outside the boundary. */
export const runsIt: Readonly<Record<WatchedChange['group'], string>> = {
  repository: 'git acts on it',
  agents: 'agents act on it when they start here',
  editors: 'an editor acts on it when the folder is opened',
  automation: 'a build service, a git hook or direnv acts on it',
  packages: 'a package manager or build tool acts on it',
  shell: 'every new shell acts on it',
}
const did = { appeared: 'made', changed: 'changed', gone: 'removed' } as const

/**
 * Compares what runs later before and after a run.
 *
 * @param notice called after the run when something of it appeared, changed or went
 * @returns to be called when the run has ended
 */
export async function watchRunsLater(
  spec: SandboxSpec,
  about: { readonly what: string; readonly folder: string },
  notice: (title: string, detail: string) => Promise<void>,
): Promise<() => Promise<void>> {
  const before = await lookAtWatched(spec)
  return async () => {
    const changes = changedSince(before, await lookAtWatched(spec))
    if (changes.length > 0) await notice(...runsLaterWords(changes, about))
  }
}

/** Title and detail of the notice. */
export function runsLaterWords(
  changes: readonly WatchedChange[],
  { what, folder }: { readonly what: string; readonly folder: string },
): [string, string] {
  const short = (p: string): string => (p.startsWith(`${folder}/`) ? path.relative(folder, p) : p)
  const [first] = changes
  const lines = changes.map((c) => `${short(c.path)} was ${did[c.change]}; ${runsIt[c.group]}.`)
  const title =
    changes.length === 1 && first
      ? `This run ${did[first.change]} ${short(first.path)}, which runs code later`
      : `This run changed ${changes.length} paths that run code later`
  return [
    title,
    `${lines.join('\n')}\nLook at ${changes.length === 1 ? 'it' : 'them'} before you go on. It was: ${what}`,
  ]
}
