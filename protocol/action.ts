import { z } from 'zod'
import { AbsolutePath, ActionId, TerminalId } from './ids.ts'
import { FlowProcess, FlowVia, HostProtocol, NetworkFlow } from './network.ts'
import { HeldCall, Violation } from './sandbox.ts'

/** What is given beyond the sandbox in force, for one run. The empty grant gives nothing. */
export const Grant = z.object({
  /** Exact files or folders that become writable. Absolute, resolved. */
  writePaths: z.array(z.string()).readonly(),
  /** Denied files that become readable. Absent: none. */
  readPaths: z.array(z.string()).readonly().optional(),
  /** The repository's own records (objects, refs, index, logs); never hooks, config, attributes, alternates. */
  gitMetadata: z.boolean().optional(),
  /** Hosts that may be reached through the proxy; `port` null is every port. Absent: none. */
  hosts: z
    .array(z.object({ pattern: z.string(), port: z.int().min(1).max(65_535).nullable() }))
    .readonly()
    .optional(),
  /** The machine's own network, whole. */
  network: z.boolean(),
  /** No boundary at all. The others mean nothing then. */
  unsandboxed: z.boolean(),
})
export type Grant = z.infer<typeof Grant>
export const noGrant: Grant = { writePaths: [], network: false, unsandboxed: false }

/** The part of an action that needs more than the sandbox in force gives. */
export const Escalation = z.object({
  /** What the agent asked for itself, what the sandbox was seen to stop, or what waits in a running process. */
  source: z.enum(['declared', 'observed', 'held']),
  /** Grants that would do, the smallest first. */
  ladder: z.array(Grant).min(1).readonly(),
  reason: z.string().max(2000).nullable(),
  violations: z.array(Violation).readonly(),
})
export type Escalation = z.infer<typeof Escalation>

export const FileEdit = z.object({
  path: AbsolutePath,
  change: z.enum(['add', 'update', 'delete']),
  added: z.int().min(0),
  removed: z.int().min(0),
  /** Unified diff of this file, without a/ b/ prefixes of a repository. May be shortened for the screen. */
  diff: z.string(),
  /** Full new content. null for `delete`. Not repeated in card or screen. */
  content: z.string().nullable(),
})
export type FileEdit = z.infer<typeof FileEdit>

const escalation = Escalation.nullable()

export const CommandAction = z.object({
  kind: z.literal('command'),
  /** Exactly what is started. A shell line is ['bash', '-c', line], with the line also in `script`. */
  argv: z.array(z.string()).min(1).readonly(),
  script: z.string().nullable(),
  cwd: AbsolutePath,
  escalation,
})
export type CommandAction = z.infer<typeof CommandAction>

export const FileChangeAction = z.object({
  kind: z.literal('fileChange'),
  edits: z.array(FileEdit).min(1).readonly(),
  cwd: AbsolutePath,
  escalation,
})
export type FileChangeAction = z.infer<typeof FileChangeAction>

/** Bytes typed into a process that is already running. */
export const InputAction = z.object({
  kind: z.literal('input'),
  terminalId: TerminalId,
  text: z.string(),
  argv: z.array(z.string()).readonly(),
  cwd: AbsolutePath,
  /** The process runs with more than the sandbox gives, so typing into it is as much as running something. */
  outside: z.boolean(),
  escalation,
})
export type InputAction = z.infer<typeof InputAction>

/** The agent asks for room in advance, for the rest of the turn or session. */
export const PermissionsAction = z.object({
  kind: z.literal('permissions'),
  grant: Grant,
  cwd: AbsolutePath,
  escalation,
})
export type PermissionsAction = z.infer<typeof PermissionsAction>

/** A running command wants to touch a file its boundary closes, and waits. */
export const FileAccessAction = z.object({
  kind: z.literal('fileAccess'),
  /** Whose process it is. */
  runActionId: ActionId,
  held: HeldCall,
  cwd: AbsolutePath,
  escalation,
})
export type FileAccessAction = z.infer<typeof FileAccessAction>

/** A running command wants to reach a host that no rule allows, and waits. */
export const HostAccessAction = z.object({
  kind: z.literal('hostAccess'),
  /** Whose process it is; of several that wait for the same, the first. */
  runActionId: ActionId,
  /** In its usual spelling, without port. */
  host: z.string(),
  port: z.int().min(1).max(65_535),
  protocol: HostProtocol,
  via: FlowVia,
  /** Plain HTTP only: what else is seen of it. */
  request: NetworkFlow.shape.request,
  /** null: it was gone before anybody could look. */
  process: FlowProcess.nullable(),
  cwd: AbsolutePath,
  escalation,
})
export type HostAccessAction = z.infer<typeof HostAccessAction>

export const Action = z.discriminatedUnion('kind', [
  CommandAction,
  FileAccessAction,
  FileChangeAction,
  HostAccessAction,
  InputAction,
  PermissionsAction,
])
export type Action = z.infer<typeof Action>
