import type { SessionId } from '../../protocol/ids.ts'
import type { LogLine } from '../../protocol/log-entry.ts'
import type { SessionSummary } from '../../protocol/sessions.ts'
import type { DecisionHistory } from '../approvals/decision-history.ts'
import type { LiveSession } from '../pipeline/run-session.ts'
import type { SessionStore } from '../sessions/session-store.ts'

type Change = { readonly type: 'session'; readonly session: SessionSummary }

/** All sessions, running and past: what lists and menus show. Past ones are read from their logs at start. */
export class SessionDirectory {
  readonly live = new Map<SessionId, LiveSession>()
  readonly #past = new Map<SessionId, SessionSummary>()
  readonly #listeners = new Set<(change: Change) => void>()
  readonly #store: SessionStore
  readonly #history: DecisionHistory
  /** Told of every past log, line by line read once: what is learnt from the past. */
  readonly #readers = new Set<(lines: readonly LogLine[]) => void>()
  complete = false
  readonly #done = Promise.withResolvers<void>()

  constructor(store: SessionStore, history: DecisionHistory) {
    this.#store = store
    this.#history = history
  }

  onPastLog(reader: (lines: readonly LogLine[]) => void): void {
    this.#readers.add(reader)
  }

  /** Reads every log, newest first; closes what a stopped app left open. Logs of running sessions are left alone. */
  async load(): Promise<void> {
    for (const id of await this.#store.list()) {
      if (this.live.has(id) || this.#past.has(id)) continue
      try {
        const past = await this.#store.recover(id)
        if (!past) continue
        this.#history.addLog(past.lines)
        for (const listener of this.#readers) listener(past.lines)
        this.#set(past.summary)
      } catch {
        // A log that cannot be opened at all is listed by nobody; `gatehouse audit verify` names it.
      }
    }
    this.complete = true
    this.#done.resolve()
  }

  /** Resolves when every log was read. */
  get whenComplete(): Promise<void> {
    return this.#done.promise
  }

  get summaries(): SessionSummary[] {
    const live = [...this.live.values()].map((s) => s.feed.summary)
    const past = [...this.#past.values()].filter((s) => !this.live.has(s.id))
    return [...live, ...past].toSorted((a, b) => b.startedAtMs - a.startedAtMs)
  }

  /** Follows a running session until it ends. */
  add(session: LiveSession): void {
    this.live.set(session.id, session)
    session.feed.watch((change) => {
      if (change.type === 'summary') this.#tell(change.summary)
    })
    session.feed.emitSummary()
  }

  /** A session ended: from now on it is read from its log. */
  retire(id: SessionId): void {
    const session = this.live.get(id)
    if (!session) return
    const { summary } = session.feed
    this.live.delete(id)
    this.#set(summary)
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #set(summary: SessionSummary): void {
    this.#past.set(summary.id, summary)
    this.#tell(summary)
  }

  #tell(session: SessionSummary): void {
    for (const listener of this.#listeners) listener({ type: 'session', session })
  }
}
