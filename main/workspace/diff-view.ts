import type { DiffChange, DiffScope, DiffSnapshot, FileDiff } from '../../protocol/workspace.ts'
import type { BytePath } from './byte-path.ts'
import { shownPath } from './byte-path.ts'
import type { ChangedFile } from './make-file-diffs.ts'
import {
  byPath,
  entryKey,
  maxDiffFiles,
  maxDiffWeight,
  readPatches,
  toFileDiff,
  weightOf,
  withoutLines,
} from './make-file-diffs.ts'
import type { RawEntry } from './parse-git-diff.ts'
import type { ShadowRepo } from './shadow-repo.ts'
import type { TouchedFiles } from './touched-files.ts'

export type DiffListener = { snapshot(s: DiffSnapshot): void; change(c: DiffChange): void }

export type Extras = Readonly<Pick<DiffSnapshot, 'outside' | 'protectedTouched'>>

type Shown = { readonly key: string; readonly file: ChangedFile; readonly weight: number; diff: FileDiff }

/** One scope as it is shown: its base, its files, and who looks at it. */
export class DiffView {
  readonly listeners = new Set<DiffListener>()
  readonly #scope: DiffScope
  readonly #clock: { nowMs(): number }
  readonly #shown = new Map<BytePath, Shown>()
  #base: string | null = null
  #noBase: string | null = 'There is nothing to compare with yet.'
  #problem: string | null = null
  #leftOut = 0
  #extras: Extras = { outside: [], protectedTouched: [] }

  constructor(scope: DiffScope, clock: { nowMs(): number }) {
    this.#scope = scope
    this.#clock = clock
  }

  /** @param words such as "turn 2 start, 10:41"; null when there is no base, with the reason */
  setBase(words: string | null, reason: string | null): void {
    this.#base = words
    this.#noBase = words === null ? reason : null
    this.#shown.clear()
    this.#leftOut = 0
  }

  snapshot(): DiffSnapshot {
    return {
      scope: this.#scope,
      base: this.#base,
      files: [...this.#shown.values()].map((shown) => shown.diff),
      filesLeftOut: this.#leftOut,
      outside: [...this.#extras.outside],
      protectedTouched: [...this.#extras.protectedTouched],
      problem: this.#problem ?? this.#noBase,
      atMs: this.#clock.nowMs(),
    }
  }

  /** Gives every listener the whole state, as after a change of base. */
  reset(): void {
    for (const listener of this.listeners) listener.snapshot(this.snapshot())
  }

  #tell(change: DiffChange): void {
    for (const listener of this.listeners) listener.change(change)
  }

  setProblem(problem: string | null): void {
    if (problem === this.#problem) return
    this.#problem = problem
    this.#tell({ type: 'problem', problem: problem ?? this.#noBase })
  }

  setExtras(extras: Extras): void {
    if (JSON.stringify(extras) === JSON.stringify(this.#extras)) return
    this.#extras = extras
    this.#tell({
      type: 'outside',
      outside: [...extras.outside],
      protectedTouched: [...extras.protectedTouched],
    })
  }

  /**
   * Compares again and tells what changed, and only that.
   * @param tell  `changes` as they are found, or `nothing` when a snapshot follows
   */
  async refresh(
    repo: ShadowRepo,
    touched: TouchedFiles,
    kept: ReadonlySet<string>,
    tell: 'changes' | 'nothing',
  ): Promise<void> {
    if (!touched.has(this.#scope)) return
    const all = (await touched.differences(this.#scope)).toSorted(byPath)
    const entries = all.slice(0, maxDiffFiles)
    const stale = entries.filter((entry) => this.#shown.get(entry.path)?.key !== entryKey(entry))
    const read = await readPatches(repo, stale, touched.objectsOf(this.#scope))

    const present = new Set(entries.map((entry) => entry.path))
    for (const path of this.#shown.keys()) {
      if (present.has(path)) continue
      this.#shown.delete(path)
      if (tell === 'changes') this.#tell({ type: 'gone', path: shownPath(path) })
    }
    let weight = [...this.#shown.values()].reduce((sum, shown) => sum + shown.weight, 0)
    for (const whole of read) {
      weight -= this.#shown.get(whole.entry.path)?.weight ?? 0
      const file = weight + weightOf(whole) > maxDiffWeight ? withoutLines(whole) : whole
      weight += weightOf(file)
      const diff = toFileDiff(file, kept)
      this.#shown.set(file.entry.path, { key: entryKey(file.entry), file, diff, weight: weightOf(file) })
      if (tell === 'changes') this.#tell({ type: 'file', file: diff })
    }
    const leftOut = all.length - entries.length
    if (leftOut === this.#leftOut) return
    this.#leftOut = leftOut
    if (tell === 'changes') this.reset()
  }

  /** Marks anew what is kept, and tells about files where that changed. */
  markKept(kept: ReadonlySet<string>): void {
    for (const shown of this.#shown.values()) {
      const diff = toFileDiff(shown.file, kept)
      if (JSON.stringify(keptOf(diff)) === JSON.stringify(keptOf(shown.diff))) continue
      shown.diff = diff
      this.#tell({ type: 'file', file: diff })
    }
  }

  /** The file a person means by the path on their screen. */
  find(path: string): ChangedFile | null {
    for (const { diff, file } of this.#shown.values()) if (diff.path === path) return file
    return null
  }

  get entries(): readonly RawEntry[] {
    return [...this.#shown.values()].map((shown) => shown.file.entry)
  }
}

const keptOf = (diff: FileDiff): readonly boolean[] => [diff.kept, ...diff.hunks.map((hunk) => hunk.kept)]
