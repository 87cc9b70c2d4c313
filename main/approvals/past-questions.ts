import type { Action } from '../../protocol/action.ts'
import type { ApprovalRequest, RequestKind } from '../../protocol/approvals.ts'
import type { ApprovalId, SessionId } from '../../protocol/ids.ts'
import type { LogLine } from '../../protocol/log-entry.ts'

/** One question of the past with its answer: what a rule or a preset is tried on. */
export type PastQuestion = {
  readonly sessionId: SessionId
  readonly approvalId: ApprovalId
  readonly atMs: number
  readonly folder: string
  readonly kind: RequestKind
  /** Without file contents and diffs. */
  readonly action: Action
  readonly outcome: 'allowed' | 'denied' | 'unanswered'
  readonly note: string | null
}

/** Older questions say little about today; more than this many would not be looked at. */
const keepMs = 90 * 86_400_000
const keepCount = 20_000

/** Every question that was asked, from all logs and from the sessions that run. Rebuilt at start. */
export class PastQuestions {
  #questions = new Map<ApprovalId, PastQuestion>()

  /** Newest first, not older than `sinceMs`; of one folder, or of all (null). */
  since(sinceMs: number, folder: string | null): readonly PastQuestion[] {
    return [...this.#questions.values()]
      .filter((q) => q.atMs >= sinceMs && (folder === null || q.folder === folder))
      .toSorted((a, b) => b.atMs - a.atMs)
  }

  add(request: ApprovalRequest, folder: string, outcome: PastQuestion['outcome'], note: string | null): void {
    this.#questions.delete(request.id)
    this.#questions.set(request.id, {
      sessionId: request.sessionId,
      approvalId: request.id,
      atMs: request.requestedAtMs,
      folder,
      kind: request.kind,
      action: light(request.action),
      outcome,
      note,
    })
    for (const id of this.#questions.keys()) {
      if (this.#questions.size <= keepCount) break
      this.#questions.delete(id)
    }
  }

  /** Takes in one session's log. */
  addLog(lines: readonly LogLine[], nowMs: number): void {
    const first = lines[0]
    if (first?.type !== 'sessionStart') return
    const requests = new Map<string, ApprovalRequest>()
    const undone = new Set(
      lines.flatMap((l) => (l.type === 'decisionUndone' ? [l.approvalId as string] : [])),
    )
    for (const line of lines) {
      if (line.type === 'request') requests.set(line.request.id, line.request)
      if (line.type !== 'decision' && line.type !== 'withdrawn') continue
      const request = requests.get(line.approvalId)
      if (!request || request.requestedAtMs < nowMs - keepMs) continue
      if (line.type === 'withdrawn') this.add(request, first.folder, 'unanswered', null)
      else if (!undone.has(line.approvalId)) {
        const no = line.decision.type === 'decline' || line.decision.type === 'cancel'
        this.add(request, first.folder, no ? 'denied' : 'allowed', line.decision.note)
      }
    }
  }
}

const light = (action: Action): Action =>
  action.kind === 'fileChange'
    ? { ...action, edits: action.edits.map((e) => ({ ...e, content: null, diff: '' })) }
    : action
