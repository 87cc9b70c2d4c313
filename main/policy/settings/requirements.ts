import type {
  DomainEntry,
  Json,
  Notice,
  Place,
  PolicyChoice,
  WebSearchMode,
} from '../../../protocol/config.ts'
import type { RequirementFact } from '../../../protocol/requirements.ts'
import type { ReviewerName } from '../../../protocol/reviewer.ts'
import type { SandboxMode } from '../../../protocol/settings.ts'
import type { ProfileSource } from './resolve-profile.ts'

/** A limit with the place that sets it. */
export type Limit<T> = { readonly value: T; readonly place: Place }

export type NetworkRequirement = {
  readonly enabled: boolean
  readonly domains: readonly DomainEntry[]
  /** Only the allowed hosts of `domains` are; with none of them, none. Every source that says anything limits. */
  readonly limitsHosts: boolean
  /** null: not said. */
  readonly allowLocalBinding: boolean | null
  readonly unixSockets: readonly string[] | null
  readonly dangerouslyAllowAllUnixSockets: boolean | null
  readonly managedDomainsOnly: boolean
  readonly reviewDomains: readonly string[]
}

/** How a tool server is known: by its whole command line or by its address. */
export type McpIdentity =
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'url'; readonly url: string }

/** A path or pattern nobody may read, as spelled, with the folder that relative ones start from. */
export type DeniedReadRequirement = { readonly path: string; readonly base: string; readonly place: Place }

/** All limits in force, already joined: the strictest of several sources. null: not limited. */
export type Requirements = {
  /** read-only is always possible and need not be listed. */
  readonly sandboxModes: Limit<readonly SandboxMode[]> | null
  /** Whether the list of modes names `external-sandbox`, Codex's word for a boundary that somebody else builds. */
  readonly externalSandbox: Limit<boolean> | null
  readonly approvalPolicies: Limit<readonly PolicyChoice[]> | null
  /** The list of each source on its own, for what must hold whichever of them is looked at. */
  readonly policyLists: readonly Limit<readonly PolicyChoice[]>[]
  readonly approvalsReviewers: Limit<readonly ReviewerName[]> | null
  /** `disabled` is always possible and need not be listed. */
  readonly webSearchModes: Limit<readonly WebSearchMode[]> | null
  /** Names with true may be used; all others may not. */
  readonly permissionProfiles: Limit<ReadonlyMap<string, boolean>> | null
  /** The first one is put in place of what is not permitted; the others limit it. */
  readonly defaultPermissions: readonly Limit<string>[]
  /** Managed profiles, one map for each source. */
  readonly profiles: readonly ReadonlyMap<string, ProfileSource>[]
  readonly deniedReads: readonly DeniedReadRequirement[]
  readonly network: Limit<NetworkRequirement> | null
  readonly mcpServers: Limit<ReadonlyMap<string, McpIdentity>> | null
  /** The `rules` tables as they are; `main/policy/rules` reads them. */
  readonly rules: readonly Limit<Json>[]
  readonly features: ReadonlyMap<string, Limit<boolean>>
  readonly otel: readonly Limit<Json>[]
  readonly allowLoginShell: Limit<boolean> | null
  /** Accepted and shown; nothing here decides by them. */
  readonly others: readonly RequirementFact[]
  /** Why nothing wider than the narrowest settings may hold; null when every source could be read. */
  readonly broken: Notice | null
}

export const noRequirements: Requirements = {
  sandboxModes: null,
  externalSandbox: null,
  approvalPolicies: null,
  policyLists: [],
  approvalsReviewers: null,
  webSearchModes: null,
  permissionProfiles: null,
  defaultPermissions: [],
  profiles: [],
  deniedReads: [],
  network: null,
  mcpServers: null,
  rules: [],
  features: new Map(),
  otel: [],
  allowLoginShell: null,
  others: [],
  broken: null,
}

export const placeText = ({ file, line }: Place): string => (line === null ? file : `${file}:${line}`)
