import type { DiffChange, DiffScope, DiffSnapshot, FolderFacts } from '../../protocol/workspace.ts'

export type ReviewResult = {
  readonly status: 'done' | 'changedSinceShown' | 'refused'
  readonly why: string | null
  /** What was marked or put back: ids of hunks, and `file:<path>:<content>` for a whole file. For the log. */
  readonly ids: readonly string[]
}

/** What a session's folder was at named moments, and how it differs now. */
export type Workspace = {
  /**
   * Records the folder as it is. Answers a commit id of the shadow repository.
   * @throws GitProblem when git is missing or the folder cannot be recorded; the session can go on without
   */
  checkpoint(label: string): Promise<string>
  /**
   * Watches the folder and keeps a diff against the scope's base. `change` follows within a second of a
   * write, whoever made it.
   */
  watch(
    scope: DiffScope,
    on: { snapshot(s: DiffSnapshot): void; change(c: DiffChange): void },
  ): { stop(): void }
  /** Where the scopes start: checkpoint ids with words. Called at session and turn start. */
  setBase(scope: 'turn' | 'session', base: { readonly checkpoint: string; readonly words: string }): void
  /**
   * Marks a file or one hunk, or puts it back to the base. Only what is still as it was shown; never through a
   * link that leaves the folder; never into a protected path.
   */
  review(
    scope: DiffScope,
    path: string,
    hunkId: string | null,
    verb: 'keep' | 'unkeep' | 'revert',
  ): Promise<ReviewResult>
  /** Marks again what the log of this session has as kept, such as after it was reopened. */
  restoreKept(ids: readonly string[]): void
  noteOutside(path: string, atMs: number): void
  dispose(): Promise<void>
}

export type OpenWorkspace = (options: {
  readonly folder: string
  /** Below GATEHOUSE_HOME/state; shadow repositories live here, one per folder. */
  readonly stateDir: string
  readonly sessionId: string
  readonly clock: { nowMs(): number }
}) => Promise<Workspace>

export type InspectFolder = (
  path: string,
  known: { readonly trusted: boolean; readonly gatehouseHome: string },
) => Promise<{ status: 'ok'; facts: FolderFacts } | { status: 'noFolder'; why: string }>
