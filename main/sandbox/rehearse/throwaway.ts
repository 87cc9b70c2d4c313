import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { type CopyPlan, foldersOf } from './plan-copy.ts'

/** Where the copies of all rehearsals lie; private, and below a folder no command can see. */
export const rehearsalsIn = (stateDir: string): string => `${stateDir}/rehearsals`

/** Makes the empty folders, and copies of single files, that a plan names. @throws what the disk said */
export function makeThrowaway(dir: string, plan: CopyPlan): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  for (const folder of foldersOf(plan)) mkdirSync(folder, { mode: 0o700 })
  for (const { root, upper } of plan.folders) {
    // The root's own mode is seen through the upper folder.
    chmodSync(upper, statSync(root).mode & 0o7777)
  }
  for (const { path, copy } of plan.files) {
    copyFileSync(path, copy)
    chmodSync(copy, statSync(path).mode & 0o7777)
  }
}

/** Removes a copy. What its command closed to everybody is opened first. */
export function removeThrowaway(launcher: string, dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true })
  } catch {
    spawnSync(launcher, ['--upper', dir], { stdio: 'ignore', env: {} })
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Removes the copies of hosts that are no longer running: each is named after its host's process and start. */
export function sweepThrowaways(
  launcher: string,
  stateDir: string,
  isAlive: (host: string) => boolean,
): void {
  let names: string[]
  try {
    names = readdirSync(rehearsalsIn(stateDir))
  } catch {
    return
  }
  for (const name of names) {
    const host = name.split('.')[0] ?? ''
    if (!isAlive(host)) removeThrowaway(launcher, `${rehearsalsIn(stateDir)}/${name}`)
  }
}
