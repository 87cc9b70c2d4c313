import type { Clock } from '../platform/clock.ts'
import { endOrphans } from './end-orphans.ts'
import { gone, isRunning, parentOf, signalAll, startOf, treeOf } from './process-tree.ts'

/** A process, told apart from a later one with the same number. */
type ProcessId = { readonly pid: number; readonly startedAt: string }

/** How long programs have to end by themselves, their launcher to clear up, and the kernel to end them, in ms. */
const graceMs = 300
const clearUpMs = 3000
const killMs = 5000

/** How far the first process inside is from the one we started, at most. */
const maxDepth = 8

/**
 * The processes of one run. With a boundary: the launcher that supervises, below it bubblewrap and, where
 * something has to be taken away later, a process that outlives both for that; below bubblewrap the reaper of
 * the pid namespace, and below that everything inside. Without one: the command itself.
 */
export class RunProcesses {
  readonly #root: ProcessId
  readonly #bounded: boolean
  readonly #clock: Clock
  #reaper: ProcessId | null = null

  constructor(pid: number, bounded: boolean, clock: Clock) {
    this.#root = identify(pid)
    this.#bounded = bounded
    this.#clock = clock
  }

  /** @param inner first process inside, as the launcher says; not believed unless it is below our own */
  sawInside(inner: number): void {
    const above: number[] = []
    for (let at = inner; at > 1 && above.length < maxDepth && at !== this.#root.pid; at = parentOf(at)) {
      above.push(at)
    }
    const reaper = above[1]
    if (reaper === undefined || parentOf(above.at(-1) ?? 0) !== this.#root.pid) return
    this.#reaper = identify(reaper)
  }

  /** What runs inside, parents first, without the reaper. Without a boundary: all of the run. */
  inside(): readonly number[] {
    if (!this.#bounded) return this.#all()
    return this.#reaper && isSame(this.#reaper) ? treeOf(this.#reaper.pid).slice(1) : []
  }

  /**
   * Ends the run and all it started. Asks the programs inside first (SIGTERM), then the launcher, and kills what
   * is left. Without a boundary a process that cut its ties before (setsid after its parent ended) is not found.
   *
   * @param stop asks the launcher to end the run and clear up
   */
  async end(stop: () => void): Promise<void> {
    const inside = this.inside()
    signalAll(inside, 'SIGTERM')
    await gone(inside, graceMs, this.#clock)
    if (this.#bounded) {
      const all = this.#all()
      stop()
      await gone(all, clearUpMs, this.#clock)
    }
    await this.kill()
  }

  /**
   * Kills the run at once. Killing the reaper ends everybody in its namespace, whatever sessions they made, and
   * killing the launcher ends bubblewrap. What outlives both to clear up is left to do so, and waited for.
   */
  async kill(): Promise<void> {
    const all = this.#all()
    const { pid } = this.#root
    const inside = this.inside()
    const reaper = this.#reaper && isSame(this.#reaper) ? [this.#reaper.pid] : []
    const root = isSame(this.#root) ? [pid] : []
    // Children before their parents, so that each is told directly and none is only assumed to follow.
    const targets = [...root, ...reaper, ...inside].filter(isRunning)
    signalAll([...new Set(targets)].toReversed(), 'SIGKILL')
    await gone(all, killMs, this.#clock)
    // One that was killed before it was up may have left the first process of its namespaces behind.
    if (this.#bounded && this.#reaper === null) endOrphans()
  }

  #all(): readonly number[] {
    const roots = [this.#root, ...(this.#reaper ? [this.#reaper] : [])]
    return [...new Set(roots.filter(isSame).flatMap(({ pid }) => treeOf(pid)))]
  }
}

const identify = (pid: number): ProcessId => ({ pid, startedAt: startOf(pid) })

/** Also true for a zombie, whose number is not free yet. */
const isSame = ({ pid, startedAt }: ProcessId): boolean => startedAt !== '' && startOf(pid) === startedAt
