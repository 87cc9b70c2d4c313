import type { Grant } from '../../protocol/action.ts'
import type { ApprovalId } from '../../protocol/ids.ts'
import type { HostVerdict } from './network/judge-host.ts'
import { isWithin } from './settings/plain-path.ts'

/** Facts about an action that policy cannot see from the action alone; gathered at the edge. */
export type ActionFacts = {
  /** A session grant that already covers everything the action asks for. */
  readonly grantedBy: ApprovalId | null
  /** The same question was denied earlier in this turn. */
  readonly denied: { readonly approvalId: ApprovalId; readonly note: string | null } | null
  /** Of the paths an edit touches: the first inside a protected path, and the first outside every writable root. */
  readonly protectedPath: string | null
  readonly outsidePath: string | null
  /** Of the paths a held call touches: the first that is Gatehouse's own. */
  readonly ownPath: string | null
  /** What the rules say of the host of a connection. Absent: nothing. */
  readonly host?: HostVerdict
}

export const noFacts: ActionFacts = {
  grantedBy: null,
  denied: null,
  protectedPath: null,
  outsidePath: null,
  ownPath: null,
}

/** Whether `wide` gives everything `narrow` asks for. */
export function covers(wide: Grant, narrow: Grant): boolean {
  if (wide.unsandboxed) return true
  if (narrow.unsandboxed) return false
  if (narrow.network && !wide.network) return false
  if ((narrow.hosts ?? []).some((host) => !(wide.hosts ?? []).some((given) => opens(given, host))))
    return false
  if (narrow.gitMetadata && !wide.gitMetadata) return false
  return (
    allWithin(narrow.writePaths, wide.writePaths) && allWithin(narrow.readPaths ?? [], wide.readPaths ?? [])
  )
}

type HostGrant = NonNullable<Grant['hosts']>[number]

/** Only the same host; a wider pattern is a rule's matter. */
const opens = (given: HostGrant, wanted: HostGrant): boolean =>
  given.pattern === wanted.pattern && (given.port === null || given.port === wanted.port)

const allWithin = (paths: readonly string[], given: readonly string[]): boolean =>
  paths.every((path) => given.some((folder) => isWithin(path, folder)))
