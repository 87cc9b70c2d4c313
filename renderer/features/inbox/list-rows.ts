import type { ApprovalRequest } from '../../../protocol/approvals.ts'
import type { ApprovalId } from '../../../protocol/ids.ts'
import type { InboxRow } from '../../state/inbox.ts'
import type { Placed, Section } from '../../state/inbox-order.ts'

export type InboxTab = 'needs' | 'parked' | 'answered'

const sectionsOf: Readonly<Record<InboxTab, readonly Section[]>> = {
  needs: ['stops', 'continues', 'answered'],
  parked: ['parked'],
  answered: ['answered'],
}

/** The rows of a tab, in the order they are drawn. */
export const rowsOf = (tab: InboxTab, shown: readonly Placed[]): readonly Placed[] =>
  shown.filter(({ section }) => sectionsOf[tab].includes(section))

/** The row above or below; the ends hold. The first row when none is current. */
export function step(rows: readonly Placed[], from: ApprovalId | null, by: 1 | -1): ApprovalId | null {
  const at = rows.findIndex(({ id }) => id === from)
  if (at === -1) return rows[0]?.id ?? null
  return rows[Math.min(rows.length - 1, Math.max(0, at + by))]?.id ?? null
}

/**
 * What comes up after an answer: the next waiting row of the same session, then the next of the list. null when
 * that one is Serious or higher, so that it does not slide under a hand that is answering.
 */
export function nextAfterAnswer(
  rows: readonly Placed[],
  byId: ReadonlyMap<ApprovalId, InboxRow>,
  answered: Pick<ApprovalRequest, 'id' | 'sessionId'>,
): ApprovalId | null {
  const at = rows.findIndex(({ id }) => id === answered.id)
  const ahead = [...rows.slice(at + 1), ...rows.slice(0, Math.max(0, at))].flatMap(({ id }) => {
    const request = byId.get(id)?.request
    return request?.state.state === 'waiting' && id !== answered.id ? [request] : []
  })
  const next = ahead.find(({ sessionId }) => sessionId === answered.sessionId) ?? ahead[0]
  return next && (next.tier === 'routine' || next.tier === 'notable') ? next.id : null
}
