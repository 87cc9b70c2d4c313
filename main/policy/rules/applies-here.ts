import { isWithin } from './program-name.ts'
import type { GatehouseRule } from './rule.ts'

/** Where and when something is asked. */
export type RuleContext = {
  /** Absolute folder of the command; null when it cannot be told. */
  readonly cwd: string | null
  /** Unix time in milliseconds. */
  readonly nowMs: number
}

/**
 * Whether a Gatehouse rule is in force: its folder and its end. What cannot be told counts against an allow rule
 * and for a restricting one.
 */
export function appliesHere(rule: GatehouseRule, { cwd, nowMs }: RuleContext): boolean {
  const grants = rule.decision === 'allow'
  if (rule.endsAtMs !== null) {
    const over = grants ? !(nowMs < rule.endsAtMs) : nowMs >= rule.endsAtMs
    if (over) return false
  }
  if (rule.where === null) return true
  return cwd === null ? !grants : isWithin(cwd, rule.where)
}
