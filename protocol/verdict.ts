import { z } from 'zod'
import { ApprovalId } from './ids.ts'
import { ApprovalPolicy, SandboxMode } from './settings.ts'

/** Where a verdict came from, precise enough to open it. */
export const Origin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('settings'), sandboxMode: SandboxMode, approvalPolicy: ApprovalPolicy }),
  z.object({ kind: z.literal('knownSafe'), command: z.string() }),
  z.object({ kind: z.literal('sandbox'), violations: z.int().min(0) }),
  z.object({ kind: z.literal('protectedPath'), path: z.string() }),
  z.object({ kind: z.literal('outsideWorkspace'), path: z.string() }),
  z.object({ kind: z.literal('sessionGrant'), approvalId: ApprovalId }),
  z.object({ kind: z.literal('alreadyDenied'), approvalId: ApprovalId, note: z.string().nullable() }),
  /** Seam of the policy issue: a line of a rules file. */
  z.object({ kind: z.literal('rule'), file: z.string(), line: z.int() }),
])
export type Origin = z.infer<typeof Origin>

/** Policy's conclusion for one action. */
export const Verdict = z.object({
  kind: z.enum(['run', 'review', 'forbid']),
  origin: Origin,
  justification: z.string().nullable(),
})
export type Verdict = z.infer<typeof Verdict>
