// Builds the launcher: `node native-sandbox/build.mjs`. Plain JavaScript, so that it runs before npm install.
// Prints one line. Ends at once when the launcher is newer than its source and this file.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const folder = join(here, 'linux')
const files = (ending) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => join(folder, name))

/** Every file of the launcher, absolute. */
export const sources = files('.c')
const headers = files('.h')
const target = join(here, 'out', 'launcher')

export const warnings = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-Wpedantic', '-Wshadow', '-Wformat=2']
const hardening = [
  '-O2',
  '-D_FORTIFY_SOURCE=2',
  '-fstack-protector-strong',
  '-fstack-clash-protection',
  '-fPIE',
  ...(process.arch === 'x64' ? ['-fcf-protection'] : []),
  '-Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code',
]

const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/**
 * Compiles when something is newer than `path`; beside its place and moved there, so that a run that starts
 * meanwhile finds a whole file. Each of `links` is tried until one works.
 */
function build(path, flags, links) {
  const inputs = [...sources, ...headers, fileURLToPath(import.meta.url)]
  if (changedAt(path) > Math.max(...inputs.map(changedAt))) return { ok: true, line: 'launcher: up to date' }
  const startedAt = Date.now()
  mkdirSync(dirname(path), { recursive: true })
  const fresh = `${path}.${process.pid}`
  const compiler = process.env.CC ?? 'gcc'
  let problem = ''
  for (const link of links) {
    const argv = [...warnings, ...flags, '-pthread', link, ...sources, '-o', fresh]
    const { status, error, stderr } = spawnSync(compiler, argv, { encoding: 'utf8' })
    if (status === 0) {
      renameSync(fresh, path)
      return { ok: true, line: `launcher: built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s` }
    }
    problem = error
      ? `${compiler} could not be started (${error.message}); install gcc and libc6-dev`
      : `${compiler} ended with ${status}\n${stderr.trim()}`
  }
  return { ok: false, line: `launcher: ${problem}` }
}

/**
 * Linked whole, it starts sooner and needs no library in a view that shows none. Not every system has the C library
 * in that form.
 * @returns {{ ok: boolean, line: string }} what happened, in one line
 */
export function buildLauncher() {
  if (process.platform !== 'linux') return { ok: true, line: `launcher: not needed on ${process.platform}` }
  return build(target, hardening, ['-static-pie', '-pie'])
}

/** For tests: ends at the first undefined behaviour. @returns {{ ok: boolean, line: string, path: string }} */
export function buildSanitized() {
  const path = join(here, 'out', 'launcher-sanitized')
  const flags = ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']
  return { path, ...build(path, flags, ['-pie']) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ok, line } = buildLauncher()
  console.log(line)
  process.exitCode = ok ? 0 : 1
}
