import { z } from 'zod'

/** What is technically possible for a command. */
export const SandboxMode = z.enum(['read-only', 'workspace-write', 'danger-full-access'])
export type SandboxMode = z.infer<typeof SandboxMode>

/** When to stop and ask. `granular` asks in the categories that are switched on and refuses in the others. */
export const ApprovalPolicy = z.enum(['untrusted', 'on-request', 'granular', 'never'])
export type ApprovalPolicy = z.infer<typeof ApprovalPolicy>

/** The categories of `approval_policy = { granular = { … } }`; false: refused without a question. */
export const Granular = z.object({
  /** Leaving the boundary. */
  sandboxApproval: z.boolean(),
  /** A `prompt` rule. */
  rules: z.boolean(),
  mcpElicitations: z.boolean(),
  /** Room asked for in advance. */
  requestPermissions: z.boolean(),
  skillApproval: z.boolean(),
})
export type Granular = z.infer<typeof Granular>

/** A named pair of sandbox mode and approval policy, from least to most room. */
export const Preset = z.enum(['read-only', 'auto', 'full-access'])
export type Preset = z.infer<typeof Preset>

export type PresetDef = {
  readonly id: Preset
  readonly name: string
  readonly sandboxMode: SandboxMode
  readonly approvalPolicy: ApprovalPolicy
  readonly sentence: string
}

export const presets: readonly PresetDef[] = [
  {
    id: 'read-only',
    name: 'Read only',
    sandboxMode: 'read-only',
    approvalPolicy: 'on-request',
    sentence: 'look and plan; every edit and every other command is asked first',
  },
  {
    id: 'auto',
    name: 'Auto',
    sandboxMode: 'workspace-write',
    approvalPolicy: 'on-request',
    sentence: 'edit here, run in the sandbox, ask to leave it',
  },
  {
    id: 'full-access',
    name: 'Full access',
    sandboxMode: 'danger-full-access',
    approvalPolicy: 'never',
    sentence: 'no sandbox and no questions, for a stated time',
  },
]

export const presetOf = (id: Preset): PresetDef => presets.find((p) => p.id === id) as PresetDef

/** How much room a preset gives; a smaller number is narrower. */
export const roomOf = (mode: SandboxMode): number => SandboxMode.options.indexOf(mode)

/** What may be done at a path and below it, until a more specific entry says otherwise. Absolute and plain. */
export const PathAccess = z.object({ path: z.string(), access: z.enum(['read', 'write', 'deny']) })
export type PathAccess = z.infer<typeof PathAccess>

/** What a permission profile says of paths. A path that no entry speaks of, not even `/`, cannot be read. */
export const ProfileAccess = z.object({
  entries: z.array(PathAccess).readonly(),
  /** Protected paths that the profile opens in so many words. */
  lifted: z.array(z.string()).readonly(),
})
export type ProfileAccess = z.infer<typeof ProfileAccess>

/** The effective settings of one session. */
export const Settings = z.object({
  sandboxMode: SandboxMode,
  approvalPolicy: ApprovalPolicy,
  /** Set when the policy is `granular`; absent otherwise and in logs of before. */
  granular: Granular.optional(),
  /** null when mode and policy were chosen separately. */
  preset: Preset.nullable(),
  /** Full access is a lease: Unix time in milliseconds at which it ends. null for everything else. */
  leaseEndsAtMs: z.int().nullable(),
  /** Folders besides the session's own that workspace-write may write below. Absolute. */
  extraWritableRoots: z.array(z.string()).readonly(),
  /** Files that stay unreadable for commands of this session. Absolute. */
  deniedReads: z.array(z.string()).readonly(),
  /** Patterns below a folder that stay unreadable, looked up anew for every command. Absent: none. */
  deniedGlobs: z
    .array(z.object({ folder: z.string(), pattern: z.string(), maxDepth: z.int().nullable() }))
    .readonly()
    .optional(),
  /** Set when a permission profile says more of paths than the mode and the roots above. Absent: they say all. */
  access: ProfileAccess.optional(),
  /** Commands without a network may have sockets among themselves. Absent: no. */
  localSockets: z.boolean().optional(),
  /**
   * Hosts that commands may reach through the proxy. `asked`: those a rule allows, and others after an answer.
   * `listed`: those a rule allows. Absent: `asked` where the approval policy asks about the sandbox, otherwise none.
   * `none`: no way out, whatever anybody answers.
   */
  hosts: z.enum(['asked', 'listed', 'none']).optional(),
  /** Write calls of commands are tried before they wait (`[gatehouse] hold_shim`). Absent: no. */
  holdShim: z.literal(true).optional(),
  /** The container around us is the boundary (`[gatehouse] boundary`). Absent: commands get one of our own. */
  boundary: z.literal('container').optional(),
  /** The permission profile the session was started with; it holds in every mode but full access. Absent: none. */
  profile: z.string().optional(),
})
export type Settings = z.infer<typeof Settings>

export const settingsOf = (preset: Preset, leaseEndsAtMs: number | null = null): Settings => ({
  sandboxMode: presetOf(preset).sandboxMode,
  approvalPolicy: presetOf(preset).approvalPolicy,
  preset,
  leaseEndsAtMs,
  extraWritableRoots: [],
  deniedReads: [],
})

/** How long full access may last, in minutes. */
export const leaseMinutes = [10, 30, 60] as const
