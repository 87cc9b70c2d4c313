import type { Action } from '../../protocol/action.ts'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { ActionId, ApprovalId, SessionId, TurnId } from '../../protocol/ids.ts'
import { buildRequest, type RequestFacts } from '../approvals/build-request.ts'
import type { DecodedCommand } from '../policy/shell/command-part.ts'
import { shell } from './builders.ts'
import { decode } from './decoder.ts'

/** A real card for a command, with only what matters named. */
export const approvalRequest = (
  more: Partial<ApprovalRequest> = {},
  facts: Partial<RequestFacts> = {},
): ApprovalRequest => ({
  ...buildRequest({
    decoded: decodedOf(facts.action ?? shell('make')),
    id: 'ap_1' as ApprovalId,
    sessionId: 'se_1' as SessionId,
    turnId: 'tn_1' as TurnId,
    actionId: 'ac_1' as ActionId,
    action: shell('make'),
    verdict: {
      kind: 'review',
      origin: { kind: 'settings', sandboxMode: 'read-only', approvalPolicy: 'on-request' },
      justification: null,
    },
    agentSays: null,
    folder: '/home/dana/w',
    home: '/home/dana',
    requestedAtMs: 1_000_000,
    past: [],
    origin: { words: 'stands in your message', foreign: null, itemId: null },
    protectedPath: false,
    ranOnce: false,
    context: { session: 'w', agent: 'Demo', folder: 'w @ main', turn: 1, preset: 'Auto' },
    ...facts,
  }),
  ...more,
})

const decodedOf = (action: Action): DecodedCommand | null =>
  action.kind === 'command' ? decode(action.argv) : null
