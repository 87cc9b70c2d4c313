import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import { standInIsFile } from './git-dirs.ts'
import { SandboxUnavailable } from './sandbox-unavailable.ts'

/** An empty file or folder we made so that something can be mounted where a protected path is absent. */
const Entry = z.object({ path: z.string(), dev: z.number(), ino: z.number() })
type Entry = z.infer<typeof Entry>
/** What one host process keeps in place: `<pid>.json` in the ledger folder. */
const Ledger = z.object({ startedAt: z.string(), entries: z.array(Entry) })

export type Held = {
  /** The spec without paths that neither exist nor could be made, by us or by the command. */
  readonly spec: SandboxSpec
  release(): void
}

/**
 * Stand-ins for absent protected paths. bubblewrap can only mount over something, and would leave empty
 * files behind that nobody dares to remove; so we make them ourselves, know each by its inode, and remove
 * it when the last run that needs it is over and it is still ours and empty.
 *
 * Several hosts of one user may work in one folder. Removing a stand-in would take away the mount of the other
 * host's run as well, so each host writes what it holds to a ledger and the last one removes. The ledger of a
 * host that died is worked off by the next one. All steps are synchronous and behind one lock.
 */
export class Placeholders {
  readonly #folder: string
  readonly #held = new Map<string, { readonly entry: Entry; count: number }>()

  /** @param folder below GATEHOUSE_HOME, which no command can see */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** @throws SandboxUnavailable when a protected path is, or became, a symlink, or cannot be held */
  hold(spec: SandboxSpec): Held {
    if (spec.boundary === 'none') return { spec, release() {} }
    const mine: string[] = []
    return this.#locked(() => {
      const release = () => this.#locked(() => this.#release(mine.splice(0)))
      try {
        const others = this.#othersEntries()
        const keep = ({ path }: { path: string }) => this.#ensure(path, others, mine)
        const kept: SandboxSpec = {
          ...spec,
          protectedPaths: spec.protectedPaths.filter(keep),
          closedInGrants: spec.closedInGrants.filter(keep),
        }
        return { spec: kept, release }
      } catch (cause) {
        this.#release(mine.splice(0))
        throw cause
      } finally {
        this.#write()
      }
    })
  }

  /** Removes what hosts left behind that are no longer running. */
  sweep(): void {
    this.#locked(() => {
      for (const { file, alive, entries } of this.#ledgers()) {
        if (alive) continue
        const others = this.#othersEntries()
        for (const entry of entries) if (!others.has(entry.path)) removeIfOurs(entry)
        rmSync(file, { force: true })
      }
    })
  }

  /** true: something is at `path` that a mount can cover. */
  #ensure(path: string, others: ReadonlyMap<string, Entry>, mine: string[]): boolean {
    const known = this.#held.get(path)
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found?.isSymbolicLink()) throw new SandboxUnavailable({ code: 'protectedPathIsSymlink', path })
    if (known && found?.ino === known.entry.ino) {
      known.count++
      mine.push(path)
      return true
    }
    const shared = others.get(path)
    if (found && shared?.ino === found.ino) return this.#add(shared, mine)
    if (found) return true
    try {
      if (standInIsFile(path)) closeSync(openSync(path, 'wx', 0o644))
      else mkdirSync(path, 0o755)
    } catch (cause) {
      if (cannotBeMadeInside(path)) return false
      const detail = `${path} is absent and no stand-in could be made (${(cause as Error).message}).`
      throw new SandboxUnavailable({ code: 'backendFailed', detail }, { cause })
    }
    const { dev, ino } = lstatSync(path)
    return this.#add({ path, dev, ino }, mine)
  }

  #add(entry: Entry, mine: string[]): true {
    this.#held.set(entry.path, { entry, count: 1 })
    mine.push(entry.path)
    return true
  }

  #release(paths: readonly string[]): void {
    const others = this.#othersEntries()
    for (const path of paths) {
      const held = this.#held.get(path)
      if (!held || --held.count > 0) continue
      this.#held.delete(path)
      if (!others.has(path)) removeIfOurs(held.entry)
    }
    this.#write()
  }

  #write(): void {
    const file = `${this.#folder}/${process.pid}.json`
    const entries = [...this.#held.values()].map(({ entry }) => entry)
    if (entries.length === 0) return rmSync(file, { force: true })
    writeFileSync(`${file}.new`, JSON.stringify({ startedAt: startOf(process.pid), entries }))
    renameSync(`${file}.new`, file)
  }

  #othersEntries(): Map<string, Entry> {
    const others = this.#ledgers().filter(({ alive, pid }) => alive && pid !== process.pid)
    return new Map(others.flatMap(({ entries }) => entries.map((entry) => [entry.path, entry] as const)))
  }

  /** An unreadable ledger is left alone: what it holds is unknown, so nothing is removed because of it. */
  #ledgers() {
    const names = readdirSync(this.#folder).filter((name) => /^\d+\.json$/.test(name))
    return names.flatMap((name) => {
      const file = `${this.#folder}/${name}`
      const pid = Number.parseInt(name, 10)
      const parsed = Ledger.safeParse(readJson(file))
      if (!parsed.success) return []
      const { startedAt, entries } = parsed.data
      return [{ file, pid, entries, alive: startedAt !== '' && startOf(pid) === startedAt }]
    })
  }

  /** Steps are short, so a lock that stays for seconds belongs to a host that died within one. */
  #locked<T>(step: () => T): T {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const lock = `${this.#folder}/lock`
    for (let attempt = 0; ; attempt++) {
      try {
        closeSync(openSync(lock, 'wx', 0o600))
        break
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
        const age = Date.now() - (lstatSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0)
        if (age > 2000) rmSync(lock, { force: true })
        else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
        if (attempt > 1000)
          throw new SandboxUnavailable({ code: 'backendFailed', detail: `${lock} is held.` })
      }
    }
    try {
      return step()
    } finally {
      rmSync(lock, { force: true })
    }
  }
}

/** Gone, replaced, or filled meanwhile: then it belongs to somebody else. */
function removeIfOurs({ path, dev, ino }: Entry): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.ino !== ino || found.dev !== dev) return
  try {
    if (found.isDirectory()) rmdirSync(path)
    else if (found.size === 0) unlinkSync(path)
  } catch (cause) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause
  }
}

/** The folder belongs to another user, so the command cannot open it for itself either. */
function cannotBeMadeInside(path: string): boolean {
  const parent = lstatSync(dirname(path), { throwIfNoEntry: false })
  return parent === undefined || (parent.uid !== process.getuid?.() && process.getuid?.() !== 0)
}

/** When a process started, in ticks since boot; '' when there is none. Tells a reused pid apart. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
