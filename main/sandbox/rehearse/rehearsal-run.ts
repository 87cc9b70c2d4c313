import type { SandboxSpec } from '../../../protocol/sandbox.ts'
import type { RehearsedEntry } from './compare-copy.ts'
import type { RootsSnapshot } from './compare-runs.ts'

export type RehearseRequest = {
  readonly spec: SandboxSpec
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly onData: (chunk: Uint8Array) => void
  readonly timeoutMs: number
  /** What the copy may take on the disk; measured while it runs, so a little more is possible. */
  readonly maxBytes: number
  /** Granted files and folders that stand there only for this run: for the person they are not there yet. */
  readonly madeForGrant: readonly string[]
}

export type RehearsalRun = {
  /** Ends it now; what it did until then is shown. */
  stop(): void
  /** @throws Error when what it did cannot be read as a whole; nothing is left then */
  readonly ended: Promise<RehearsedRun>
}

export type RehearsedRun = {
  readonly exitCode: number | null
  readonly signal: string | null
  /** It never ran, with the reason; there are no changes then. */
  readonly startProblem: string | null
  readonly ended: 'itself' | 'stopped' | 'timeUp' | 'tooLarge'
  readonly bytes: number
  readonly stoppedConnections: number | null
  /** What it did; to be discarded by whoever asked for it. */
  readonly copy: RehearsedCopy
}

/** What a rehearsed command left in its throwaway copy, until that is discarded. */
export type RehearsedCopy = {
  readonly entries: readonly RehearsedEntry[]
  /** Both sides of a changed file. null: not there, no file, or more than `maxBytes`. */
  contents(
    entry: RehearsedEntry,
    maxBytes: number,
  ): Promise<{ readonly before: Buffer | null; readonly after: Buffer | null }>
  /** sha256 (hex) over all entries and their content. */
  digest(): Promise<string>
  /** Remembers how the real folders stand, so that `differences` also sees what was not rehearsed. */
  snapshot(): Promise<RootsSnapshot>
  /** How the real folders differ from the rehearsal now, a sentence each, a bounded number of them. */
  differences(since: RootsSnapshot): Promise<readonly string[]>
  /**
   * Makes the changes real, inside the boundary of `spec`. Nothing is done when a real entry changed since the
   * rehearsal. @returns null, or why it was not done (as a whole)
   */
  apply(spec: SandboxSpec, signal: AbortSignal | null): Promise<string | null>
  discard(): void
}

/** The part of a sandbox that rehearses. */
export type Rehearsals = {
  /** Why no command can be rehearsed on this machine, in words; null when it can. Tried once. */
  whyNot(): Promise<string | null>
  /** Runs a command on a throwaway copy of what it may write. @throws SandboxUnavailable before anything is started */
  run(request: RehearseRequest): Promise<RehearsalRun>
  /** Removes the copies of hosts that are no longer there. */
  sweep(): void
}
