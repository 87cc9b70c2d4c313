import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'

const Remembered = z.object({
  version: z.literal(1),
  folders: z
    .array(
      z.object({
        path: z.string().startsWith('/').max(4096),
        lastAtMs: z.int().min(0),
        /** null: the person has not vouched for it. */
        trustedAtMs: z.int().min(0).nullable(),
      }),
    )
    .max(5000),
})

export type RememberedFolder = z.infer<typeof Remembered>['folders'][number]

/** Recent folders that were never vouched for are forgotten beyond this many. */
const maxRecent = 200

/**
 * Which folders the person vouched for, and which were opened lately.
 *
 * A file that is broken is kept aside and counts as empty: nothing is trusted because of a damaged record.
 * Changes are on the disk before they are answered, and a change that cannot be written is not made.
 */
export class FolderTrust {
  /** One sentence when the file was broken; null otherwise. */
  readonly problem: string | null
  readonly #file: string
  readonly #clock: { nowMs(): number }
  #folders: readonly RememberedFolder[]
  #writing: Promise<unknown> = Promise.resolve()

  constructor(
    file: string,
    clock: { nowMs(): number },
    folders: readonly RememberedFolder[],
    problem: string | null,
  ) {
    this.#file = file
    this.#clock = clock
    this.#folders = folders
    this.problem = problem
  }

  /** Reads `state/folders.json`. Never throws. */
  static async load(gatehouseHome: string, clock: { nowMs(): number }): Promise<FolderTrust> {
    const file = join(gatehouseHome, 'state', 'folders.json')
    const found = await readFolders(file)
    if (Array.isArray(found)) return new FolderTrust(file, clock, found, null)
    const aside = `${file}.broken-${clock.nowMs()}`
    const kept = await rename(file, aside).then(
      () => `It was kept as ${aside}.`,
      () => 'It stays where it is until the next change.',
    )
    const problem = `${file} ${found.why}, so no folder counts as vouched for. ${kept}`
    return new FolderTrust(file, clock, [], problem)
  }

  /** Exactly this folder; trust in a folder says nothing about those inside it. */
  isTrusted(path: string): boolean {
    return this.#folders.some((folder) => folder.path === path && folder.trustedAtMs !== null)
  }

  /** Newest first. */
  recent(): readonly { readonly path: string; readonly lastAtMs: number; readonly trusted: boolean }[] {
    return this.#folders
      .map(({ path, lastAtMs, trustedAtMs }) => ({ path, lastAtMs, trusted: trustedAtMs !== null }))
      .toSorted((a, b) => b.lastAtMs - a.lastAtMs)
  }

  trust(path: string): Promise<void> {
    return this.#change(path, (old) => ({
      path,
      lastAtMs: this.#clock.nowMs(),
      trustedAtMs: old?.trustedAtMs ?? this.#clock.nowMs(),
    }))
  }

  /** Takes back `trust`; the folder stays among the recent ones. */
  distrust(path: string): Promise<void> {
    return this.#change(path, (old) => old && { ...old, trustedAtMs: null })
  }

  noteOpened(path: string): Promise<void> {
    return this.#change(path, (old) => ({
      path,
      lastAtMs: this.#clock.nowMs(),
      trustedAtMs: old?.trustedAtMs ?? null,
    }))
  }

  forget(path: string): Promise<void> {
    return this.#change(path, () => undefined)
  }

  #change(
    path: string,
    change: (old: RememberedFolder | undefined) => RememberedFolder | undefined,
  ): Promise<void> {
    const result = this.#writing.then(async () => {
      const changed = change(this.#folders.find((folder) => folder.path === path))
      const others = this.#folders.filter((folder) => folder.path !== path)
      const next = bounded(changed ? [...others, changed] : others)
      await write(this.#file, Remembered.parse({ version: 1, folders: next }))
      this.#folders = next
    })
    this.#writing = result.catch(() => {})
    return result
  }
}

function bounded(folders: readonly RememberedFolder[]): RememberedFolder[] {
  const newestFirst = folders.toSorted((a, b) => b.lastAtMs - a.lastAtMs)
  return newestFirst.filter((folder, place) => folder.trustedAtMs !== null || place < maxRecent)
}

async function readFolders(file: string): Promise<RememberedFolder[] | { why: string }> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? [] : { why: `could not be read (${message})` }
  }
  try {
    const parsed = Remembered.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data.folders : { why: 'does not have the expected form' }
  } catch {
    return { why: 'is not valid JSON' }
  }
}

async function write(file: string, content: unknown): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  const draft = `${file}.${randomBytes(6).toString('hex')}.new`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
