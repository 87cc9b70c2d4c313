import type { BytePath } from './byte-path.ts'
import { compareEntries } from './mini-trees.ts'
import type { RawEntry } from './parse-git-diff.ts'
import { parseRaw } from './parse-git-diff.ts'
import type { ShadowRepo } from './shadow-repo.ts'

/** With more files than this on either side only equal contents are paired, as git does. */
const maxCandidates = 400
const emptyBlob = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'

/** Pairs files that went with files that came. Remembers the last answer: it is asked after every change. */
export class RenameFinder {
  readonly #repo: ShadowRepo
  #key = ''
  #pairs: ReadonlyMap<BytePath, BytePath> = new Map()

  constructor(repo: ShadowRepo) {
    this.#repo = repo
  }

  /** @returns the entries, with one `R` entry in the place of each pair */
  async find(entries: readonly RawEntry[], objects: string | null): Promise<RawEntry[]> {
    const gone = entries.filter((entry) => entry.status === 'D' && entry.oldMode.startsWith('100'))
    const come = entries.filter((entry) => entry.status === 'A' && entry.newMode.startsWith('100'))
    if (gone.length === 0 || come.length === 0) return [...entries]

    const pairs = equalContents(gone, come)
    const taken = new Set(pairs.values())
    const goneLeft = gone.filter((entry) => !taken.has(entry.path))
    const comeLeft = come.filter((entry) => !pairs.has(entry.path))
    for (const [path, from] of await this.#similar(goneLeft, comeLeft, objects)) pairs.set(path, from)
    return joined(entries, pairs)
  }

  async #similar(
    gone: readonly RawEntry[],
    come: readonly RawEntry[],
    objects: string | null,
  ): Promise<ReadonlyMap<BytePath, BytePath>> {
    if (gone.length === 0 || come.length === 0) return new Map()
    if (gone.length > maxCandidates || come.length > maxCandidates) return new Map()
    const both = [...gone, ...come]
    const key = both.map((entry) => `${entry.path}\0${entry.oldOid}${entry.newOid}`).join('\0')
    if (key === this.#key) return this.#pairs
    const args = ['-r', '-z', '--raw', '--no-abbrev', '-M', `-l${maxCandidates}`].concat([
      '--no-rename-empty',
      '--diff-filter=R',
    ])
    const result = await compareEntries(this.#repo, both, args, { objects })
    const pairs = new Map<BytePath, BytePath>()
    for (const { path, from } of parseRaw(result.stdout)) if (from !== null) pairs.set(path, from)
    this.#key = key
    this.#pairs = pairs
    return pairs
  }
}

/** New path to old path. Of several equal files the one with the same name is meant. */
function equalContents(gone: readonly RawEntry[], come: readonly RawEntry[]): Map<BytePath, BytePath> {
  const byContent = new Map<string, BytePath[]>()
  for (const { oldOid, path } of gone) {
    if (oldOid !== emptyBlob) byContent.set(oldOid, [...(byContent.get(oldOid) ?? []), path])
  }
  const pairs = new Map<BytePath, BytePath>()
  for (const { newOid, path } of come) {
    const candidates = byContent.get(newOid)
    if (!candidates || candidates.length === 0) continue
    const name = path.slice(path.lastIndexOf('/') + 1)
    const same = candidates.findIndex((other) => other === name || other.endsWith(`/${name}`))
    pairs.set(path, candidates.splice(Math.max(0, same), 1)[0] as BytePath)
  }
  return pairs
}

function joined(entries: readonly RawEntry[], pairs: ReadonlyMap<BytePath, BytePath>): RawEntry[] {
  const olds = new Map(entries.map((entry) => [entry.path, entry]))
  const moved = new Set(pairs.values())
  return entries
    .filter((entry) => entry.status !== 'D' || !moved.has(entry.path))
    .map((entry) => {
      const from = pairs.get(entry.path)
      const old = from === undefined || entry.status !== 'A' ? undefined : olds.get(from)
      return old ? { ...entry, status: 'R', from: old.path, oldMode: old.oldMode, oldOid: old.oldOid } : entry
    })
}
