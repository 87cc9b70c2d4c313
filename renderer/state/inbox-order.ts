import type { ApprovalRequest, Tier } from '../../protocol/approvals.ts'
import type { ApprovalId } from '../../protocol/ids.ts'

export type Section = 'stops' | 'continues' | 'answered' | 'parked'

/** A row and where it stands. Kept apart from the requests, because a list under a hand must not move. */
export type Placed = { readonly id: ApprovalId; readonly section: Section }

const tiers: readonly Tier[] = ['critical', 'serious', 'notable', 'routine']

/** How long an answered request stays in the list, in milliseconds. */
export const answeredMs = 60_000
/** How long a request nobody needs any more stays, in milliseconds. */
export const withdrawnMs = 5_000

/** null: no longer in the list. */
export function sectionOf(request: ApprovalRequest, nowMs: number): Section | null {
  const { state } = request
  switch (state.state) {
    case 'waiting':
      return request.stopsAgent ? 'stops' : 'continues'
    case 'parked':
      return 'parked'
    case 'releasing':
      return 'answered'
    case 'decided':
      return nowMs - state.atMs < answeredMs ? 'answered' : null
    case 'withdrawn':
      return nowMs - state.atMs < withdrawnMs ? 'answered' : null
  }
}

const sections: readonly Section[] = ['stops', 'continues', 'answered', 'parked']

/** What stops a whole agent first, then Critical to Routine, then the oldest. Answered ones: newest first. */
export function place(requests: Iterable<ApprovalRequest>, nowMs: number): readonly Placed[] {
  return [...requests]
    .flatMap((request) => {
      const section = sectionOf(request, nowMs)
      return section ? [{ request, section }] : []
    })
    .toSorted((a, b) => {
      const bySection = sections.indexOf(a.section) - sections.indexOf(b.section)
      if (bySection !== 0) return bySection
      if (a.section === 'answered') return endOf(b.request) - endOf(a.request)
      const byTier = tiers.indexOf(a.request.tier) - tiers.indexOf(b.request.tier)
      if (byTier !== 0) return byTier
      return a.request.requestedAtMs - b.request.requestedAtMs || (a.request.id < b.request.id ? -1 : 1)
    })
    .map(({ request, section }) => ({ id: request.id, section }))
}

function endOf({ state, requestedAtMs }: ApprovalRequest): number {
  switch (state.state) {
    case 'releasing':
      return state.releaseAtMs
    case 'decided':
    case 'withdrawn':
    case 'parked':
      return state.atMs
    case 'waiting':
      return requestedAtMs
  }
}

/** How long after a key the list stays still, in milliseconds. */
export const stillAfterKeyMs = 2000

/** Whether a hand is on the list. */
export type Touch = { readonly pointerOver: boolean; readonly lastKeyMs: number }

export const isStill = (touch: Touch, nowMs: number): boolean =>
  touch.pointerOver || nowMs - touch.lastKeyMs < stillAfterKeyMs

/**
 * What the list shows next. Quiet: the true order. Under a hand: exactly the rows there were, in their places,
 * with what came meanwhile counted aside.
 */
export function settle(
  shown: readonly Placed[],
  wanted: readonly Placed[],
  still: boolean,
): { readonly shown: readonly Placed[]; readonly arrivals: readonly ApprovalId[] } {
  if (!still || shown.length === 0) return { shown: wanted, arrivals: [] }
  const known = new Set(shown.map(({ id }) => id))
  const arrivals = wanted.filter(({ id, section }) => !known.has(id) && section !== 'answered')
  return { shown, arrivals: arrivals.map(({ id }) => id) }
}
