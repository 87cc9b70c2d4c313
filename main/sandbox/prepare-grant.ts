import { closeSync, lstatSync, mkdirSync, openSync, realpathSync, rmdirSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Grant } from '../../protocol/action.ts'
import type { Violation } from '../../protocol/sandbox.ts'
import { foldersBetween } from './paths.ts'
import { SandboxUnavailable } from './sandbox-unavailable.ts'

type Made = { readonly path: string; readonly ino: number }

/**
 * Makes the granted paths that are absent, since only what exists can be mounted: an empty file, or a folder
 * where the command wanted one. Absent parents are made as plain folders, but stay closed: the grant is never
 * wider than its path. The mode is what the user's umask gives.
 *
 * `undo` removes what is still empty and still the thing we made; a file that was written stays, even if to
 * zero bytes by a later write, as far as its change time tells.
 *
 * @throws SandboxUnavailable when a path cannot be made; all that was made before is taken back
 */
export async function prepareGrant(
  violations: readonly Violation[],
  grant: Grant,
): Promise<{ undo(): Promise<void> }> {
  const made: (Made & { readonly ctimeMs: number; readonly folder: boolean })[] = []
  const undo = () => {
    for (const entry of made.toReversed()) takeBack(entry)
    made.length = 0
  }
  if (grant.unsandboxed) return { undo: async () => undo() }

  try {
    for (const path of grant.writePaths) {
      if (lstatSync(path, { throwIfNoEntry: false })) continue
      const wants = violations.find((v) => v.kind === 'write' && v.path === path)
      const folder = wants?.kind === 'write' && wants.wants === 'directory'
      for (const parent of foldersBetween('/', path)) {
        if (lstatSync(parent, { throwIfNoEntry: false })) continue
        mkdirSync(parent)
        made.push({ path: parent, folder: true, ...identity(parent) })
      }
      // Paths were resolved when the question was asked. A link that came since leads elsewhere.
      const parent = dirname(path)
      if (realpathSync(parent) !== parent) throw new Error(`${parent} is a link now`)
      if (folder) mkdirSync(path)
      else closeSync(openSync(path, 'wx', 0o666))
      made.push({ path, folder, ...identity(path) })
    }
  } catch (cause) {
    undo()
    const { message } = cause as Error
    throw new SandboxUnavailable(
      { code: 'backendFailed', detail: `A granted path could not be made: ${message}.` },
      { cause },
    )
  }
  return { undo: async () => undo() }
}

const identity = (path: string) => {
  const { ino, ctimeMs } = lstatSync(path)
  return { ino, ctimeMs }
}

function takeBack(entry: Made & { readonly ctimeMs: number; readonly folder: boolean }): void {
  const found = lstatSync(entry.path, { throwIfNoEntry: false })
  if (found?.ino !== entry.ino) return
  try {
    if (entry.folder) rmdirSync(entry.path)
    else if (found.size === 0 && found.ctimeMs === entry.ctimeMs) unlinkSync(entry.path)
  } catch (cause) {
    // Filled meanwhile: then it is what the command made of its grant.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause
  }
}
