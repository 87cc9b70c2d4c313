import type { ActionId, ItemId, TurnId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { Item, SessionChange, SessionSummary, TerminalInfo } from '../../protocol/sessions.ts'
import type { Clock } from '../platform/clock.ts'
import { SessionProjection } from '../sessions/project-session.ts'
import type { SessionLogWriter } from '../sessions/session-log-writer.ts'
import { plain } from './plain-output.ts'

/** Output of a running command that the conversation shows live; the terminal shows all of it. Characters. */
const liveOutputLimit = 32 * 1024
const coalesceMs = 40

/**
 * What a session's watchers see: the log's projection, plus what is not yet in the log (text being written,
 * output of running commands, queued messages).
 */
export class SessionFeed {
  readonly projection = new SessionProjection()
  readonly #writer: SessionLogWriter
  readonly #clock: Clock
  readonly #listeners = new Set<(change: SessionChange) => void>()
  readonly #drafts = new Map<ItemId, Extract<Item, { type: 'agent' }>>()
  readonly #queued = new Map<ItemId, Extract<Item, { type: 'user' }>>()
  readonly #live = new Map<ActionId, string>()
  readonly #pending = new Map<ItemId, string>()
  #flushing = false
  #failure: Error | null = null
  /** Raised when a line could not be written; the session stops. */
  onLogFailure: (error: unknown) => void = () => {}
  /** What the inbox and the run state add to the summary. */
  decorate: (summary: SessionSummary) => SessionSummary = (s) => s

  constructor(writer: SessionLogWriter, clock: Clock) {
    this.#writer = writer
    this.#clock = clock
  }

  /** Resolves when the entry is on the disk; watchers hear of it only then. */
  async append(entry: LogEntry): Promise<void> {
    let line: Awaited<ReturnType<SessionLogWriter['append']>>
    if (this.#failure) throw this.#failure
    try {
      line = await this.#writer.append(entry)
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
      this.onLogFailure(error)
      throw error
    }
    if (entry.type === 'message') this.#drafts.delete(entry.itemId)
    if (entry.type === 'outcome') this.#live.delete(entry.actionId)
    for (const change of this.projection.apply(line))
      this.emit(change.type === 'summary' ? { type: 'summary', summary: this.summary } : change)
  }

  get summary(): SessionSummary {
    return this.decorate(this.projection.summary as SessionSummary)
  }

  get items(): Item[] {
    const items = this.projection.items.map((item) => {
      const output =
        item.type === 'action' && item.state === 'running' ? this.#live.get(item.actionId) : undefined
      return output === undefined || item.type !== 'action' ? item : { ...item, output }
    })
    return [...items, ...this.#drafts.values(), ...this.#queued.values()]
  }

  watch(listener: (change: SessionChange) => void): () => void {
    this.#flush()
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  emit(change: SessionChange): void {
    for (const listener of this.#listeners) listener(change)
  }

  emitSummary(): void {
    if (this.projection.summary) this.emit({ type: 'summary', summary: this.summary })
  }

  terminal(terminal: TerminalInfo): void {
    this.emit({ type: 'terminal', terminal })
  }

  /** Starts a message that is shown while it is written and logged when it ends. */
  draft(
    id: ItemId,
    turnId: TurnId | null,
    voice: 'message' | 'thought',
  ): { append(text: string): void; end(): Promise<void> } {
    let item: Extract<Item, { type: 'agent' }> = {
      id,
      turnId,
      atMs: this.#clock.nowMs(),
      type: 'agent',
      voice,
      text: '',
      streaming: true,
    }
    this.#drafts.set(id, item)
    this.emit({ type: 'item', item })
    return {
      append: (text) => {
        item = { ...item, text: item.text + text }
        this.#drafts.set(id, item)
        this.#delta(id, text)
      },
      end: async () => {
        this.#flush()
        await this.append({ type: 'message', itemId: id, turnId, voice, text: item.text })
      },
    }
  }

  output(actionId: ActionId, chunk: Uint8Array): void {
    const before = this.#live.get(actionId) ?? ''
    if (before.length >= liveOutputLimit) return
    const text = plain(chunk).slice(0, liveOutputLimit - before.length)
    this.#live.set(actionId, before + text)
    const item = this.projection.actionItem(actionId)
    if (item && text !== '') this.#delta(item.id, text)
  }

  queue(id: ItemId, text: string): void {
    const item = { id, turnId: null, atMs: this.#clock.nowMs(), type: 'user' as const, text, queued: true }
    this.#queued.set(id, item)
    this.emit({ type: 'item', item })
  }

  unqueue(id: ItemId): void {
    if (this.#queued.delete(id)) this.emit({ type: 'itemGone', itemId: id })
  }

  async close(): Promise<void> {
    this.#flush()
    await this.#writer.close()
  }

  #delta(id: ItemId, text: string): void {
    this.#pending.set(id, (this.#pending.get(id) ?? '') + text)
    if (this.#flushing) return
    this.#flushing = true
    this.#clock.after(coalesceMs, () => this.#flush())
  }

  #flush(): void {
    this.#flushing = false
    for (const [itemId, text] of this.#pending) this.emit({ type: 'delta', itemId, text })
    this.#pending.clear()
  }
}
