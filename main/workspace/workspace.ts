import type { DiffChange, DiffScope, DiffSnapshot, FolderFacts } from '../../protocol/workspace.ts'

/** What a session's folder was at named moments, and how it differs now. */
export type Workspace = {
  /** Records the folder as it is. Answers a commit id of the shadow repository. */
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
  /** Hunks and files kept so far (ids of hunks, or `file:<path>:<content hash>`), as the log has them. */
  review(
    scope: DiffScope,
    path: string,
    hunkId: string | null,
    verb: 'keep' | 'unkeep' | 'revert',
  ): Promise<{ status: 'done' | 'changedSinceShown' | 'refused'; why: string | null }>
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
