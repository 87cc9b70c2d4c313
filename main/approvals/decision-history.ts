import { isAllow } from '../../protocol/approvals.ts'
import type { LogLine } from '../../protocol/log-entry.ts'

export type PastAnswer = {
  readonly outcome: 'allowed' | 'denied' | 'unanswered'
  readonly atMs: number
  readonly note: string | null
}

/** How equal questions were answered before, in the same folder. Rebuilt from the logs at start. */
export class DecisionHistory {
  readonly #answers = new Map<string, PastAnswer[]>()
  #notes: string[] = []

  /** Equal questions in one folder, oldest first; at most the newest 20. */
  of(folder: string, fingerprint: string): readonly PastAnswer[] {
    return this.#answers.get(`${folder}\0${fingerprint}`) ?? []
  }

  /** The last four different reasons given with a denial, newest first. */
  get recentNotes(): readonly string[] {
    return this.#notes
  }

  add(folder: string, fingerprint: string, answer: PastAnswer): void {
    const where = `${folder}\0${fingerprint}`
    const list = this.#answers.get(where) ?? []
    list.push(answer)
    this.#answers.set(where, list.slice(-20))
    if (answer.outcome === 'denied' && answer.note)
      this.#notes = [answer.note, ...this.#notes.filter((n) => n !== answer.note)].slice(0, 4)
  }

  /** Takes in one session's log. */
  addLog(lines: readonly LogLine[]): void {
    const first = lines[0]
    if (first?.type !== 'sessionStart') return
    const fingerprints = new Map<string, string>()
    const undone = new Set(
      lines.filter((l) => l.type === 'decisionUndone').map((l) => l.approvalId as string),
    )
    for (const line of lines) {
      if (line.type === 'request') fingerprints.set(line.request.id, line.request.fingerprint)
      const approvalId = line.type === 'decision' || line.type === 'withdrawn' ? line.approvalId : null
      const fingerprint = approvalId === null ? undefined : fingerprints.get(approvalId)
      if (fingerprint === undefined) continue
      if (line.type === 'withdrawn')
        this.add(first.folder, fingerprint, { outcome: 'unanswered', atMs: line.atMs, note: null })
      else if (line.type === 'decision' && !undone.has(line.approvalId)) {
        const allowed = isAllow(line.decision.type)
        this.add(first.folder, fingerprint, {
          outcome: allowed ? 'allowed' : 'denied',
          atMs: line.atMs,
          note: line.decision.note,
        })
      }
    }
  }
}
