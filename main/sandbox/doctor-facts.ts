import { execFile } from 'node:child_process'
import { access, constants, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { findBwrap } from './detect.ts'
import type { PlatformFacts } from './detect-platform.ts'
import { gatherPlatform } from './detect-platform-facts.ts'

export type DoctorFacts = {
  readonly platform: PlatformFacts
  /** null: not found. `version` null: it does not say. */
  readonly bwrap: { readonly path: string; readonly version: string | null; readonly setuid: boolean } | null
  readonly launcher: { readonly path: string; readonly state: 'ready' | 'missing' | 'older than its source' }
  /** `closed`: it is there and this user may not open it. */
  readonly fuse: 'usable' | 'closed' | 'absent'
  readonly node: string
  /** Why Gatehouse's own folder cannot be used; null when it can. */
  readonly home: { readonly path: string; readonly problem: string | null; readonly open: boolean }
}

/** Looks at what the doctor speaks of, without trying a boundary. Never throws. */
export async function gatherDoctorFacts(about: {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly launcher: string
  readonly gatehouseHome: string
}): Promise<DoctorFacts> {
  const [platform, bwrap, launcher, fuse, home] = await Promise.all([
    gatherPlatform(about.env),
    bwrapFacts(about.env['PATH'] ?? ''),
    launcherState(about.launcher),
    fuseState(),
    homeState(about.gatehouseHome),
  ])
  return { platform, bwrap, launcher, fuse, node: process.versions.node, home }
}

async function bwrapFacts(search: string): Promise<DoctorFacts['bwrap']> {
  const file = findBwrap(search)
  if (file === null) return null
  const said = await new Promise<string>((resolve) => {
    execFile(file, ['--version'], { timeout: 10_000, env: {} }, (_, stdout) => resolve(stdout))
  })
  const { mode, uid } = await stat(file).catch(() => ({ mode: 0, uid: -1 }))
  return {
    path: file,
    version: /\d+\.\d+[.\d]*/.exec(said)?.[0] ?? null,
    setuid: (mode & 0o4000) !== 0 && uid === 0,
  }
}

/** In a package the source is not there, and what was built is what was shipped. */
async function launcherState(file: string): Promise<DoctorFacts['launcher']> {
  const built = await stat(file).catch(() => null)
  if (built === null) return { path: file, state: 'missing' }
  const source = await stat(path.join(path.dirname(file), '../linux/launcher.c')).catch(() => null)
  const old = source !== null && source.mtimeMs > built.mtimeMs
  return { path: file, state: old ? 'older than its source' : 'ready' }
}

async function fuseState(): Promise<DoctorFacts['fuse']> {
  const rights = constants.R_OK | constants.W_OK
  return access('/dev/fuse', rights).then(
    () => 'usable',
    (problem: NodeJS.ErrnoException) => (problem.code === 'ENOENT' ? 'absent' : 'closed'),
  )
}

async function homeState(folder: string): Promise<DoctorFacts['home']> {
  const trial = path.join(folder, 'state', `doctor-${process.pid}`)
  try {
    await mkdir(path.dirname(trial), { recursive: true, mode: 0o700 })
    await writeFile(trial, 'a trial\n', { mode: 0o600, flag: 'wx' })
    await readFile(trial)
    const { mode } = await stat(folder)
    return { path: folder, problem: null, open: (mode & 0o022) !== 0 }
  } catch (problem) {
    return { path: folder, problem: (problem as Error).message, open: false }
  } finally {
    await rm(trial, { force: true }).catch(() => {})
  }
}
