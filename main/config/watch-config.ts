import type { FSWatcher } from 'node:fs'
import { watch } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** How often all files are looked at; notices of the system only make it faster. */
const pollMs = 500
/** A change is told once nothing has changed for this long: editors write in several steps. */
const quietMs = 80

/**
 * Tells when any of some files or folders appears, changes or goes, within a second. What the system says about
 * changes is used where it works; looking every half second does not depend on it.
 */
export class ConfigWatch {
  readonly #told: () => void
  #files: readonly string[] = []
  #seen = ''
  #watchers = new Map<string, FSWatcher>()
  #poll: ReturnType<typeof setInterval> | null = null
  #quiet: ReturnType<typeof setTimeout> | null = null
  #looking = false
  #ended = false

  /** @param told called after a change came to rest */
  constructor(told: () => void) {
    this.#told = told
  }

  /** Replaces the files that are watched. What they are like now counts as known. */
  async watch(files: readonly string[]): Promise<void> {
    this.#files = files
    const seen = await signature(files)
    if (this.#ended || this.#files !== files) return
    this.#seen = seen
    this.#listen(new Set(files.map((file) => dirname(file))))
    if (this.#poll) return
    this.#poll = setInterval(() => void this.#look(), pollMs)
    this.#poll.unref()
  }

  dispose(): void {
    this.#ended = true
    if (this.#poll) clearInterval(this.#poll)
    if (this.#quiet) clearTimeout(this.#quiet)
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  /** Folders that do not exist yet are left to the look every half second. */
  #listen(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue
      try {
        const watcher = watch(folder, { persistent: false }, () => this.#later())
        const drop = (): void => {
          watcher.close()
          this.#watchers.delete(folder)
        }
        watcher.on('error', drop)
        this.#watchers.set(folder, watcher)
      } catch {
        // No such folder, or no watches left.
      }
    }
  }

  #later(): void {
    if (this.#ended) return
    if (this.#quiet) clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => void this.#look(), quietMs)
    this.#quiet.unref()
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#ended) return
    this.#looking = true
    try {
      const files = this.#files
      const first = await signature(files)
      if (first === this.#seen) return
      await new Promise((resolve) => setTimeout(resolve, quietMs))
      const second = await signature(files)
      if (this.#ended || this.#files !== files || first !== second) return
      this.#seen = second
      this.#told()
    } finally {
      this.#looking = false
    }
  }
}

/** What all files look like from outside. */
async function signature(files: readonly string[]): Promise<string> {
  const all = await Promise.all(
    files.map(async (file) => {
      const facts = await stat(file, { bigint: true }).catch(() => null)
      if (!facts) return '-'
      const names = facts.isDirectory()
        ? (await readdir(file).catch(() => [])).toSorted(byName).join('/')
        : ''
      return `${facts.ino}.${facts.size}.${facts.mtimeNs}.${facts.ctimeNs}.${names}`
    }),
  )
  return all.join('|')
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
