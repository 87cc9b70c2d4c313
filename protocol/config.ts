import { z } from 'zod'
import { ApprovalPolicy, SandboxMode } from './settings.ts'

export const Json = z.json()
export type Json = z.infer<typeof Json>

/** One source of settings, from weakest to strongest. `builtin` is what holds when no file says anything. */
export const LayerName = z.enum(['builtin', 'system', 'user', 'profile', 'folder', 'flags', 'managed'])
export type LayerName = z.infer<typeof LayerName>

/** A place to open. `line` counts from 1; null when only the file is known. */
export const Place = z.object({ file: z.string(), line: z.int().min(1).nullable() })
export type Place = z.infer<typeof Place>

/** Where a value came from. `file` is null for `builtin` and `flags`. */
export const ConfigOrigin = z.object({
  layer: LayerName,
  file: z.string().nullable(),
  line: z.int().min(1).nullable(),
})
export type ConfigOrigin = z.infer<typeof ConfigOrigin>

/** One key in force, with the names of its tables joined by dots. */
export const ConfigValue = z.object({ key: z.string(), value: Json, origin: ConfigOrigin })
export type ConfigValue = z.infer<typeof ConfigValue>

/**
 * Something a person should know about their settings. `problem`: a value could not be used and narrower
 * settings hold until it is mended. `warning`: something has no effect. `info`: accepted, worth knowing.
 */
export const Notice = z.object({
  level: z.enum(['info', 'warning', 'problem']),
  code: z.string(),
  /** One or two sentences: what was found, what holds now, what to do. Without the place. */
  message: z.string(),
  place: Place.nullable(),
})
export type Notice = z.infer<typeof Notice>

/** A switch per kind of question; false answers that kind with no. */
export const GranularSwitches = z.object({
  sandbox_approval: z.boolean(),
  rules: z.boolean(),
  skill_approval: z.boolean(),
  request_permissions: z.boolean(),
  mcp_elicitations: z.boolean(),
})
export type GranularSwitches = z.infer<typeof GranularSwitches>

/** An approval policy as a file may choose it: one of the names, or a switch per kind of question. */
export const PolicyChoice = z.union([ApprovalPolicy, z.object({ granular: GranularSwitches })])
export type PolicyChoice = z.infer<typeof PolicyChoice>

export const WebSearchMode = z.enum(['disabled', 'cached', 'live'])
export type WebSearchMode = z.infer<typeof WebSearchMode>

/** What a layer is doing. `broken` and `disabled` layers are kept and shown; nothing in them widens anything. */
export const LayerInfo = z.object({
  name: LayerName,
  file: z.string().nullable(),
  state: z.enum(['read', 'absent', 'broken', 'notTrusted', 'disabled']),
  why: z.string().nullable(),
})
export type LayerInfo = z.infer<typeof LayerInfo>

/** The sandbox in force, in the words of the app server's protocol. */
export const EffectiveSandbox = z.discriminatedUnion('type', [
  z.object({ type: z.literal('readOnly'), networkAccess: z.boolean() }),
  z.object({
    type: z.literal('workspaceWrite'),
    /** Besides the session's own folder. Absolute. */
    writableRoots: z.array(z.string()),
    networkAccess: z.boolean(),
    excludeTmpdirEnvVar: z.boolean(),
    excludeSlashTmp: z.boolean(),
  }),
  z.object({ type: z.literal('dangerFullAccess') }),
])
export type EffectiveSandbox = z.infer<typeof EffectiveSandbox>

/** Which variables of the host a command sees. Names are compared without regard to case; `*` and `?` are globs. */
export const ShellEnvironmentPolicy = z.object({
  inherit: z.enum(['all', 'core', 'none']),
  ignoreDefaultExcludes: z.boolean(),
  exclude: z.array(z.string()),
  set: z.record(z.string(), z.string()),
  /** Empty: no restriction. */
  includeOnly: z.array(z.string()),
})
export type ShellEnvironmentPolicy = z.infer<typeof ShellEnvironmentPolicy>

/** One host a limited network may or may not reach. */
export const DomainEntry = z.object({
  pattern: z.string(),
  decision: z.enum(['allow', 'deny']),
  from: z.enum(['settings', 'requirement']),
})
export type DomainEntry = z.infer<typeof DomainEntry>

/**
 * `off`: nothing. `limited`: what `domains` allows and nothing denies. `open`: everything, which only
 * `sandbox_workspace_write.network_access` and full access give.
 */
export const NetworkSettings = z.object({
  access: z.enum(['off', 'limited', 'open']),
  domains: z.array(DomainEntry),
  allowLocalBinding: z.boolean(),
  /** Paths of sockets that may be used. */
  unixSockets: z.array(z.string()),
  dangerouslyAllowAllUnixSockets: z.boolean(),
  /** Only hosts allowed by a requirement may be reached, and no answer adds another. */
  managedDomainsOnly: z.boolean(),
})
export type NetworkSettings = z.infer<typeof NetworkSettings>

export const modeNames: Readonly<Record<SandboxMode, EffectiveSandbox['type']>> = {
  'read-only': 'readOnly',
  'workspace-write': 'workspaceWrite',
  'danger-full-access': 'dangerFullAccess',
}
