import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sources, warnings } from '../build.mjs'

const out = join(import.meta.dirname, '../out/tests')
const checked = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-g', '-O1', '-pthread']

/** Of everything that the builds are made from, so that an old one is never used. */
function contentKey(probe: string): string {
  const folder = dirname(sources[0] ?? probe)
  const headers = readdirSync(folder).filter((name) => name.endsWith('.h'))
  const hash = createHash('sha256')
  for (const path of [...sources, ...headers.map((name) => join(folder, name)), probe, import.meta.filename])
    hash.update(readFileSync(path)).update('\0')
  return hash.digest('hex').slice(0, 16)
}

/**
 * Builds of the launcher (checked for memory and undefined behaviour, and as shipped) and of the probe (also static),
 * made once for each state of the sources.
 *
 * @returns the folder that holds `launcher`, `launcher-plain`, `probe` and `probe-static`
 */
export function testBuilds(): string {
  const probe = join(import.meta.dirname, 'held-probe.c')
  const key = contentKey(probe)
  const folder = join(out, key)
  if (existsSync(folder)) return folder
  const fresh = `${folder}.${process.pid}`
  mkdirSync(fresh, { recursive: true })
  execFileSync('gcc', [...warnings, ...checked, ...sources, '-o', join(fresh, 'launcher')])
  execFileSync('gcc', [...warnings, '-O2', '-pthread', ...sources, '-o', join(fresh, 'launcher-plain')])
  execFileSync('gcc', ['-O2', '-pthread', probe, '-o', join(fresh, 'probe')])
  execFileSync('gcc', ['-O2', '-pthread', '-static', probe, '-o', join(fresh, 'probe-static')])
  for (const name of readdirSync(out)) if (!name.startsWith(key)) rmSync(join(out, name), { recursive: true })
  if (existsSync(folder)) rmSync(fresh, { recursive: true })
  else renameSync(fresh, folder)
  return folder
}
