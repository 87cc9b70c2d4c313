// Builds the optional shim: `node native-sandbox/shim/build-shim.mjs`. Ends at once when it is newer than its source.
import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const source = join(here, 'hold-shim.c')
export const shim = join(here, '..', 'out', 'hold-shim.so')

const flags = [
  '-std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wpedantic -Wshadow -O2'.split(' '),
  '-fPIC -shared -nostdlib -fno-builtin -fvisibility=hidden'.split(' '),
  '-Wl,-z,relro,-z,now,-z,noexecstack',
].flat()

const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** @returns {{ ok: boolean, line: string }} what happened, in one line */
export function buildShim() {
  if (process.platform !== 'linux') return { ok: true, line: `hold-shim: not needed on ${process.platform}` }
  if (changedAt(shim) > Math.max(changedAt(source), changedAt(fileURLToPath(import.meta.url))))
    return { ok: true, line: 'hold-shim: up to date' }
  mkdirSync(dirname(shim), { recursive: true })
  const fresh = `${shim}.${process.pid}`
  const compiler = process.env.CC ?? 'gcc'
  const { status, error, stderr } = spawnSync(compiler, [...flags, source, '-o', fresh], { encoding: 'utf8' })
  if (error) return { ok: false, line: `hold-shim: ${compiler} could not be started (${error.message})` }
  if (status !== 0)
    return { ok: false, line: `hold-shim: ${compiler} ended with ${status}\n${stderr.trim()}` }
  renameSync(fresh, shim)
  return { ok: true, line: 'hold-shim: built' }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ok, line } = buildShim()
  console.log(line)
  process.exitCode = ok ? 0 : 1
}
