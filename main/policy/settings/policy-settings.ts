import type {
  EffectiveSandbox,
  Json,
  PolicyChoice,
  ShellEnvironmentPolicy,
  WebSearchMode,
} from '../../../protocol/config.ts'
import type { ReviewerName } from '../../../protocol/reviewer.ts'
import type { ResolvedProfile } from './resolved-profile.ts'

export type McpServer = { readonly enabled: boolean; readonly settings: Readonly<Record<string, Json>> }

/** `sandbox`: commands get a boundary of ours. `container`: the container around us is the boundary. */
export type BoundaryChoice = 'sandbox' | 'container'

/** Everything policy decides by, before or after requirements. */
export type PolicySettings = {
  readonly approvalPolicy: PolicyChoice
  readonly approvalsReviewer: ReviewerName
  /** What may be read, written and reached. */
  readonly permissions: ResolvedProfile
  /** The permission profile behind it; null when a sandbox mode was chosen or a requirement lowered it. */
  readonly activeProfile: { readonly id: string; readonly extends: string | null } | null
  readonly webSearch: WebSearchMode
  readonly holdShim: boolean
  readonly boundary: BoundaryChoice
  /** null: nothing was configured, and the built-in short list of variables holds. */
  readonly shellEnvironment: ShellEnvironmentPolicy | null
  readonly allowLoginShell: boolean
  readonly history: { readonly persistence: 'save-all' | 'none'; readonly maxBytes: number | null }
  readonly otel: Readonly<Record<string, Json>>
  readonly features: Readonly<Record<string, Json>>
  readonly mcpServers: ReadonlyMap<string, McpServer>
}

/** The sandbox in the words of the app server's protocol. `limited` counts as network access. */
export function sandboxOf({ permissions }: PolicySettings): EffectiveSandbox {
  const networkAccess = permissions.network.access !== 'off'
  switch (permissions.mode) {
    case 'danger-full-access':
      return { type: 'dangerFullAccess' }
    case 'workspace-write':
      return {
        type: 'workspaceWrite',
        writableRoots: [...permissions.extraWritableRoots],
        networkAccess,
        excludeTmpdirEnvVar: permissions.excludeTmpdirEnvVar,
        excludeSlashTmp: permissions.excludeSlashTmp,
      }
    case 'read-only':
      return { type: 'readOnly', networkAccess }
  }
}
