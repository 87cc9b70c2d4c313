import type { ConfigFact } from '../../protocol/app.ts'
import { ApprovalPolicy, SandboxMode } from '../../protocol/settings.ts'

/** What `config.toml` changes for new sessions. Only what the file says, and only if it says it rightly. */
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

/** In force when the file is broken: less than the built-in defaults, never more. */
export const narrowDefaults: ConfigDefaults = {
  sandboxMode: 'read-only',
  approvalPolicy: 'untrusted',
  extraWritableRoots: [],
}

export type Reading = {
  readonly defaults: { -readonly [K in keyof ConfigDefaults]: ConfigDefaults[K] }
  readonly facts: ConfigFact[]
  readonly problems: string[]
  /** `config.toml:3` for a key, as near as it can be told. */
  readonly where: (path: readonly string[]) => string
}

type Reader = (value: unknown, reading: Reading) => string | null

/** Every key that counts, with what it may be. A reader answers what is wrong, or null. */
export const keys: Readonly<Record<string, Reader>> = {
  sandbox_mode(value, { defaults }) {
    const mode = SandboxMode.safeParse(value)
    // A misspelled narrow value must not fall back to a wider one.
    if (!mode.success) {
      defaults.sandboxMode = 'read-only'
      return `${oneOf(SandboxMode.options)}; until then it is "read-only"`
    }
    defaults.sandboxMode = mode.data
    return null
  },
  approval_policy(value, { defaults }) {
    const policy = ApprovalPolicy.safeParse(value)
    if (!policy.success) {
      defaults.approvalPolicy = 'untrusted'
      return `${oneOf(ApprovalPolicy.options)}; until then it is "untrusted"`
    }
    defaults.approvalPolicy = policy.data
    return null
  },
  'sandbox_workspace_write.writable_roots'(value, { defaults }) {
    if (!Array.isArray(value) || !value.every(isRoot)) {
      return 'must be a list of absolute paths without "." and ".." in them; "/" is not possible'
    }
    if (value.length > 100) return 'must have 100 entries at most'
    defaults.extraWritableRoots = value
    return null
  },
  'sandbox_workspace_write.network_access'(value) {
    if (typeof value !== 'boolean') return 'must be true or false'
    // The network stays closed until a session asks; a file cannot open it in advance.
    return value ? 'is true, which has no effect: the network is opened by an answer in the inbox only' : null
  },
}

/** Tables that may stand in the file; `gatehouse` is ours and not read yet. */
export const tables: readonly string[] = ['sandbox_workspace_write']
export const reserved = 'gatehouse'

const oneOf = (options: readonly string[]): string =>
  `must be one of ${options.map((option) => `"${option}"`).join(', ')}`

const isRoot = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length <= 4096 &&
  /^\/[^/\0]/.test(value) &&
  !value.split('/').some((name) => name === '.' || name === '..')
