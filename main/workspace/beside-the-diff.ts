import { lstat } from 'node:fs/promises'
import type { DiffScope } from '../../protocol/workspace.ts'
import { shownPath } from './byte-path.ts'
import type { DiffView, Extras } from './diff-view.ts'
import type { ProjectGit } from './project-git.ts'
import type { ProtectedState } from './protected-state.ts'
import { protectedChanges, readProtectedState } from './protected-state.ts'
import { isProtectedPath } from './revert-file.ts'

/** What a session did that is no line of the diff: paths outside the folder, and protected ones. */
export class BesideTheDiff {
  readonly #outside = new Map<string, number>()
  readonly #at = new Map<string, ProtectedState>()
  readonly #base = new Map<DiffScope, ProtectedState>()

  noteOutside(path: string, atMs: number): void {
    this.#outside.set(path, atMs)
  }

  /** Remembers how the protected paths are now, under the name of a checkpoint. */
  async remember(checkpoint: string, project: ProjectGit | null): Promise<void> {
    this.#at.set(checkpoint, await readProtectedState(project))
  }

  /** A checkpoint of an earlier run is not remembered; then what is now stands for it. */
  async setBase(scope: DiffScope, checkpoint: string, project: ProjectGit | null): Promise<void> {
    this.#base.set(scope, this.#at.get(checkpoint) ?? (await readProtectedState(project)))
  }

  async tell(views: ReadonlyMap<DiffScope, DiffView>, project: ProjectGit | null): Promise<void> {
    const now = await readProtectedState(project)
    const outside: Extras['outside'] = await Promise.all(
      [...this.#outside].map(async ([path, atMs]) => ({
        path,
        exists: (await lstat(path).catch(() => null)) !== null,
        atMs,
      })),
    )
    for (const [scope, view] of views) {
      // The last commit has no protected state of its own; what the session began with stands for it.
      const before = this.#base.get(scope) ?? this.#base.get('session')
      const files = view.entries.map((entry) => entry.path).filter(isProtectedPath)
      view.setExtras({
        outside,
        protectedTouched: [...(before ? protectedChanges(before, now) : []), ...files.map(shownPath)],
      })
    }
  }
}
