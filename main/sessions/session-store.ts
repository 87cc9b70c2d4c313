import { mkdir, open, readdir, truncate } from 'node:fs/promises'
import path from 'node:path'
import type { ItemId, SessionId } from '../../protocol/ids.ts'
import type { LogEntry, LogLine } from '../../protocol/log-entry.ts'
import type { SessionSummary } from '../../protocol/sessions.ts'
import type { Clock } from '../platform/clock.ts'
import type { Ids } from '../platform/ids.ts'
import { SessionProjection } from './project-session.ts'
import { type LogRead, readLog } from './session-log-reader.ts'
import { firstPrev, SessionLogWriter } from './session-log-writer.ts'

export type PastSession = {
  readonly projection: SessionProjection
  readonly summary: SessionSummary
  readonly lines: readonly LogLine[]
}

/** The logs of all sessions below one home: `sessions/YYYY/MM/DD/<id>.jsonl`. */
export class SessionStore {
  readonly #root: string
  readonly #clock: Clock
  readonly #ids: Ids
  readonly #files = new Map<SessionId, string>()

  constructor(home: string, clock: Clock, ids: Ids) {
    this.#root = path.join(home, 'sessions')
    this.#clock = clock
    this.#ids = ids
  }

  /** A new log. The file must not exist yet. */
  async create(id: SessionId): Promise<SessionLogWriter> {
    const [year, month, day] = new Date(this.#clock.nowMs()).toISOString().slice(0, 10).split('-') as [
      string,
      string,
      string,
    ]
    const folder = path.join(this.#root, year, month, day)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const file = path.join(folder, `${id}.jsonl`)
    const handle = await open(file, 'ax', 0o600)
    // The name itself must survive a power cut, too.
    const dir = await open(folder, 'r')
    try {
      await dir.sync()
    } finally {
      await dir.close()
    }
    this.#files.set(id, file)
    return new SessionLogWriter(handle, this.#clock, { seq: 0, prev: firstPrev })
  }

  /** Every log file, newest first. */
  async list(): Promise<readonly SessionId[]> {
    const entries = await readdir(this.#root, { recursive: true, withFileTypes: true }).catch(() => [])
    const files = entries.filter((e) => e.isFile() && /^[A-Za-z0-9_-]{1,64}\.jsonl$/.test(e.name))
    for (const e of files) this.#files.set(e.name.slice(0, -6) as SessionId, path.join(e.parentPath, e.name))
    return files
      .map((e) => e.name.slice(0, -6) as SessionId)
      .toSorted()
      .reverse()
  }

  fileOf(id: SessionId): string | null {
    return this.#files.get(id) ?? null
  }

  /** Reads one log as it stands. null when there is none or not even its first line can be read. */
  async read(id: SessionId): Promise<PastSession | null> {
    const file = this.#files.get(id)
    if (file === undefined) return null
    return present(await readLog(file))
  }

  /**
   * Reads a log that no host works on any more. What a stopped app left open is closed in it: questions are
   * "not answered: the app stopped", runs are cut short, the turn and the session end. A log with a problem
   * is left exactly as it is.
   */
  async recover(id: SessionId): Promise<PastSession | null> {
    const file = this.#files.get(id)
    if (file === undefined) return null
    const read = await readLog(file)
    const past = present(read)
    if (!past || past.projection.ended || read.problem) return past
    await truncate(file, read.next.bytes)
    const writer = new SessionLogWriter(await open(file, 'a'), this.#clock, read.next)
    const lines = [...read.lines]
    for (const entry of closing(past.projection, this.#ids)) lines.push(await writer.append(entry))
    await writer.close()
    return present({ ...read, lines, torn: false })
  }
}

function present(read: LogRead): PastSession | null {
  const projection = new SessionProjection()
  for (const line of read.lines) projection.apply(line)
  const { summary } = projection
  if (!summary) return null
  const { problem } = read
  const logProblem = problem
    ? `Line ${problem.line} of the log ${problem.what}. What stands before it is shown.`
    : null
  return { projection, summary: { ...summary, logProblem }, lines: read.lines }
}

/** What to add to a log whose host is gone. */
export function closing(projection: SessionProjection, ids: Ids): readonly LogEntry[] {
  const entries: LogEntry[] = []
  for (const [approvalId, actionId] of projection.open)
    entries.push({ type: 'withdrawn', approvalId, actionId, reason: 'appStopped' })
  for (const item of projection.items) {
    if (item.type !== 'action') continue
    // `releasing` was decided and never started; `running` may have done a part of its work.
    if (item.state !== 'running' && item.state !== 'releasing' && item.state !== 'judging') continue
    if (item.approvalId !== null && projection.open.has(item.approvalId)) continue
    entries.push({
      type: 'outcome',
      actionId: item.actionId,
      status: item.state === 'running' ? 'cutShort' : 'notStarted',
      exitCode: null,
      signal: null,
      durationMs: 0,
      output: '',
      outputBytes: 0,
      violations: [],
      problem:
        item.state === 'running' ? 'The app stopped while it ran.' : 'The app stopped before it started.',
    })
  }
  if (projection.openTurn !== null)
    entries.push({
      type: 'turnEnd',
      turnId: projection.openTurn as never,
      itemId: ids.next('it') as ItemId,
      reason: 'appStopped',
      detail: null,
    })
  entries.push({
    type: 'sessionEnd',
    reason: 'appStopped',
    detail: 'The app stopped. All that was acknowledged is here.',
  })
  return entries
}
