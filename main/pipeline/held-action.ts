import path from 'node:path'
import type { Escalation, FileAccessAction, Grant } from '../../protocol/action.ts'
import { noGrant } from '../../protocol/action.ts'
import type { ActionId } from '../../protocol/ids.ts'
import type { HeldCall, SandboxSpec } from '../../protocol/sandbox.ts'
import { isGitRecord } from '../policy/git-records.ts'
import { pathsOf } from '../policy/judge-file-access.ts'
import { isWithin } from '../policy/settings/plain-path.ts'
import { changesWhatRunsLater } from '../policy/tier.ts'

/** What is known of the place a held call is about; gathered once for each call. */
export type HeldPlace = {
  readonly folder: string
  readonly roots: readonly string[]
  readonly home: string
  readonly gatehouseHome: string
  /** Git directories of the workspace, resolved. */
  readonly gitDirs: readonly string[]
  readonly spec: Pick<SandboxSpec, 'protectedPaths' | 'closedInGrants' | 'deniedReads'>
}

/** Names that are protected wherever they stand. */
const protectedAnywhere = /\/\.(?:git|gatehouse|codex|agents|claude)(?:\/|$)/

/** The first path of a call that lies in a protected place; null when none does. */
export function protectedIn(held: HeldCall, { spec }: HeldPlace): string | null {
  if (held.kind === 'read') return null
  const closed = [...spec.protectedPaths, ...spec.closedInGrants].map((p) => p.path)
  return pathsOf(held).find((p) => protectedAnywhere.test(p) || closed.some((c) => isWithin(p, c))) ?? null
}

export const outsideIn = (held: HeldCall, { roots }: HeldPlace): string | null =>
  pathsOf(held).find((p) => !roots.some((root) => isWithin(p, root))) ?? null

export const ownIn = (held: HeldCall, { gatehouseHome }: HeldPlace): string | null =>
  pathsOf(held).find((p) => isWithin(p, gatehouseHome)) ?? null

/**
 * A held call as an action. Its ladder: what the call needs; its folder, where opening that is no more than
 * the call suggests; the repository's records, where all it touches are such.
 */
export function heldAction(
  held: HeldCall,
  run: { readonly actionId: ActionId; readonly cwd: string },
  place: HeldPlace,
): FileAccessAction {
  return {
    kind: 'fileAccess',
    runActionId: run.actionId,
    held,
    cwd: run.cwd,
    escalation: {
      source: 'held',
      ladder: heldLadder(held, place),
      reason: null,
      violations: [],
    },
  }
}

function heldLadder(held: HeldCall, place: HeldPlace): Escalation['ladder'] {
  const paths = pathsOf(held)
  if (held.kind === 'read') return [{ ...noGrant, readPaths: [...paths] }]
  const ladder: Grant[] = [{ ...noGrant, writePaths: [...paths] }]
  const records = paths.every((p) => isGitRecord(p, place.gitDirs, held.call))
  if (records) ladder.push({ ...noGrant, gitMetadata: true })
  else if (mayOpen(held, place)) ladder.push({ ...noGrant, writePaths: [held.directory] })
  return ladder
}

/**
 * Whether the folder of a call may be offered: it really is its folder, for both ends, and neither it nor what
 * lies in it by its name is the workspace, a home, a protected place, or decides what runs later.
 */
function mayOpen(held: HeldCall, place: HeldPlace): boolean {
  const folder = held.directory
  if (!path.isAbsolute(folder) || folder === '/' || path.normalize(folder) !== folder) return false
  if (path.dirname(folder) === '/') return false
  if (!pathsOf(held).every((p) => p !== folder && isWithin(p, folder))) return false
  if (protectedIn(held, place) !== null) return false
  const closed = [
    ...place.roots,
    place.folder,
    place.home,
    place.gatehouseHome,
    ...place.gitDirs,
    ...place.spec.protectedPaths.map((p) => p.path),
    ...place.spec.closedInGrants.map((p) => p.path),
    ...place.spec.deniedReads,
    ...laterBelowHome.map((p) => `${place.home}/${p}`),
  ]
  if (closed.some((p) => isWithin(p, folder))) return false
  if (place.roots.some((root) => isWithin(folder, root))) return true
  return !changesWhatRunsLater(folder, place.home) && !isHomeOfSomebody(folder)
}

const isHomeOfSomebody = (folder: string): boolean => /^\/(?:home|Users)(?:\/[^/]+)?$|^\/root$/.test(folder)

/** Places below a home that decide what runs later, for folders around them. */
const laterBelowHome = [
  '.bashrc',
  '.ssh',
  'bin',
  '.local/bin',
  '.config/autostart',
  '.config/systemd',
  '.config/fish',
  '.config/git',
  '.cargo/bin',
  'Library/LaunchAgents',
]
