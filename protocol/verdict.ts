import { z } from 'zod'
import { ApprovalId } from './ids.ts'
import { ApprovalPolicy, SandboxMode } from './settings.ts'

/** Where a verdict came from, precise enough to open it. */
export const Origin = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('settings'),
    sandboxMode: SandboxMode,
    approvalPolicy: ApprovalPolicy,
    /** The container is the boundary. Absent: it is not. */
    boundary: z.literal('container').optional(),
  }),
  z.object({ kind: z.literal('knownSafe'), command: z.string() }),
  z.object({ kind: z.literal('sandbox'), violations: z.int().min(0) }),
  z.object({ kind: z.literal('protectedPath'), path: z.string() }),
  z.object({ kind: z.literal('outsideWorkspace'), path: z.string() }),
  /** The settings deny reading it. */
  z.object({ kind: z.literal('deniedRead'), path: z.string() }),
  /** Gatehouse's own files: no answer opens them. */
  z.object({ kind: z.literal('ownFiles'), path: z.string() }),
  /** A line of the quiet-deny list. */
  z.object({ kind: z.literal('quietDeny'), file: z.string(), line: z.int() }),
  z.object({ kind: z.literal('sessionGrant'), approvalId: ApprovalId }),
  z.object({ kind: z.literal('alreadyDenied'), approvalId: ApprovalId, note: z.string().nullable() }),
  /** A line of a rules file; `ruleId` names it in use counts and the Rules page. */
  z.object({ kind: z.literal('rule'), file: z.string(), line: z.int(), ruleId: z.string().optional() }),
  /** A delete that cannot be taken back, whatever the mode. */
  z.object({ kind: z.literal('forcedDelete'), command: z.string() }),
  /** Parts of it cannot be told by reading. */
  z.object({ kind: z.literal('notInspectable'), why: z.string() }),
  /** A rules or settings file that cannot be read in full, and might restrict this. */
  z.object({ kind: z.literal('brokenFile'), file: z.string() }),
])
export type Origin = z.infer<typeof Origin>

/** One step on the way to a verdict, in the order in which it was taken. */
export const Reason = z.object({
  layer: z.enum(['decoding', 'requirements', 'rules', 'config', 'forcedDelete', 'answers', 'settings']),
  text: z.string(),
  /** What this step alone would give; null when it has nothing to say. */
  says: z.enum(['run', 'review', 'forbid']).nullable(),
  /** This step made the verdict. */
  decides: z.boolean(),
  source: z.object({ file: z.string(), line: z.int() }).nullable(),
})
export type Reason = z.infer<typeof Reason>

/** Policy's conclusion for one action. */
export const Verdict = z.object({
  kind: z.enum(['run', 'review', 'forbid']),
  origin: Origin,
  justification: z.string().nullable(),
  /** The whole path. Absent in logs of before. */
  reasoning: z.array(Reason).optional(),
})
export type Verdict = z.infer<typeof Verdict>
