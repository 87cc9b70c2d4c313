import { lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BytePath } from './byte-path.ts'
import { bytesOf, foldersAbove, joinNul, neverKept, textOf } from './byte-path.ts'
import { indexFiles } from './index-folder.ts'
import { notIgnored, walk } from './list-folder.ts'
import type { FilePatch, RawEntry } from './parse-git-diff.ts'
import { parsePatches, parseRaw, parseRawPart, patchArgs } from './parse-git-diff.ts'
import { GitProblem } from './run-git.ts'
import type { ShadowRepo } from './shadow-repo.ts'

/** What a scope is compared with. `objects` only when the tree is the project's own. */
export type Base = { readonly tree: string; readonly objects: string | null }

type Side = {
  readonly base: Base
  readonly index: string
  /** The tree of `index`; null when it must be written anew. */
  tree: string | null
  /** Submodules of the base: folders whose content is not the base's business. */
  readonly hidden: Set<string>
}

/** What one comparison found. `patches` has entries that are no renames, or nothing at all. */
export type Differences = {
  readonly entries: readonly RawEntry[]
  readonly patches: ReadonlyMap<BytePath, FilePatch>
}

export type Comparison = { readonly base: string; readonly index: string; readonly objects: string | null }

/** So many touched files are read with their patches at once; it saves a run of git. */
const fewFiles = 24
const fewBytes = 4 * 1024 * 1024

const gitlink = '160000'

/**
 * The few files that may differ from a base, kept in small indexes of their own: one for now, one for each
 * base. A change is then compared in the time of those few, however large the folder is.
 */
export class TouchedFiles {
  readonly #repo: ShadowRepo
  readonly #dir: string
  readonly #now: string
  /** Files that are compared. */
  readonly #touched = new Set<BytePath>()
  /** Files and folders that bases were asked about. */
  readonly #asked = new Set<BytePath>()
  readonly #sides = new Map<string, Side>()

  constructor(repo: ShadowRepo, sessionId: string) {
    this.#repo = repo
    this.#dir = join(repo.dir, 'sessions', sessionId)
    this.#now = join(this.#dir, 'now.index')
  }

  has(side: string): boolean {
    return this.#sides.has(side)
  }

