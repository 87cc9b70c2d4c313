import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BytePath } from './byte-path.ts'
import { joinNul } from './byte-path.ts'
import { copyIndex } from './copy-index.ts'
import { indexFiles } from './index-folder.ts'
import { listChanged } from './list-folder.ts'
import { GitProblem } from './run-git.ts'
import type { ShadowRepo } from './shadow-repo.ts'

/** A folder with more files than this gets no checkpoints: they would cost more than they give. */
export const maxFiles = 200_000

/** The project's last commit, as far as it concerns this folder. */
export type ProjectTree = { readonly tree: string; readonly objects: string }

/** What the folder was at named moments: one full index per session, one commit per checkpoint. */
export class Checkpoints {
  readonly #repo: ShadowRepo
  readonly #sessionId: string
  readonly #index: string
  #count = 0
  #tree: string | null = null

  constructor(repo: ShadowRepo, sessionId: string) {
    this.#repo = repo
    this.#sessionId = sessionId
    this.#index = join(repo.dir, 'sessions', sessionId, 'full.index')
  }

  /**
   * Looks at the whole folder once. Starts from the index another session left, which knows size and time of
   * every file, so that only what changed since is read.
   */
  static async open(repo: ShadowRepo, sessionId: string, project: ProjectTree | null): Promise<Checkpoints> {
    const self = new Checkpoints(repo, sessionId)
    const dir = join(repo.dir, 'sessions', sessionId)
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await writeFile(join(dir, 'pid'), String(process.pid), { mode: 0o600 })
    await copyIndex(join(repo.dir, 'last.index'), self.#index).catch(() => {})
    try {
      await self.#first(project)
    } catch (error) {
      if (!(error instanceof GitProblem) || error.code !== 'failed') throw error
      // The index that was left may be damaged, or name objects that are gone. Without it everything is read anew.
      await rm(self.#index, { force: true })
      await rm(`${self.#index}.lock`, { force: true })
      await self.#first(project)
    }
    await self.#leaveIndex()
    return self
  }

  async #first(project: ProjectTree | null): Promise<void> {
    const index = this.#index
    const ignored = await this.#repo.list(['ls-files', '-z', '-c', '-i', '--exclude-standard'], { index })
    if (ignored.length > 0) {
      const stdin = joinNul(ignored.map((path) => `0 ${'0'.repeat(40)}\t${path}`))
      await this.#repo.git(['update-index', '-z', '--index-info'], { index, stdin })
    }
    await this.sync()
    if (project) {
      // Files that are ignored and yet under version control.
      const args = ['diff-tree', '-r', '-z', '--name-only', '--diff-filter=D', project.tree]
      const missed = await this.#repo
        .list([...args, await this.tree()], { projectObjects: project.objects })
        .catch(() => [])
      if (missed.length > 0) await indexFiles(this.#repo, index, missed)
      this.#tree = null
    }
    await this.tree()
  }

  /** Brings the index up to date with the disk. Answers the paths that differed since the last time. */
  async sync(): Promise<BytePath[]> {
    const changed = await listChanged(this.#repo, this.#index)
    if (changed.length > maxFiles) {
      throw new GitProblem(
        'failed',
        `This folder has more than ${maxFiles.toLocaleString('en')} files that are not ignored. Open a folder inside it.`,
      )
    }
    if (changed.length > 0) {
      await indexFiles(this.#repo, this.#index, changed)
      this.#tree = null
    }
    return changed
  }

  /** The paths that differ from the index now. Changes nothing, so it may run beside other work. */
  different(): Promise<BytePath[]> {
    return listChanged(this.#repo, this.#index)
  }

  /** The tree of the index as it is; no look at the disk. */
  async tree(): Promise<string> {
    this.#tree ??= await this.#repo.text(['write-tree'], { index: this.#index })
    return this.#tree
  }

  /** Records what `sync` found. Answers a commit id. */
  async commit(label: string): Promise<string> {
    const message = Buffer.from(`${label.replaceAll('\0', ' ').slice(0, 500) || 'checkpoint'}\n`)
    const commit = await this.#repo.text(['commit-tree', await this.tree()], { stdin: message })
    const number = String(++this.#count).padStart(4, '0')
    const ref = `refs/gatehouse/${this.#sessionId}/${process.pid}-${number}`
    await this.#repo.git(['update-ref', ref, commit])
    return commit
  }

  async #leaveIndex(): Promise<void> {
    const draft = join(this.#repo.dir, `last.index.${process.pid}`)
    await copyIndex(this.#index, draft)
    await rename(draft, join(this.#repo.dir, 'last.index'))
  }

  /** Leaves the index to the next session of this folder. */
  async close(): Promise<void> {
    await this.#leaveIndex().catch(() => {})
    await rm(join(this.#repo.dir, 'sessions', this.#sessionId), { recursive: true, force: true })
  }
}
