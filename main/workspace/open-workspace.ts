import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { DiffScope } from '../../protocol/workspace.ts'
import { BesideTheDiff } from './beside-the-diff.ts'
import type { BytePath } from './byte-path.ts'
import type { DiffListener } from './diff-view.ts'
import { DiffView } from './diff-view.ts'
import type { Shown } from './find-shown.ts'
import { findShown, pathsOf } from './find-shown.ts'
import { ignoredFolders } from './list-folder.ts'
import { fileKey } from './make-file-diffs.ts'
import type { Parts } from './open-parts.ts'
import { openParts } from './open-parts.ts'
import { revertFile } from './revert-file.ts'
import { GitProblem } from './run-git.ts'
import { findUncommittedBase } from './uncommitted-base.ts'
import type { FolderWatch } from './watch-folder.ts'
import { watchFolder } from './watch-folder.ts'
import type { OpenWorkspace, ReviewResult, Workspace } from './workspace.ts'

/** Events that come this close together are looked at in one go. */
const gatherMs = 10
/** After so much quiet the whole folder is checked: the watcher loses an event now and then in a burst. */
const secondLookMs = 400
/** Without any quiet it is checked this often. */
const secondLookAtLeastMs = 3000
/** How often `.git`, the last commit and files outside are looked at while somebody watches. */
const besidesMs = 1000

type Options = Parameters<OpenWorkspace>[0]

/**
 * All work on one folder for one session. Everything that touches the shadow repository runs in one queue,
 * in the order it was asked for, so an answer is never about a state that was half looked at.
 */
class FolderWorkspace implements Workspace {
  readonly #options: Options
  readonly #views: ReadonlyMap<DiffScope, DiffView>
  readonly #kept = new Set<string>()
  readonly #beside = new BesideTheDiff()
  readonly #dirty = new Set<BytePath>()
  #queue: Promise<unknown> = Promise.resolve()
  #parts: Promise<Parts> | null = null
  #watch: Promise<FolderWatch> | null = null
  #lost = false
  #gathering: NodeJS.Timeout | null = null
  /** Looked at since the whole folder was checked. */
  readonly #unsure = new Set<BytePath>()
  /** What differed from the index at the last check. */
  #different: ReadonlySet<BytePath> = new Set()
  #unsureSince = 0
  #secondLook: NodeJS.Timeout | null = null
  #besides: NodeJS.Timeout | null = null
  #lastCommit: string | null = null
  #disposed = false

  constructor(options: Options) {
    this.#options = options
    this.#views = new Map(DiffScope.options.map((scope) => [scope, new DiffView(scope, options.clock)]))
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => {
      if (this.#disposed) throw new GitProblem('failed', 'The session has ended.')
      return work()
    })
    this.#queue = result.catch(() => {})
    return result
  }

