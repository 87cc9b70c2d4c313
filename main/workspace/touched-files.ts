import { lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BytePath } from './byte-path.ts'
import { bytesOf, foldersAbove, joinNul, neverKept, textOf } from './byte-path.ts'
import { indexFiles } from './index-folder.ts'
import { notIgnored, walk } from './list-folder.ts'
import type { RawEntry } from './parse-git-diff.ts'
import { parseRaw } from './parse-git-diff.ts'
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

const gitlink = '160000'

/**
 * The few files that may differ from a base, kept in small indexes of their own: one for now, one for each
 * base. A change is then compared in the time of those few, however large the folder is.
 */
export class TouchedFiles {
  readonly #repo: ShadowRepo
  readonly #dir: string
  readonly #now: string
  #nowTree: string | null = null
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
    const inBase = await this.#askAll(dirty.filter((path) => !this.#asked.has(path)))
    const seen = new Set<BytePath>(inBase)
    const known = dirty.filter((path) => this.#touched.has(path))
    const fresh = dirty.filter((path) => !this.#touched.has(path))
    for (const path of known) seen.add(path)

    const folders: BytePath[] = []
    for (const path of [...known, ...(await notIgnored(this.#repo, fresh))]) {
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
    this.#nowTree = null
  }

  get touched(): readonly BytePath[] {
    return [...this.#touched]
  }

  /** Every file that differs from the base of `side`. */
  async differences(side: string): Promise<RawEntry[]> {
    const compared = this.#sides.get(side)
    if (!compared) return []
    const trees = await this.trees(side)
    const entries = parseRaw(
      await this.#repo.git(
        ['diff-tree', '-r', '-z', '--raw', '-M', '-l400', '--no-abbrev', trees.base, trees.now],
        { projectObjects: compared.base.objects },
      ),
    )
    return entries.filter((entry) => entry.oldMode !== gitlink && !isHidden(compared, entry.path))
  }

  /** Trees that hold the touched files only. */
  async trees(side: string): Promise<{ base: string; now: string; objects: string | null }> {
    const compared = this.#sides.get(side)
    if (!compared) throw new Error(`There is no base for ${side}.`)
    compared.tree ??= await this.#tree(compared.index)
    this.#nowTree ??= await this.#tree(this.#now)
    return { base: compared.tree, now: this.#nowTree, objects: compared.base.objects }
  }

  #tree(index: string): Promise<string> {
    return this.#repo.text(['write-tree', '--missing-ok'], { index })
  }

  async #index(paths: readonly BytePath[]): Promise<void> {
    if (paths.length === 0) return
    for (const path of paths) this.#touched.add(path)
    await indexFiles(this.#repo, this.#now, paths)
    this.#nowTree = null
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
