import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** What one row did against one build. */
export type Tried = {
  /** With the user in front: `as root …`. */
  readonly name: string
  readonly passed: boolean
  /** It failed because of what the attempt did, not because the run could not be made. */
  readonly noticed: boolean
  /** The first line of what it failed with; '' when it passed. */
  readonly words: string
  /** Why no build can make it fail, as the row itself says; null when it does not. */
  readonly alsoStopped: string | null
}

export type Results = {
  /** Against the sandbox as it should be: every row there is. */
  asItIs: readonly Tried[]
  /** By the name of the weakening. */
  readonly builds: Record<string, readonly Tried[]>
}

export const noResults = (): Results => ({ asItIs: [], builds: {} })
const fileIn = (folder: string) => path.join(folder, 'results.json')

/** What earlier runs kept; nothing when there were none. */
export function load(folder: string): Results {
  try {
    return JSON.parse(readFileSync(fileIn(folder), 'utf8')) as Results
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    return noResults()
  }
}

export function keep(folder: string, results: Results): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileIn(folder), `${JSON.stringify(results, null, 1)}\n`)
}

/** Full names of rows that at least one build made fail. */
export const seenFailing = ({ builds }: Results): Set<string> =>
  new Set(
    Object.values(builds).flatMap((rows) => rows.filter(({ noticed }) => noticed).map(({ name }) => name)),
  )

/** @returns `good`: the sandbox as it is fails no row, and every row was seen failing or says why it was not */
export function summary(results: Results): { readonly lines: readonly string[]; readonly good: boolean } {
  const seen = seenFailing(results)
  const silent = results.asItIs.filter(({ name }) => !seen.has(name))
  const reasoned = silent.filter((row) => row.alsoStopped !== null)
  const unexplained = silent.filter((row) => row.alsoStopped === null)
  const needless = results.asItIs.filter((row) => row.alsoStopped !== null && seen.has(row.name))
  const failed = results.asItIs.filter((row) => !row.passed)
  const count = results.asItIs.length
  return {
    good: count > 0 && [...failed, ...unexplained, ...needless].length === 0,
    lines: [
      `${count} rows: ${count - silent.length} seen failing in ${Object.keys(results.builds).length} builds, ` +
        `${reasoned.length} stopped by others as well, ${unexplained.length} unexplained, ` +
        `${failed.length} fail although nothing was weakened`,
      ...listed('Stopped by others as well:', reasoned, (row) => `${row.name}: ${row.alsoStopped}`),
      ...listed('Unexplained:', unexplained, (row) => row.name),
      ...listed('Said to be stopped by others as well, but seen failing:', needless, (row) => row.name),
      ...listed('Fail although nothing was weakened:', failed, (row) => `${row.name}: ${row.words}`),
    ],
  }
}

const listed = (title: string, rows: readonly Tried[], words: (row: Tried) => string): string[] =>
  rows.length === 0 ? [] : [title, ...rows.map((row) => `  ${words(row)}`)]