  #ready(): Promise<Parts> {
    const { folder, stateDir, sessionId } = this.#options
    this.#parts ??= openParts(folder, stateDir, sessionId).catch((error: unknown) => {
      this.#parts = null
      throw error
    })
    return this.#parts
  }

  #view(scope: DiffScope): DiffView {
    return this.#views.get(scope) as DiffView
  }

  checkpoint(label: string): Promise<string> {
    return this.#enqueue(async () => {
      const parts = await this.#ready()
      const changed = await parts.checkpoints.sync()
      if (this.#watch) await this.#lookAt(parts, changed)
      const commit = await parts.checkpoints.commit(label)
      await this.#beside.remember(commit, parts.project)
      return commit
    })
  }

  setBase(scope: 'turn' | 'session', base: { readonly checkpoint: string; readonly words: string }): void {
    void this.#inBackground(scope, async (parts) => {
      if (!/^[0-9a-f]{40}$/.test(base.checkpoint)) throw new GitProblem('failed', 'This is no checkpoint.')
      const tree = await parts.repo.text(['rev-parse', '--verify', `${base.checkpoint}^{tree}`])
      await parts.touched.setBase(scope, { tree, objects: null }, await parts.checkpoints.tree())
      await this.#beside.setBase(scope, base.checkpoint, parts.project)
      const view = this.#view(scope)
      view.setBase(base.words, null)
      await this.#showAnew(parts, scope)
    })
  }

  watch(scope: DiffScope, on: DiffListener): { stop(): void } {
    const view = this.#view(scope)
    let stopped = false
    this.#inBackground(scope, async (parts) => {
      if (stopped) return
      if (!this.#watch) await this.#startWatching(parts)
      if (scope === 'uncommitted' && !parts.touched.has(scope)) await this.#rebaseUncommitted(parts)
      if (stopped) return
      await view.refresh(parts.repo, parts.touched, this.#kept, 'changes')
      await this.#lookBesides(parts)
      view.listeners.add(on)
      on.snapshot(view.snapshot())
    }).catch(() => {
      // The view has the problem; whoever watches is to see it.
      if (stopped) return
      view.listeners.add(on)
      on.snapshot(view.snapshot())
    })
    return {
      stop: () => {
        stopped = true
        view.listeners.delete(on)
        if ([...this.#views.values()].every((other) => other.listeners.size === 0)) this.#stopWatching()
      },
    }
  }

  /** Work nobody awaits: what goes wrong is told on the view of `scope`. */
  #inBackground(scope: DiffScope, work: (parts: Parts) => Promise<void>): Promise<void> {
    const result = this.#enqueue(async () => {
      try {
        await work(await this.#ready())
        this.#view(scope).setProblem(null)
      } catch (error) {
        this.#view(scope).setProblem(inWords(error))
        throw error
      }
    })
    result.catch(() => {})
    return result
  }

  async #startWatching(parts: Parts): Promise<void> {
    await this.#subscribe(parts)
    this.#planBesides(besidesMs)
  }

  /** Also when ignored folders changed: they are not watched, and one of them may count from now on. */
  async #subscribe(parts: Parts): Promise<void> {
    const ignored = await ignoredFolders(parts.repo, join(parts.repo.dir, 'last.index'))
    // The old one first: the watcher shares what it knows of a folder, also what it was told to leave out.
    await (await this.#watch)?.stop()
    this.#watch = watchFolder(this.#options.folder, ignored, {
      changed: (paths) => {
        for (const path of paths) this.#dirty.add(path)
        this.#gather()
      },
      lostCount: () => {
        this.#lost = true
        this.#gather()
      },
    })
    await this.#watch
    await this.#lookAtAll(parts)
  }

  /** What the index knows to have changed, and what was compared before: it may be as it was by now. */
  async #lookAtAll(parts: Parts): Promise<void> {
    const changed = await parts.checkpoints.sync()
    await this.#lookAt(parts, [...changed, ...parts.touched.paths])
    await parts.touched.forgetIgnored()
  }

  /** A repository with very many refs takes longer to look at, and is looked at less often. */
  #planBesides(delayMs: number): void {
    this.#besides = setTimeout(() => {
      const startedAt = performance.now()
      void this.#lookBesidesSoon().then(() => {
        if (this.#watch) this.#planBesides(Math.max(besidesMs, 20 * (performance.now() - startedAt)))
      })
    }, delayMs)
    this.#besides.unref()
  }

  #stopWatching(): void {
    if (this.#besides) clearTimeout(this.#besides)
    if (this.#gathering) clearTimeout(this.#gathering)
    if (this.#secondLook) clearTimeout(this.#secondLook)
    this.#besides = null
    this.#gathering = null
    this.#secondLook = null
    void this.#watch?.then((watch) => watch.stop()).catch(() => {})
    this.#watch = null
    this.#dirty.clear()
  }

  #gather(): void {
    if (this.#gathering || this.#disposed) return
    this.#gathering = setTimeout(() => {
      this.#gathering = null
      void this.#enqueue(() => this.#flush()).catch(() => {})
    }, gatherMs)
  }

  #flush(): Promise<void> {
    return this.#lookAndTell(async (parts) => {
      const paths = [...this.#dirty]
      const ignores = paths.some((path) => /(^|\/)\.gitignore$/.test(path))
      const all = this.#lost || paths.includes('' as BytePath)
      this.#dirty.clear()
      this.#lost = false
      if (ignores && this.#watch) await this.#subscribe(parts)
      else if (all) await this.#lookAtAll(parts)
      await this.#lookAt(parts, paths)
      for (const path of paths) this.#unsure.add(path)
      this.#planSecondLook()
    })
  }

  #planSecondLook(): void {
    if (!this.#watch) return
    const now = performance.now()
    if (this.#secondLook) clearTimeout(this.#secondLook)
    else this.#unsureSince = now
    const delay = Math.min(secondLookMs, this.#unsureSince + secondLookAtLeastMs - now)
    this.#secondLook = setTimeout(() => {
      this.#secondLook = null
      this.#lookAgain().catch(() => {})
    }, delay)
    this.#secondLook.unref()
  }

  /** The long part, comparing the index with the disk, runs beside the queue, so that no change waits for it. */
  async #lookAgain(): Promise<void> {
    const { checkpoints, touched } = await this.#ready()
    const different = new Set(await checkpoints.different())
    const known = new Set(touched.paths)
    // What differed at the last look and does not now was put back.
    const paths = new Set<BytePath>([...this.#unsure, ...this.#different].filter((path) => path !== ''))
    for (const path of different) if (different.size <= 500 || !known.has(path)) paths.add(path)
    this.#unsure.clear()
    this.#different = different
    await this.#enqueue(() => this.#lookAndTell((parts) => this.#lookAt(parts, [...paths])))
  }

  async #lookAndTell(look: (parts: Parts) => Promise<void>): Promise<void> {
    const watching = [...this.#views.values()].filter((view) => view.listeners.size > 0)
    try {
      const parts = await this.#ready()
      await look(parts)
      for (const view of watching) {
        await view.refresh(parts.repo, parts.touched, this.#kept, 'changes')
        view.setProblem(null)
      }
    } catch (error) {
      // Nothing is forgotten: the next event looks at everything.
      this.#lost = true
      for (const view of watching) view.setProblem(inWords(error))
    }
  }

  #lookAt(parts: Parts, paths: readonly BytePath[]): Promise<void> {
    const inUse = [...this.#views].filter(([, view]) => view.listeners.size > 0).map(([scope]) => scope)
    return parts.touched.look(
      paths.filter((path) => path !== ''),
      inUse,
    )
  }

  async #showAnew(parts: Parts, scope: DiffScope): Promise<void> {
    const view = this.#view(scope)
    if (view.listeners.size === 0) return
    // An earlier try to watch may have ended with a problem.
    if (!this.#watch) await this.#startWatching(parts)
    await view.refresh(parts.repo, parts.touched, this.#kept, 'nothing')
    view.reset()
  }

  async #rebaseUncommitted(parts: Parts): Promise<void> {
    const found = await findUncommittedBase(parts.repo, parts.project)
    const view = this.#view('uncommitted')
    this.#lastCommit = found.state === 'found' ? found.words : null
    if (found.state === 'none') {
      view.setBase(null, found.why)
      return
    }
    await parts.touched.setBase('uncommitted', found.base, await parts.checkpoints.tree())
    view.setBase(found.words, null)
  }

  /** Never throws: nobody waits for it, and the next look comes by itself. */
  #lookBesidesSoon(): Promise<void> {
    return this.#enqueue(async () => this.#lookBesides(await this.#ready())).catch(() => {})
  }

  /** Protected paths, the last commit, and what was written outside. */
  async #lookBesides(parts: Parts): Promise<void> {
    await this.#beside.tell(this.#views, parts.project)
    const view = this.#view('uncommitted')
    if (view.listeners.size === 0) return
    const last = await findUncommittedBase(parts.repo, parts.project)
    if ((last.state === 'found' ? last.words : null) === this.#lastCommit) return
    await this.#rebaseUncommitted(parts)
    await this.#showAnew(parts, 'uncommitted')
  }

  review(
    scope: DiffScope,
    path: string,
    hunkId: string | null,
    verb: 'keep' | 'unkeep' | 'revert',
  ): Promise<ReviewResult> {
    return this.#enqueue(async () => {
      const parts = await this.#ready()
      if (scope === 'uncommitted' && !parts.touched.has(scope)) await this.#rebaseUncommitted(parts)
      const shown = await findShown(parts, scope, this.#view(scope), this.#kept, path, hunkId)
      if (!shown) return changedSinceShown
      const { file, hunk } = shown
      const whole = fileKey(file.entry)
      const ids = hunk ? [hunk.id] : [whole, ...file.patch.hunks.map((one) => one.id)]
      if (verb === 'revert') return this.#revert(parts, scope, shown, ids)

      if (verb === 'keep') for (const id of ids) this.#kept.add(id)
      else for (const id of [whole, ...ids]) this.#kept.delete(id)
      for (const view of this.#views.values()) view.markKept(this.#kept)
      return { status: 'done', why: null, ids }
    })
  }

  async #revert(
    parts: Parts,
    scope: DiffScope,
    { file, hunk }: Shown,
    ids: readonly string[],
  ): Promise<ReviewResult> {
    const objects = parts.touched.objectsOf(scope)
    // The one hunk of a file that came or went is the whole file.
    const whole = file.entry.status === 'A' || file.entry.status === 'D'
    const answer = await revertFile(parts.repo, file, whole ? null : hunk, objects)
    await this.#lookAt(parts, pathsOf(file))
    for (const [other, view] of this.#views) {
      if (other !== scope && view.listeners.size === 0) continue
      await view.refresh(parts.repo, parts.touched, this.#kept, 'changes')
    }
    return { ...answer, ids: answer.status === 'done' ? ids : [] }
  }

  restoreKept(ids: readonly string[]): void {
    for (const id of ids) this.#kept.add(id)
    for (const view of this.#views.values()) view.markKept(this.#kept)
  }

  noteOutside(path: string, atMs: number): void {
    this.#beside.noteOutside(path, atMs)
    if (this.#watch) void this.#lookBesidesSoon()
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return
    await this.#enqueue(async () => {
      this.#stopWatching()
      const parts = await this.#parts
      await parts?.checkpoints.close()
    }).catch(() => {})
    this.#disposed = true
    for (const view of this.#views.values()) view.listeners.clear()
  }
}

const changedSinceShown: ReviewResult = {
  status: 'changedSinceShown',
  why: 'The file changed since it was shown. Look again, then decide.',
  ids: [],
}

const inWords = (error: unknown): string =>
  `The diff cannot be made now. ${error instanceof Error ? error.message : String(error)}`

/** Answers at once; the first checkpoint or watch looks at the whole folder. @throws when there is no folder */
export const openWorkspace: OpenWorkspace = async (options) =>
  new FolderWorkspace({ ...options, folder: await realpath(options.folder) })
