import { z } from 'zod'
import { call, event } from './endpoint.ts'
import { AbsolutePath, SessionId } from './ids.ts'
import { Probe, SandboxProblem } from './sandbox.ts'
import { Preset } from './settings.ts'

/** What the diff is taken against; always named on screen. */
export const DiffScope = z.enum(['turn', 'session', 'uncommitted'])
export type DiffScope = z.infer<typeof DiffScope>

export const DiffLine = z.object({
  kind: z.enum(['context', 'add', 'del']),
  text: z.string(),
  oldNo: z.int().nullable(),
  newNo: z.int().nullable(),
  /** The file's last line has no line break. */
  noNewline: z.boolean().optional(),
})
export type DiffLine = z.infer<typeof DiffLine>

export const Hunk = z.object({
  /** Derived from path and content, so it changes when the hunk does. */
  id: z.string(),
  header: z.string(),
  lines: z.array(DiffLine),
  kept: z.boolean(),
})
export type Hunk = z.infer<typeof Hunk>

export const FileDiff = z.object({
  /** Relative to the folder, with forward slashes. */
  path: z.string(),
  /** Only for renames. */
  fromPath: z.string().nullable(),
  change: z.enum(['add', 'update', 'delete', 'rename']),
  added: z.int(),
  removed: z.int(),
  binary: z.boolean(),
  hunks: z.array(Hunk),
  /** Lines left out because the file's diff is longer than the limit. */
  leftOut: z.int(),
  /** Also holds for binary files and mode changes, which have no hunks. */
  kept: z.boolean(),
  /** Who acts on it later and outside the boundary, such as "every new shell acts on it". Absent: nobody known. */
  runsLater: z.string().optional(),
})
export type FileDiff = z.infer<typeof FileDiff>

export const DiffSnapshot = z.object({
  scope: DiffScope,
  /** Such as "turn 2 start, 10:41" or "last commit a1b2c3d". null when this scope has no base here. */
  base: z.string().nullable(),
  files: z.array(FileDiff),
  /** Files beyond the limit. */
  filesLeftOut: z.int(),
  /** Written outside the workspace by grants of this session. */
  outside: z.array(z.object({ path: z.string(), exists: z.boolean(), atMs: z.int() })),
  /** Protected paths that changed since the base, such as .git after a granted commit. */
  protectedTouched: z.array(z.string()),
  /** One sentence when the diff cannot be made now. */
  problem: z.string().nullable(),
  atMs: z.int(),
})
export type DiffSnapshot = z.infer<typeof DiffSnapshot>

export const DiffChange = z.discriminatedUnion('type', [
  z.object({ type: z.literal('file'), file: FileDiff }),
  z.object({ type: z.literal('gone'), path: z.string() }),
  z.object({
    type: z.literal('outside'),
    outside: DiffSnapshot.shape.outside,
    protectedTouched: z.array(z.string()),
  }),
  z.object({ type: z.literal('problem'), problem: z.string().nullable() }),
])
export type DiffChange = z.infer<typeof DiffChange>

export const FolderFacts = z.object({
  path: z.string(),
  git: z
    .object({
      branch: z.string().nullable(),
      head: z.string().nullable(),
      remotes: z.int(),
      changedFiles: z.int(),
      /** Commits by the configured author in the last 30 days; null when unknown. */
      yourCommits: z.int().nullable(),
    })
    .nullable(),
  /** Agent settings, hooks and instructions that the folder brings. They stay off. */
  brings: z.array(z.object({ path: z.string(), what: z.string() })),
  /** Files that look like secrets, relative. */
  secrets: z.array(z.string()),
  trusted: z.boolean(),
  recommended: Preset,
  /** Why that one, in words. */
  because: z.string(),
  /** Facts worth knowing before starting: too large to watch, on a network disk, inside the home of Gatehouse. */
  warnings: z.array(z.string()),
})
export type FolderFacts = z.infer<typeof FolderFacts>

export const SandboxCheck = z.discriminatedUnion('state', [
  z.object({ state: z.literal('verified'), backend: z.string(), probes: z.array(Probe), tookMs: z.int() }),
  /** The settings make the container the boundary; `probes` tried what our own narrowing must stop. */
  z.object({ state: z.literal('container'), container: z.string(), probes: z.array(Probe) }),
  z.object({ state: z.literal('unavailable'), problem: SandboxProblem }),
])
export type SandboxCheck = z.infer<typeof SandboxCheck>

const NoFolder = z.object({ status: z.literal('noFolder'), why: z.string() })

export const workspaceContract = {
  'workspace/watchDiff': event(
    z.object({ sessionId: SessionId, scope: DiffScope }),
    DiffSnapshot,
    DiffChange,
  ),
  /** Marks a file or one hunk as kept, or puts it back to the base. Refused when it changed since it was shown. */
  'workspace/review': call(
    z.object({
      sessionId: SessionId,
      scope: DiffScope,
      path: z.string().max(4096),
      hunkId: z.string().max(100).nullable(),
      verb: z.enum(['keep', 'unkeep', 'revert']),
    }),
    z.object({ status: z.enum(['done', 'changedSinceShown', 'refused']), why: z.string().nullable() }),
  ),
  'folders/inspect': call(
    z.object({ path: AbsolutePath }),
    z.discriminatedUnion('status', [z.object({ status: z.literal('ok'), facts: FolderFacts }), NoFolder]),
  ),
  /** Runs the probes with the sandbox this folder would get. */
  'folders/check': call(
    z.object({ path: AbsolutePath, deniedReads: z.array(AbsolutePath).max(200) }),
    SandboxCheck,
  ),
  /** One level of folders, for surroundings without a picker of their own. */
  'folders/browse': call(
    z.object({ path: AbsolutePath.nullable() }),
    z.discriminatedUnion('status', [
      z.object({
        status: z.literal('ok'),
        path: z.string(),
        parent: z.string().nullable(),
        folders: z.array(z.object({ name: z.string(), git: z.boolean() })),
      }),
      NoFolder,
    ]),
  ),
  'folders/recent': call(
    z.object({}),
    z.array(z.object({ path: z.string(), lastAtMs: z.int(), trusted: z.boolean() })),
  ),
  /** Makes a fresh copy of the demo project and answers its folder. */
  'folders/makeDemo': call(z.object({}), z.object({ path: z.string() })),
}
