import type { SandboxRun } from './backend.ts'
import type { Up } from './control/run-control.ts'
import type { RunPlan } from './run-plan.ts'

/** What a launcher says of its boundary, in the words of the contract. */
export function describeUp(up: Up, { start, noLimits }: RunPlan): Awaited<SandboxRun['up']> {
  const why =
    up.holds || (start.hold === 'none' && up.why === '') ? null : up.why || 'This system cannot hold calls.'
  const missing = noLimits ?? up.limits
  return { holds: up.holds, why, ...(missing ? { noLimits: missing } : {}) }
}
