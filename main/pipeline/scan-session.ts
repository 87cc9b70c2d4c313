import type { Found } from '../sandbox/backend.ts'
import { hardLinkWords } from '../sandbox/scan-workspace.ts'

export type ScanPorts = {
  /** Walks the workspace; ends early when the signal is aborted. */
  scan(signal: AbortSignal): Promise<Found>
  notice(title: string, detail: string): Promise<void>
  /** The boundary has more to close than before. */
  changed(): Promise<void>
}

/** What one walk through a session's workspace found, in the background of its first turn. */
export class SessionScan {
  #found: Found | null = null
  readonly #abort = new AbortController()
  readonly done: Promise<void>

  constructor(ports: ScanPorts) {
    this.done = this.#run(ports)
  }

  /** null until the walk ended. */
  get found(): Found | null {
    return this.#found
  }

  end(): void {
    this.#abort.abort()
  }

  async #run({ scan, notice, changed }: ScanPorts): Promise<void> {
    const found = await scan(this.#abort.signal).catch(() => null)
    // Nothing more is told of a session that ended, and what could not be walked is not known.
    if (found === null || this.#abort.signal.aborted) return
    this.#found = found
    const words = hardLinkWords(found)
    try {
      if (words) await notice(words.title, words.detail)
      if (found.gitDirs.length > 0) await changed()
    } catch {
      // Only a log that cannot be written leads here, which stops the session by itself.
    }
  }
}
