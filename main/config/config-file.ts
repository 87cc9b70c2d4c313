import type { ConfigFact } from '../../protocol/app.ts'
import type { ApprovalPolicy, SandboxMode } from '../../protocol/settings.ts'

/** What the files change for new sessions. Only what they say, and only if they say it rightly. */
export type ConfigDefaults = {
  readonly sandboxMode?: SandboxMode
  readonly approvalPolicy?: ApprovalPolicy
  /** Absolute. */
  readonly extraWritableRoots?: readonly string[]
}

export type LoadedConfig = {
  readonly defaults: ConfigDefaults
  readonly facts: readonly ConfigFact[]
  /** Sentences with file and line. */
  readonly problems: readonly string[]
  /** The files that were looked at and exist. */
  readonly files: readonly string[]
}

/** In force when a file is broken: less than the built-in defaults, never more. */
export const narrowDefaults: ConfigDefaults = {
  sandboxMode: 'read-only',
  approvalPolicy: 'untrusted',
  extraWritableRoots: [],
}
