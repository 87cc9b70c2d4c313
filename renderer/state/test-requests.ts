import { noGrant } from '../../protocol/action.ts'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { ActionId, ApprovalId, SessionId, TurnId } from '../../protocol/ids.ts'

/** A waiting request; name only what matters. */
export function request(id: string, more: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const none = [{ voice: 'host' as const, text: 'none' }]
  return {
    id: id as ApprovalId,
    sessionId: 's-1' as SessionId,
    turnId: 't-1' as TurnId,
    actionId: `${id}-action` as ActionId,
    revision: 1,
    kind: 'runCommand',
    action: { kind: 'command', argv: ['make'], script: null, cwd: '/w', escalation: null },
    verdict: { kind: 'review', origin: { kind: 'sandbox', violations: 0 }, justification: null },
    tier: 'routine',
    tierReasons: [],
    flags: [],
    subject: 'make',
    slots: {
      wants: none,
      changes: none,
      scope: none,
      origin: { pieces: none, itemId: null },
      reach: none,
      history: { pieces: none, ticks: [] },
    },
    contradictions: [],
    agentSays: null,
    evidence: [],
    offers: [{ id: 'once', decision: 'accept', grant: noGrant, label: 'Allow once', sentence: 'once' }],
    editable: 'make',
    echo: null,
    stopsAgent: true,
    digest: '0',
    fingerprint: id,
    requestedAtMs: 0,
    state: { state: 'waiting' },
    context: { session: 's', agent: 'a', folder: '/w', turn: 1, preset: 'Auto' },
    ...more,
  }
}
