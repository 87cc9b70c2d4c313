import { lstatSync, readdirSync, readFileSync, rmdirSync, rmSync, unlinkSync } from 'node:fs'
import { z } from 'zod'
import { startOf } from './process-tree.ts'

const Entry = z.object({ path: z.string(), dev: z.number(), ino: z.number() })
const Ledger = z.object({ startedAt: z.string(), entries: z.array(Entry) })

/**
 * Works off what earlier versions left in `<stateDir>/placeholders`: a ledger per host of the empty files and
 * folders it put where protected paths are absent, and in `<stateDir>/runs`: a file per run. Each is removed once
 * its host is gone; what somebody filled or replaced meanwhile is theirs. What cannot be read or removed stays, and
 * is tried again by the next host: nothing here is needed for a boundary. Never throws.
 */
export function sweepOldLedgers(stateDir: string): void {
  const folder = `${stateDir}/placeholders`
  const ledgers = namesIn(folder).filter((name) => /^\d+\.json$/.test(name))
  for (const name of ledgers) {
    const parsed = Ledger.safeParse(readJson(`${folder}/${name}`))
    if (!parsed.success) continue
    const { startedAt, entries } = parsed.data
    if (startedAt !== '' && startOf(Number.parseInt(name, 10)) === startedAt) continue
    entries.forEach(removeIfEmpty)
    attempt(() => rmSync(`${folder}/${name}`, { force: true }))
  }
  if (namesIn(folder).join() === 'lock') attempt(() => rmSync(`${folder}/lock`, { force: true }))
  for (const name of namesIn(`${stateDir}/runs`).filter((run) => /^\d+-\d+$/.test(run))) {
    if (startOf(Number.parseInt(name, 10)) === '')
      attempt(() => rmSync(`${stateDir}/runs/${name}`, { force: true }))
  }
  for (const old of [folder, `${stateDir}/runs`]) {
    if (namesIn(old).length === 0) attempt(() => rmdirSync(old))
  }
}

/** Gone, replaced, or filled meanwhile: then it belongs to somebody else. */
const removeIfEmpty = ({ path, dev, ino }: z.infer<typeof Entry>): void =>
  attempt(() => {
    const found = lstatSync(path)
    if (found.ino !== ino || found.dev !== dev) return
    if (found.isDirectory()) rmdirSync(path)
    else if (found.isFile() && found.size === 0) unlinkSync(path)
  })

function attempt(step: () => void): void {
  try {
    step()
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause
  }
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
