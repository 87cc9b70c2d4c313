// Builds the launcher and the shim: `node native-sandbox/build.mjs`. Plain JavaScript, so that it runs before npm install.
// Prints one line. Ends at once when the launcher is newer than its source and this file.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, statSync, utimesSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildShim } from './shim/build-shim.mjs'

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

/** @returns what went wrong, in words, or "" */
function compile(argv) {
  const compiler = process.env.CC ?? 'gcc'
  const { status, error, stderr } = spawnSync(compiler, argv, { encoding: 'utf8' })
  if (error) return `${compiler} could not be started (${error.message}); install gcc and libc6-dev`
  return status === 0 ? '' : `${compiler} ended with ${status}\n${stderr.trim()}`
}

/**
 * Writes beside the place and moves there, so that a run that starts meanwhile finds a whole file. What is made has
 * the time of the start: an input that changes meanwhile is newer.
 */
function make(path, argv) {
  const startedAt = new Date()
  const fresh = `${path}.${process.pid}`
  const problem = compile([...argv, '-o', fresh])
  if (problem) return problem
  utimesSync(fresh, startedAt, startedAt)
  renameSync(fresh, path)
  return ''
}

/** Compiles what is older than its source, the headers, or this file. Each of `links` is tried until one works. */
function build(path, flags, links) {
  const startedAt = Date.now()
  const common = Math.max(...[...headers, fileURLToPath(import.meta.url)].map(changedAt))
  const newest = Math.max(common, ...sources.map(changedAt))
  if (changedAt(path) > newest) return { ok: true, line: 'launcher: up to date' }
  const objects = `${path}-objects`
  mkdirSync(objects, { recursive: true })
  for (const source of sources) {
    const object = join(objects, `${basename(source)}.o`)
    if (changedAt(object) > Math.max(common, changedAt(source))) continue
    const problem = make(object, [...warnings, ...flags, '-c', source])
    if (problem) return { ok: false, line: `launcher: ${problem}` }
  }
  const made = sources.map((source) => join(objects, `${basename(source)}.o`))
  let problem = ''
  for (const link of links) {
    problem = make(path, [...flags, '-pthread', link, ...made])
    if (!problem)
      return { ok: true, line: `launcher: built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s` }
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
  const flags = ['-O1', '-g', '-fPIE', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']
  return { path, ...build(path, flags, ['-pie']) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = [buildLauncher(), buildShim()]
  console.log(built.map(({ line }) => line).join('; '))
  process.exitCode = built.every(({ ok }) => ok) ? 0 : 1
}
