import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { LogEntry, LogLine } from '../../protocol/log-entry.ts'
import type { Clock } from '../platform/clock.ts'

export const firstPrev = '0'.repeat(64)

/** sha256 in hex of one line without its line break: the link of the chain. */
export const lineHash = (line: string): string => createHash('sha256').update(line, 'utf8').digest('hex')

/**
 * Appends entries to one session log: one JSON object per line, never edited, each with the hash of the
 * line before it.
 *
 * `append` resolves when the line is on the disk. Whoever awaits it before acting can be sure that nothing
 * takes effect unrecorded. After one failed write every later append fails too: a session that cannot be
 * recorded must not go on.
 */
export class SessionLogWriter {
  #last: Promise<void> = Promise.resolve()
  #seq: number
  #prev: string
  readonly #file: FileHandle
  readonly #clock: Clock

  /** @param from where the chain goes on: `seq` of the next line and the hash of the last one */
  constructor(file: FileHandle, clock: Clock, from: { readonly seq: number; readonly prev: string }) {
    this.#file = file
    this.#clock = clock
    this.#seq = from.seq
    this.#prev = from.prev
  }

  /** @returns the line as written, once it is synced. @throws what the disk said, now and for every later call */
  append(entry: LogEntry): Promise<LogLine> {
    const line: LogLine = { seq: this.#seq++, atMs: this.#clock.nowMs(), prev: this.#prev, ...entry }
    const text = JSON.stringify(line)
    this.#prev = lineHash(text)
    const written = this.#last.then(async () => {
      await this.#file.appendFile(`${text}\n`)
      await this.#file.datasync()
    })
    this.#last = written
    // The queue itself must not raise an unhandled rejection; the caller of `append` gets the error.
    written.catch(() => {})
    return written.then(() => line)
  }

  /** Resolves when all that was appended is on the disk and the file is closed. */
  async close(): Promise<void> {
    await this.#last.catch(() => {})
    await this.#file.close()
  }
}
