import { lstat } from 'node:fs/promises'
import type { BytePath } from './byte-path.ts'
import { bytesOf, foldersAbove, neverKept, textOf } from './byte-path.ts'
import { RenameFinder } from './find-renames.ts'
import { notIgnored, walk } from './list-folder.ts'
import type { RawEntry } from './parse-git-diff.ts'
import { parseRaw } from './parse-git-diff.ts'
import type { Entry } from './read-entries.ts'
import { readEntries } from './read-entries.ts'
import type { ShadowRepo } from './shadow-repo.ts'

/** What a scope is compared with. `objects` only when the tree is the project's own. */
export type Base = { readonly tree: string; readonly objects: string | null }

type Side = {
  readonly base: Base
  /** What the base has at the paths it was asked about. */
  readonly entries: Map<BytePath, Entry>
  /** Paths the base was not asked about yet. */
  pending: BytePath[]
  /** Submodules of the base: folders whose content is not the base's business. */
  readonly hidden: Set<string>
  readonly renames: RenameFinder
}

const gitlink = '160000'
const absent = '0'.repeat(40)

/**
 * The few files that may differ from a base: what they are now, and what each base has in their place. A
 * change is then compared in the time of those few, however large the folder is.
 */
export class TouchedFiles {
  readonly #repo: ShadowRepo
  /** Files that are compared, as they are now; null for absent ones. */
  readonly #now = new Map<BytePath, Entry | null>()
  /** Files and folders that bases are asked about. */
  readonly #asked = new Set<BytePath>()
  readonly #sides = new Map<string, Side>()

  constructor(repo: ShadowRepo) {
    this.#repo = repo
  }

  has(side: string): boolean {
    return this.#sides.has(side)
  }

  get paths(): readonly BytePath[] {
    return [...this.#now.keys()]
  }

  /** The project's objects, when the base of `side` is the project's last commit. */
  objectsOf(side: string): string | null {
    return this.#sides.get(side)?.base.objects ?? null
  }

  /**
   * Compares `side` with `base` from now on.
   * @param current  a tree of the whole folder that, with what was touched since, stands for now
   */
  async setBase(side: string, base: Base, current: string): Promise<void> {
    this.#sides.delete(side)
    const different = await this.#repo.git(['diff-tree', '-r', '-z', '--raw', base.tree, current], {
      projectObjects: base.objects,
    })
    const fresh: Side = {
      base,
      entries: new Map(),
      pending: [],
      hidden: new Set(),
      renames: new RenameFinder(this.#repo),
    }
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
    await this.#read(visible.filter((path) => !this.#now.has(path)))
  }

  /**
   * Looks at the disk again.
   * @param paths  files or folders, whatever happened to them
   * @param inUse  sides that are compared soon; the others are asked when they are
   */
  async look(paths: readonly BytePath[], inUse: readonly string[]): Promise<void> {
    const dirty = [...new Set(paths)].filter((path) => !neverKept(path))
    const sides = [...this.#sides].filter(([name]) => inUse.includes(name)).map(([, side]) => side)
    const known = dirty.filter((path) => this.#now.has(path))
    const fresh = dirty.filter((path) => !this.#now.has(path))
    this.#ask(fresh)
    const [inBase, shown] = await Promise.all([this.#findInBases(sides), notIgnored(this.#repo, fresh)])

    const files = new Set<BytePath>([...inBase, ...known])
    const folders: BytePath[] = []
    for (const path of [...known, ...shown]) {
      const full = Buffer.concat([Buffer.from(`${this.#repo.folder}/`), bytesOf(path)])
      const facts = await lstat(full).catch(() => null)
      if (facts?.isDirectory()) folders.push(path)
      else if (facts?.isFile() || facts?.isSymbolicLink()) files.add(path)
    }
    if (folders.length > 0) {
      const below = (await Promise.all(folders.map((path) => walk(this.#repo.folder, path)))).flat()
      this.#ask(below)
      for (const path of await this.#findInBases(sides)) files.add(path)
      for (const path of await notIgnored(this.#repo, below)) files.add(path)
    }
    // A folder that was removed or replaced takes its files with it.
    const roots = new Set<string>(dirty)
    for (const path of this.#now.keys()) {
      if (foldersAbove(path).some((above) => roots.has(above))) files.add(path)
    }
    await this.#read([...files])
  }

  /** Drops files that came to be ignored and that no base has. */
  async forgetIgnored(): Promise<void> {
    for (const side of this.#sides.values()) await this.#catchUp(side)
    const shown = new Set(await notIgnored(this.#repo, this.paths))
    const sides = [...this.#sides.values()]
    for (const path of this.paths) {
      if (!shown.has(path) && !sides.some((side) => side.entries.has(path))) this.#now.delete(path)
    }
  }

  /** Every file that differs from the base of `side`. */
  async differences(side: string): Promise<RawEntry[]> {
    const compared = this.#sides.get(side)
    if (!compared) throw new Error(`There is no base for ${side}.`)
    await this.#catchUp(compared)
    const entries: RawEntry[] = []
    for (const [path, now] of this.#now) {
      const entry = difference(path, compared.entries.get(path) ?? null, now)
      if (entry && !isHidden(compared, path)) entries.push(entry)
    }
    return compared.renames.find(entries, compared.base.objects)
  }

  async #read(paths: readonly BytePath[]): Promise<void> {
    for (const [path, entry] of await readEntries(this.#repo, paths)) this.#now.set(path, entry)
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
    return (await Promise.all(sides.map((side) => this.#fill(side)))).flat()
  }

  /** A base may have files that were passed over as ignored before it was asked. */
  async #catchUp(side: Side): Promise<void> {
    if (side.pending.length === 0) return
    const found = await this.#fill(side)
    await this.#read(found.filter((path) => !this.#now.has(path)))
  }

  async #fill(side: Side): Promise<BytePath[]> {
    const asked = new Set(side.pending)
    const found: BytePath[] = []
    for (const line of await this.#listBase(side.base, [...asked])) {
      const tab = line.indexOf('\t')
      const path = line.slice(tab + 1) as BytePath
      const [mode = '', , oid = ''] = line.slice(0, tab).split(' ')
      if (mode === gitlink) side.hidden.add(path)
      else {
        side.entries.set(path, { mode, oid })
        found.push(path)
      }
    }
    // Only now: a base that could not be read is asked again.
    side.pending = side.pending.filter((path) => !asked.has(path))
    return found
  }

  /** Lines of `ls-tree`. Names that cannot be an argument, and long lists, are found in the whole tree. */
  async #listBase(base: Base, paths: readonly BytePath[]): Promise<BytePath[]> {
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
}

function difference(path: BytePath, old: Entry | null, now: Entry | null): RawEntry | null {
  if (old?.oid === now?.oid && old?.mode === now?.mode) return null
  const kind = (entry: Entry) => entry.mode.slice(0, 3)
  const status = !old ? 'A' : !now ? 'D' : kind(old) === kind(now) ? 'M' : 'T'
  return {
    status,
    oldMode: old?.mode ?? '000000',
    newMode: now?.mode ?? '000000',
    oldOid: old?.oid ?? absent,
    newOid: now?.oid ?? absent,
    path,
    from: null,
  }
}

const isHidden = (side: Side, path: BytePath): boolean =>
  side.hidden.size > 0 && [path, ...foldersAbove(path)].some((above) => side.hidden.has(above))
