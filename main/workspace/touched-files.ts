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
  /** Paths the base was not asked about yet. */
  pending: BytePath[]
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
    const fresh: Side = { base, index, tree: null, pending: [], hidden: new Set() }
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
    this.#ask(visible)
    fresh.pending = [...this.#asked]
    await this.#catchUp(fresh)
    await this.#index(visible.filter((path) => !this.#touched.has(path)))
  }

  /**
   * Looks at the disk again.
   * @param paths  files or folders, whatever happened to them
   * @param inUse  sides that are compared soon; the others are asked when they are
   */
  async look(paths: readonly BytePath[], inUse: readonly string[]): Promise<void> {
    const dirty = [...new Set(paths)].filter((path) => !neverKept(path))
    const sides = [...this.#sides].filter(([name]) => inUse.includes(name)).map(([, side]) => side)
    const known = dirty.filter((path) => this.#touched.has(path))
    const fresh = dirty.filter((path) => !this.#touched.has(path))
    this.#ask(fresh)
    const folders: BytePath[] = []
    const indexShown = async () => {
      const files: BytePath[] = [...known]
      for (const path of [...known, ...(await notIgnored(this.#repo, fresh))]) {
        const full = Buffer.concat([Buffer.from(`${this.#repo.folder}/`), bytesOf(path)])
        const facts = await lstat(full).catch(() => null)
        if (facts?.isDirectory()) folders.push(path)
        else if (facts?.isFile() || facts?.isSymbolicLink()) files.push(path)
      }
      await this.#index([...new Set(files)])
    }
    const [found] = await Promise.all([this.#findInBases(sides), indexShown()])

    const rest = new Set<BytePath>(found)
    if (folders.length > 0) {
      const below = (await Promise.all(folders.map((path) => walk(this.#repo.folder, path)))).flat()
      this.#ask(below)
      for (const path of await this.#findInBases(sides)) rest.add(path)
      for (const path of await notIgnored(this.#repo, below)) rest.add(path)
    }
    // A folder that was removed or replaced takes its files with it.
    const roots = new Set<string>(dirty)
    for (const path of this.#touched) if (foldersAbove(path).some((above) => roots.has(above))) rest.add(path)
    for (const path of dirty) if (!folders.includes(path) && this.#touched.has(path)) rest.delete(path)
    await this.#index([...rest])
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
    await this.#catchUp(compared)
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

  /** Every base is to be asked what it has at these paths and below. */
  #ask(paths: readonly BytePath[]): void {
    for (const path of paths) {
      if (this.#asked.has(path)) continue
      this.#asked.add(path)
      for (const side of this.#sides.values()) side.pending.push(path)
    }
  }

  async #findInBases(sides: readonly Side[]): Promise<BytePath[]> {
    return (await Promise.all(sides.map((side) => this.#fill(side, side.pending.splice(0))))).flat()
  }

  /** A base may have files that were passed over as ignored before it was asked. */
  async #catchUp(side: Side): Promise<void> {
    if (side.pending.length === 0) return
    const found = await this.#findInBases([side])
    await this.#index(found.filter((path) => !this.#touched.has(path)))
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
