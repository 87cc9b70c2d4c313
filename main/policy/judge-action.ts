import type { Action, Grant } from '../../protocol/action.ts'
import type { ApprovalId } from '../../protocol/ids.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { Origin, Verdict } from '../../protocol/verdict.ts'
import { notKnownSafe } from './known-safe.ts'

/** Facts about an action that policy cannot see from the action alone; gathered at the edge. */
export type ActionFacts = {
  /** A session grant that already covers everything the action asks for. */
  readonly grantedBy: ApprovalId | null
  /** The same question was denied earlier in this turn. */
  readonly denied: { readonly approvalId: ApprovalId; readonly note: string | null } | null
  /** Of the paths an edit touches: the first inside a protected path, and the first outside every writable root. */
  readonly protectedPath: string | null
  readonly outsidePath: string | null
}

export const noFacts: ActionFacts = { grantedBy: null, denied: null, protectedPath: null, outsidePath: null }

/**
 * Judges one action: run it, send it to a reviewer, or forbid it.
 *
 * `never` turns "ask" into "forbid", but does not forbid what the sandbox bounds anyway: an unattended session
 * stays inside instead of hanging on a prompt. A denial is final for its turn, for the same question.
 * `danger-full-access` has no boundary to leave, so only `untrusted` asks there.
 *
 * @param settings effective, that is, after requirements were applied
 * @returns a verdict; never throws
 * Source: docs/SECURITY-MODEL.md, "When it asks"; seed 001, "Common combinations".
 */
export function judgeAction(action: Action, facts: ActionFacts, settings: Settings): Verdict {
  const bySettings: Origin = {
    kind: 'settings',
    sandboxMode: settings.sandboxMode,
    approvalPolicy: settings.approvalPolicy,
  }
  const reason = action.escalation?.reason ?? null
  const run = (origin: Origin): Verdict => ({ kind: 'run', origin, justification: null })
  const ask = (origin: Origin): Verdict => ({
    kind: settings.approvalPolicy === 'never' ? 'forbid' : 'review',
    origin,
    justification: reason,
  })

  if (facts.denied) {
    const { approvalId, note } = facts.denied
    return { kind: 'forbid', origin: { kind: 'alreadyDenied', approvalId, note }, justification: note }
  }
  if (facts.grantedBy) return run({ kind: 'sessionGrant', approvalId: facts.grantedBy })

  const bounded = settings.sandboxMode !== 'danger-full-access'
  switch (action.kind) {
    case 'command': {
      if (action.escalation && bounded) {
        const { source, violations } = action.escalation
        const origin: Origin =
          source === 'observed' ? { kind: 'sandbox', violations: violations.length } : bySettings
        return ask(origin)
      }
      const unsafe = notKnownSafe(action.argv)
      if (unsafe === null) return run({ kind: 'knownSafe', command: action.argv[0] ?? '' })
      if (settings.approvalPolicy === 'untrusted') return ask(bySettings)
      if (settings.sandboxMode === 'read-only' && settings.approvalPolicy === 'on-request')
        return ask(bySettings)
      return run(bySettings)
    }
    case 'fileChange': {
      if (!bounded) return run(bySettings)
      if (facts.protectedPath !== null) return ask({ kind: 'protectedPath', path: facts.protectedPath })
      if (facts.outsidePath !== null) return ask({ kind: 'outsideWorkspace', path: facts.outsidePath })
      return settings.sandboxMode === 'read-only' ? ask(bySettings) : run(bySettings)
    }
    case 'input':
      // Typing into a program that left the boundary is as much as running something outside it.
      return action.outside && bounded ? ask(bySettings) : run(bySettings)
    case 'permissions':
      return bounded ? ask(bySettings) : run(bySettings)
  }
}

/** Whether `wide` gives everything `narrow` asks for. */
export function covers(wide: Grant, narrow: Grant): boolean {
  if (wide.unsandboxed) return true
  if (narrow.unsandboxed) return false
  if (narrow.network && !wide.network) return false
  return narrow.writePaths.every((path) =>
    wide.writePaths.some(
      (given) => path === given || path.startsWith(given.endsWith('/') ? given : `${given}/`),
    ),
  )
}
