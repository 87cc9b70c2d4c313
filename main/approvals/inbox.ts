import {
  type ApprovalRequest,
  type ApprovalState,
  type Decision,
  type InboxState,
  isAllow,
  type WithdrawReason,
} from '../../protocol/approvals.ts'
import { HostError } from '../../protocol/endpoint.ts'
import type { ApprovalId, SessionId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { ReviewerName } from '../../protocol/reviewer.ts'
import type { RuleDraft } from '../../protocol/rule-draft.ts'
import type { Clock } from '../platform/clock.ts'
import { Followers } from './followers.ts'

/** How a question ended. */
export type Answer =
  | { readonly kind: 'decided'; readonly decision: Decision; readonly by: ReviewerName }
  | { readonly kind: 'withdrawn'; readonly reason: WithdrawReason }

export type { WithdrawReason }

export type DecideParams = {
  readonly id: ApprovalId
  readonly revision: number
  readonly offerId: Decision['offerId']
  readonly note?: string | undefined
  readonly editedCommand?: string | undefined
  readonly echo?: string | undefined
  readonly rule?: RuleDraft | undefined
  readonly lookMs: number
}

export type DecideResult =
  | { readonly status: 'recorded'; readonly releaseAtMs: number }
  | { readonly status: 'alreadyDecided'; readonly by: ReviewerName }
  | { readonly status: 'changedSinceShown'; readonly revision: number }
  | { readonly status: 'noLongerNeeded' | 'notOffered' | 'echoWrong' }
  | { readonly status: 'ruleRefused'; readonly why: string }

export type InboxChange =
  | { readonly type: 'request'; readonly request: ApprovalRequest }
  | { readonly type: 'gone'; readonly id: ApprovalId }

type Row = {
  request: ApprovalRequest
  readonly log: (entry: LogEntry) => Promise<unknown>
  readonly settle: (answer: Answer) => void
  pending: { readonly decision: Decision; readonly by: ReviewerName } | null
  cancelRelease: (() => void) | null
  /** A write to the log is under way; no second answer meanwhile. */
  recording: boolean
}

export type InboxOptions = {
  readonly clock: Clock
  /** How long an allow can be taken back, in milliseconds. */
  undoMs(request: ApprovalRequest, offerId: Decision['offerId']): number
  /** Why a rule cannot be the answer to this request; null: it can. */
  checkRule(request: ApprovalRequest, rule: RuleDraft): Promise<string | null>
  /** Saves the rule of an answer, and records what came of it. */
  saveRule(
    request: ApprovalRequest,
    rule: RuleDraft,
    log: (entry: LogEntry) => Promise<unknown>,
  ): Promise<unknown>
}

/** How long an ended request stays in the list, in milliseconds. */
const lingerMs = 60_000

/**
 * All open requests of all sessions. First answer wins; a decision is on the disk before anybody is told; an
 * allow can be taken back until it is released. Requests leave only by an answer or a withdrawal.
 */
export class Inbox {
  readonly #rows = new Map<ApprovalId, Row>()
  readonly #followers = new Followers()
  readonly #listeners = new Set<(change: InboxChange) => void>()
  readonly #clock: Clock
  readonly #options: InboxOptions

  constructor(options: InboxOptions) {
    this.#clock = options.clock
    this.#options = options
  }

  /** Those that are shown: what waits for the answer to another session's question is named in that one. */
  get requests(): readonly ApprovalRequest[] {
    return this.#all.filter((r) => !this.#followers.follows(r.id))
  }

  get #all(): readonly ApprovalRequest[] {
    return [...this.#rows.values()].map((row) => row.request)
  }

  snapshot(recentNotes: readonly string[]): InboxState {
    return { requests: [...this.requests], recentNotes: [...recentNotes] }
  }

  onChange(listener: (change: InboxChange) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Requests that need the person now: parked and released ones do not count, nor others that wait for the same. */
  waiting(sessionId?: SessionId): number {
    return (sessionId === undefined ? this.requests : this.#all).filter(
      (r) => r.state.state === 'waiting' && (sessionId === undefined || r.sessionId === sessionId),
    ).length
  }

  /**
   * Puts a question. The request is on the disk before it is shown.
   *
   * @param isVoid why it is not needed any more; asked when it was written, since that takes a moment
   * @throws what the disk said
   */
  async ask(
    request: ApprovalRequest,
    log: (entry: LogEntry) => Promise<unknown>,
    isVoid: () => WithdrawReason | null = () => null,
  ): Promise<Answer> {
    await log({ type: 'request', actionId: request.actionId, request })
    const reason = isVoid()
    if (reason !== null) {
      await log({ type: 'withdrawn', actionId: request.actionId, approvalId: request.id, reason })
      return { kind: 'withdrawn', reason }
    }
    return new Promise((settle) => {
      const shown = this.#sameAs(request)
      this.#rows.set(request.id, {
        request,
        log,
        settle,
        pending: null,
        cancelRelease: null,
        recording: false,
      })
      if (shown === null) return this.#tell({ type: 'request', request })
      this.#followers.add(shown.request.id, request.id)
      this.#countFollowers(shown)
    })
  }

  async decide(params: DecideParams, by: ReviewerName): Promise<DecideResult> {
    const row = this.#rows.get(params.id)
    if (!row || this.#followers.follows(params.id)) return { status: 'noLongerNeeded' }
    const { request } = row
    const { state } = request
    if (state.state === 'withdrawn') return { status: 'noLongerNeeded' }
    if (state.state === 'decided') return { status: 'alreadyDecided', by: state.by }
    if (state.state === 'releasing' || row.recording)
      return { status: 'alreadyDecided', by: row.pending?.by ?? by }
    if (params.revision !== request.revision)
      return { status: 'changedSinceShown', revision: request.revision }
    const offer = request.offers.find((o) => o.id === params.offerId)
    if (!offer) return { status: 'notOffered' }
    const yes = isAllow(offer.decision)
    // A rule comes with its own answer and with no other.
    if ((offer.id === 'rule') !== (params.rule !== undefined)) return { status: 'notOffered' }
    if (params.rule !== undefined) {
      const why = await this.#options.checkRule(request, params.rule)
      if (why !== null) return { status: 'ruleRefused', why }
      // The check may have taken a moment.
      if (row.recording || row.request.state.state !== state.state) return { status: 'alreadyDecided', by }
    }
    const edited = params.editedCommand ?? null
    // An edit is a new question answered on the spot: once, never lasting, and only where it was offered.
    if (edited !== null && (request.editable === null || offer.decision !== 'accept'))
      return { status: 'notOffered' }
    if (yes && request.echo !== null && params.echo !== request.echo) return { status: 'echoWrong' }

    const decision: Decision = {
      type: offer.decision,
      offerId: offer.id,
      grant: offer.grant,
      note: params.note?.trim() || null,
      editedCommand: edited === null || edited === request.editable ? null : edited,
      ...(params.rule === undefined ? {} : { rule: params.rule }),
    }
    const nowMs = this.#clock.nowMs()
    const releaseAtMs = nowMs + (yes ? this.#options.undoMs(request, offer.id) : 0)
    row.recording = true
    try {
      await row.log({
        type: 'decision',
        actionId: request.actionId,
        approvalId: request.id,
        revision: request.revision,
        digest: request.digest,
        by,
        decision,
        lookMs: Math.round(params.lookMs),
        waitedMs: Math.max(0, nowMs - request.requestedAtMs),
        releaseAtMs,
      })
    } catch (error) {
      // Denying always works; allowing needs the record.
      if (yes) {
        throw new HostError(
          'notRecorded',
          `The answer could not be written to the session log: ${messageOf(error)}`,
        )
      }
    } finally {
      row.recording = false
    }
    // It may have been withdrawn while the line was written.
    if (row.request.state.state === 'withdrawn') return { status: 'noLongerNeeded' }
    row.pending = { decision, by }
    if (releaseAtMs <= nowMs) {
      this.#release(row)
    } else {
      this.#set(row, { state: 'releasing', offerId: offer.id, releaseAtMs })
      row.cancelRelease = this.#clock.after(releaseAtMs - nowMs, () => this.#release(row))
    }
    return { status: 'recorded', releaseAtMs }
  }

  /** Brings a released-to-be answer back. The log keeps both. */
  async undo(id: ApprovalId): Promise<'restored' | 'tooLate'> {
    const row = this.#rows.get(id)
    if (row?.request.state.state !== 'releasing' || row.recording) return 'tooLate'
    row.cancelRelease?.()
    row.cancelRelease = null
    row.pending = null
    row.recording = true
    try {
      await row.log({ type: 'decisionUndone', actionId: row.request.actionId, approvalId: id })
    } finally {
      row.recording = false
    }
    if (row.request.state.state === 'releasing') this.#set(row, { state: 'waiting' })
    return 'restored'
  }

  async park(id: ApprovalId, parked: boolean): Promise<'recorded' | 'noLongerNeeded'> {
    const row = this.#rows.get(id)
    const from = parked ? 'waiting' : 'parked'
    if (this.#followers.follows(id)) return 'noLongerNeeded'
    if (row?.request.state.state !== from) return 'noLongerNeeded'
    await row.log({ type: 'parked', approvalId: id, parked })
    if (row.request.state.state !== from) return 'noLongerNeeded'
    this.#set(row, parked ? { state: 'parked', atMs: this.#clock.nowMs() } : { state: 'waiting' })
    return 'recorded'
  }

  /** Ends open requests without an answer; also such as were answered but not yet released. @returns how many */
  withdraw(which: (request: ApprovalRequest) => boolean, reason: WithdrawReason): number {
    let count = 0
    for (const row of this.#rows.values()) {
      const { state } = row.request.state
      if (state === 'decided' || state === 'withdrawn' || !which(row.request)) continue
      count += 1
      row.cancelRelease?.()
      row.pending = null
      this.#end(row, { state: 'withdrawn', reason, atMs: this.#clock.nowMs() })
      const { actionId, id } = row.request
      const settle = (): void => row.settle({ kind: 'withdrawn', reason })
      row.log({ type: 'withdrawn', actionId, approvalId: id, reason }).then(settle, settle)
    }
    for (const [id, row] of this.#rows) {
      const { state } = row.request.state
      if (state !== 'withdrawn') continue
      const shown = this.#followers.leave(id)
      if (shown === null) continue
      this.#rows.delete(id)
      const other = this.#rows.get(shown)
      if (other) this.#countFollowers(other)
    }
    for (const [id, row] of this.#rows) {
      if (row.request.state.state !== 'withdrawn') continue
      // The oldest of those that still wait takes its place.
      const next = this.#followers.promote(id)
      const other = next === null ? undefined : this.#rows.get(next)
      if (other) this.#countFollowers(other)
    }
    return count
  }

  #release(row: Row): void {
    const { pending } = row
    if (!pending) return
    row.cancelRelease = null
    row.pending = null
    this.#end(row, {
      state: 'decided',
      decision: pending.decision.type,
      by: pending.by,
      atMs: this.#clock.nowMs(),
    })
    const settle = (): void => row.settle({ kind: 'decided', decision: pending.decision, by: pending.by })
    this.#answerFollowers(row, pending)
    const { rule } = pending.decision
    if (rule === undefined) return settle()
    // Saved when it can no longer be taken back. Without it this one answer still stands.
    this.#options.saveRule(row.request, rule, row.log).then(settle, settle)
  }

  /** Whoever waits for the same gets the same answer, in a decision of its own log. It is told once that is written. */
  #answerFollowers(row: Row, { decision, by }: NonNullable<Row['pending']>): void {
    for (const id of this.#followers.of(row.request.id)) {
      const follower = this.#rows.get(id)
      if (!follower) continue
      const { request } = follower
      const nowMs = this.#clock.nowMs()
      // Stopping is for the session that it was said to; a denial is what the others hear.
      const offerId = decision.offerId === 'denyStop' ? 'deny' : decision.offerId
      const offer = request.offers.find((o) => o.id === offerId)
      if (!offer) {
        this.withdraw((r) => r.id === id, 'answeredOtherwise')
        continue
      }
      const own: Decision = { ...decision, type: offer.decision, offerId, grant: offer.grant }
      this.#end(follower, { state: 'decided', decision: own.type, by, atMs: nowMs })
      follower
        .log({
          type: 'decision',
          actionId: request.actionId,
          approvalId: id,
          revision: request.revision,
          digest: request.digest,
          by,
          decision: own,
          lookMs: 0,
          waitedMs: Math.max(0, nowMs - request.requestedAtMs),
          releaseAtMs: nowMs,
        })
        .then(
          () => follower.settle({ kind: 'decided', decision: own, by }),
          // Without its record nothing is allowed.
          () => follower.settle({ kind: 'withdrawn', reason: 'sessionEnded' }),
        )
    }
  }

  /** The open question of another session about the same host; null: there is none that can still be answered for both. */
  #sameAs({ action, fingerprint, sessionId, offers }: ApprovalRequest): Row | null {
    if (action.kind !== 'hostAccess') return null
    const ids = offers.map((o) => o.id).join(' ')
    for (const row of this.#rows.values()) {
      const { request } = row
      if (request.fingerprint !== fingerprint || request.sessionId === sessionId) continue
      if (row.recording || this.#followers.follows(request.id)) continue
      if (request.state.state !== 'waiting') continue
      if (request.offers.map((o) => o.id).join(' ') === ids) return row
    }
    return null
  }

  /** Says in the question that is shown who else waits. What is shown changes, so its revision does. */
  #countFollowers(row: Row): void {
    const waiting = this.#followers.of(row.request.id).flatMap((id) => this.#rows.get(id)?.request ?? [])
    const { alsoFor: _before, ...request } = row.request
    const alsoFor = waiting.map(({ sessionId, context }) => ({ sessionId, title: context.session }))
    row.request = {
      ...request,
      revision: request.revision + 1,
      ...(alsoFor.length > 0 ? { alsoFor } : {}),
    }
    this.#tell({ type: 'request', request: row.request })
  }

  #end(row: Row, state: ApprovalState): void {
    this.#set(row, state)
    const { id } = row.request
    this.#clock.after(lingerMs, () => {
      const shown = !this.#followers.follows(id)
      this.#followers.leave(id)
      this.#rows.delete(id)
      if (shown) this.#tell({ type: 'gone', id })
    })
  }

  #set(row: Row, state: ApprovalState): void {
    row.request = { ...row.request, state }
    if (!this.#followers.follows(row.request.id)) this.#tell({ type: 'request', request: row.request })
  }

  #tell(change: InboxChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