  /**
   * Compares `side` with `base` from now on.
   * @param current  a tree of the whole folder that, with what was touched since, stands for now
   */
  async setBase(side: string, base: Base | null, current: string): Promise<void> {
    this.#sides.delete(side)
    if (!base) return
    const index = join(this.#dir, `${side}.index`)
    await rm(index, { force: true })
    const fresh: Side = { base, index, tree: null, hidden: new Set() }
    const different = await this.#repo.git(['diff-tree', '-r', '-z', '--raw', base.tree, current], {
      projectObjects: base.objects,
    })
    const paths: BytePath[] = []
    for (const entry of parseRaw(different)) {
      if (entry.oldMode === gitlink) fresh.hidden.add(entry.path)
      else paths.push(entry.path)
    }
    const visible = paths.filter((path) => !isHidden(fresh, path))
    this.#sides.set(side, fresh)
    const known = new Set([...this.#asked, ...this.#touched])
    await this.#fill(fresh, [...known])
    const added = visible.filter((path) => !known.has(path))
    await this.#askAll(added)
    await this.#index(added)
  }

  /**
   * Looks at the disk again.
   * @param paths  files or folders, whatever happened to them
   */
  async look(paths: readonly BytePath[]): Promise<void> {
    const dirty = [...new Set(paths)].filter((path) => !neverKept(path))
    const known = dirty.filter((path) => this.#touched.has(path))
    const fresh = dirty.filter((path) => !this.#touched.has(path))
    const [inBase, shown] = await Promise.all([
      this.#askAll(fresh.filter((path) => !this.#asked.has(path))),
      notIgnored(this.#repo, fresh),
    ])
    const seen = new Set<BytePath>([...inBase, ...known])

    const folders: BytePath[] = []
    for (const path of [...known, ...shown]) {
      const facts = await lstat(Buffer.concat([Buffer.from(`${this.#repo.folder}/`), bytesOf(path)])).catch(
        () => null,
      )
      if (facts?.isDirectory()) folders.push(path)
      else if (facts?.isFile() || facts?.isSymbolicLink()) seen.add(path)
    }
    const below = (await Promise.all(folders.map((path) => walk(this.#repo.folder, path)))).flat()
    await this.#askAll(below.filter((path) => !this.#asked.has(path)))
    for (const path of await notIgnored(this.#repo, below)) seen.add(path)
    // A folder that was removed or replaced takes its files with it.
    const roots = new Set<string>(dirty)
    for (const path of this.#touched) if (foldersAbove(path).some((above) => roots.has(above))) seen.add(path)
    await this.#index([...seen])
  }

  /** Drops files that came to be ignored and that no base has. */
  async forgetIgnored(): Promise<void> {
    const kept = new Set(await notIgnored(this.#repo, [...this.#touched]))
    for (const side of this.#sides.values()) {
      for (const path of await this.#repo.list(['ls-files', '-z'], { index: side.index })) kept.add(path)
    }
    const gone = [...this.#touched].filter((path) => !kept.has(path))
    if (gone.length === 0) return
    for (const path of gone) this.#touched.delete(path)
    await this.#write(this.#now, gone.map(removal))
  }

  get touched(): readonly BytePath[] {
    return [...this.#touched]
  }

  /** Every file that differs from the base of `side`, with patches when these are few. */
  async differences(side: string): Promise<Differences> {
    const compared = this.#side(side)
    const compare = await this.comparison(side)
    const run = (args: readonly string[], maxBytes?: number) =>
      this.#repo.tryGit(['diff-index', '--cached', '-r', '-z', '--no-abbrev', ...args, compare.base], {
        index: compare.index,
        projectObjects: compare.objects,
        ...(maxBytes ? { maxBytes } : {}),
      })
    let result = this.#touched.size <= fewFiles ? await run(['--raw', ...patchArgs], fewBytes) : null
    const withPatches = result?.code === 0 && !result.cut
    if (!withPatches) result = await run(['--raw', '--no-renames'])
    if (!result || result.code !== 0) throw new GitProblem('failed', result?.stderr.slice(0, 300) ?? '')

    const raw = parseRawPart(result.stdout)
    const patches = withPatches ? parsePatches(result.stdout.subarray(raw.end), false) : new Map()
    let entries = raw.entries
    if (entries.some((entry) => entry.status === 'A') && entries.some((entry) => entry.status === 'D')) {
      const renames = await run(['--raw', '-M', '-l400'])
      if (renames.code === 0) entries = parseRaw(renames.stdout)
    }
    return {
      entries: entries.filter((entry) => entry.oldMode !== gitlink && !isHidden(compared, entry.path)),
      patches,
    }
  }

  /** What to compare: the base, as a tree of the touched files only, and the index that has them as they are now. */
  async comparison(side: string): Promise<Comparison> {
    const compared = this.#side(side)
    compared.tree ??= await this.#repo.text(['write-tree', '--missing-ok'], { index: compared.index })
    return { base: compared.tree, index: this.#now, objects: compared.base.objects }
  }

  #side(side: string): Side {
    const compared = this.#sides.get(side)
    if (!compared) throw new Error(`There is no base for ${side}.`)
    return compared
  }

  async #index(paths: readonly BytePath[]): Promise<void> {
    if (paths.length === 0) return
    for (const path of paths) this.#touched.add(path)
    await indexFiles(this.#repo, this.#now, paths)
  }

  /** Asks every base what it has at these paths and below. Answers the files found. */
  async #askAll(paths: readonly BytePath[]): Promise<BytePath[]> {
    if (paths.length === 0) return []
    for (const path of paths) this.#asked.add(path)
    const found = await Promise.all([...this.#sides.values()].map((side) => this.#fill(side, paths)))
    return found.flat()
  }

  async #fill(side: Side, paths: readonly BytePath[]): Promise<BytePath[]> {
    const lines = await this.#entriesOf(side.base, paths)
    const records: string[] = []
    const found: BytePath[] = []
    for (const line of lines) {
      const tab = line.indexOf('\t')
      const path = line.slice(tab + 1) as BytePath
      if (line.startsWith(gitlink)) {
        side.hidden.add(path)
        continue
      }
      const [mode = '', , oid = ''] = line.slice(0, tab).split(' ')
      records.push(`${mode} ${oid}\t${path}`)
      found.push(path)
    }
    if (records.length > 0) {
      await this.#write(side.index, records)
      side.tree = null
    }
    return found
  }

  /** Lines of `ls-tree`. Names that cannot be an argument, and long lists, are found in the whole tree. */
  async #entriesOf(base: Base, paths: readonly BytePath[]): Promise<BytePath[]> {
    if (paths.length === 0) return []
    const options = { projectObjects: base.objects }
    const args = ['ls-tree', '-r', '-z', '--full-tree', base.tree]
    const texts = paths.map(textOf)
    if (paths.length <= 200 && !texts.includes(null)) {
      return this.#repo.list([...args, '--', ...(texts as string[])], options)
    }
    const wanted = new Set<string>(paths)
    return (await this.#repo.list(args, options)).filter((line) => {
      const path = line.slice(line.indexOf('\t') + 1)
      return wanted.has(path) || foldersAbove(path).some((above) => wanted.has(above))
    })
  }

  async #write(index: string, records: readonly string[]): Promise<void> {
    await this.#repo.git(['update-index', '-z', '--index-info'], { index, stdin: joinNul(records) })
  }
}

const removal = (path: BytePath): string => `0 ${'0'.repeat(40)}\t${path}`

const isHidden = (side: Side, path: BytePath): boolean =>
  side.hidden.size > 0 && [path, ...foldersAbove(path)].some((above) => side.hidden.has(above))
