import type { Tier } from '../../protocol/approvals.ts'
import type { Settings } from '../../protocol/settings.ts'
import { asksFor } from './asks-for.ts'

/** What a tool server says about one of its tools, unchecked. Anything but true and false counts as not said. */
export type ToolHints = {
  readonly readOnlyHint?: unknown
  readonly destructiveHint?: unknown
  readonly openWorldHint?: unknown
}

export type ToolCall = {
  readonly server: string
  readonly tool: string
  readonly hints: ToolHints
  /**
   * `default_tools_approval_mode` of the server, or the tool's own: `approve` runs without asking, `prompt` always
   * asks. Everything else leaves it to the hints.
   */
  readonly approvalMode: unknown
}

export type ToolCallJudgement = {
  readonly verdict: 'run' | 'review' | 'forbid'
  /** A question is needed, whoever may answer it. */
  readonly asks: boolean
  readonly tier: Tier
  /** The lines of the tier table that fired, as sentences. */
  readonly rows: readonly string[]
  readonly reason: string
}

/**
 * Judges one call of a tool by what its server says about it.
 *
 * A destructive hint always asks, whatever else is said, and no setting silences it: seed 001; Codex 0.169.0 asks
 * only when there is no read-only hint. Without hints it asks, since the protocol takes an unsaid `destructiveHint`
 * for true. Under `untrusted` it asks too: a hint is the server's word, and only known-safe reads run there.
 * `never` and a category that is switched off turn "ask" into "forbid"; full access with `never` has nobody to ask
 * and no boundary to keep, so there only a destructive hint forbids.
 *
 * @param settings effective, that is, after requirements were applied
 * @returns a verdict; never throws
 * Source: docs/POLICY.md, "Tools".
 */
export function judgeToolCall({ hints, approvalMode }: ToolCall, settings: Settings): ToolCallJudgement {
  const says = (name: keyof ToolHints): boolean | null => {
    const value = Object.hasOwn(hints, name) ? hints[name] : null
    return typeof value === 'boolean' ? value : null
  }
  const destructive = says('destructiveHint')
  const closed = says('openWorldHint') === false
  const reads = says('readOnlyHint') === true
  const { tier, row } = tierOf(destructive, closed, reads)
  const judgement = (
    verdict: ToolCallJudgement['verdict'],
    asks: boolean,
    reason: string,
  ): ToolCallJudgement => ({
    verdict,
    asks,
    tier,
    rows: [row],
    reason,
  })
  const ask = (reason: string): ToolCallJudgement =>
    asksFor('tools', settings)
      ? judgement('review', true, reason)
      : judgement('forbid', true, `${reason} Nobody may be asked about tools (${settings.approvalPolicy}).`)

  if (destructive === true) return ask('The server says that this tool destroys something.')
  if (settings.sandboxMode === 'danger-full-access' && settings.approvalPolicy === 'never')
    return judgement('run', false, 'Full access without questions.')
  if (approvalMode === 'prompt') return ask('The settings of this server ask for each of its tools.')
  if (approvalMode === 'approve')
    return judgement('run', false, 'The settings of this server run its tools without asking.')
  if (settings.approvalPolicy === 'untrusted')
    return ask("What a tool does is its server's word, and untrusted asks for all but known-safe reads.")
  if (reads) return judgement('run', false, 'The server says that this tool only reads.')
  if (destructive === false && closed)
    return judgement('run', false, 'The server says that this tool destroys nothing and stays inside.')
  return ask('The server does not say that this tool only reads, or that it is harmless.')
}

function tierOf(destructive: boolean | null, closed: boolean, reads: boolean): { tier: Tier; row: string } {
  if (destructive === true) return { tier: 'critical', row: 'the server says that it destroys something' }
  if (destructive === null && !reads)
    return { tier: 'serious', row: 'nothing says that what it changes can be brought back' }
  if (!closed) return { tier: 'notable', row: 'others may see it; the server says that it destroys nothing' }
  return { tier: 'routine', row: 'the server says that it destroys nothing and stays inside' }
}
