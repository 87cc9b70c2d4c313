import type { Action, Grant } from '../../protocol/action.ts'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { ActionId, ApprovalId, TurnId } from '../../protocol/ids.ts'
import { covers } from '../policy/action-facts.ts'
import { exactKey } from './fingerprint.ts'

type SessionGrant = {
  readonly approvalId: ApprovalId
  readonly key: string
  readonly grant: Grant
  /** `command`: the same question again. `room`: the grant holds for every command. `run`: for held calls of one run. */
  readonly scope: 'command' | 'room' | 'run'
  /** The run of scope `run`; null for the others. */
  readonly runActionId: ActionId | null
  /** Unix time in milliseconds at which it ends; null: by no clock. */
  readonly endsAtMs: number | null
  /** Ends with this turn; null: with the session. */
  readonly turnId: TurnId | null
}

/** What every command of a session has beyond its mode. */
export type Room = {
  readonly writePaths: readonly string[]
  readonly readPaths: readonly string[]
  readonly gitMetadata: boolean
  readonly network: boolean
}

const roomKinds: ReadonlySet<ApprovalRequest['kind']> = new Set([
  'writeOutside',
  'writeInside',
  'addPermissions',
])

/** What was granted beyond one action, until the turn or the session ends. Never written to rules. */
export class SessionGrants {
  #grants: SessionGrant[] = []
  readonly #nowMs: () => number
  #denied = new Map<string, { readonly approvalId: ApprovalId; readonly note: string | null }>()

  /** @param nowMs the time, for grants that end by it */
  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs
  }

  /**
   * Remembers an answer. `once` leaves nothing behind, but for permissions, which hold until the turn ends, and
   * git metadata, which holds for the rest of its command: a commit writes some twenty records one after the other.
   */
  remember(
    request: ApprovalRequest,
    type: 'accept' | 'acceptForSession',
    grant: Grant,
    endsAtMs: number | null = null,
  ): void {
    const room = roomKinds.has(request.kind) || isHeld(request.action)
    const { action } = request
    const run =
      type === 'accept' && action.kind === 'fileAccess' && grant.gitMetadata === true ? action : null
    if (type === 'accept' && request.kind !== 'addPermissions' && run === null) return
    this.#grants.push({
      approvalId: request.id,
      key: exactKey(request.action),
      grant,
      scope: run ? 'run' : room ? 'room' : 'command',
      endsAtMs,
      runActionId: run?.runActionId ?? null,
      // A command may outlive its turn; nothing else can use what was given to it.
      turnId: type === 'accept' && run === null ? request.turnId : null,
    })
  }

  /** A denial is final for the turn; of one git record, for all that its command wants of them. */
  deny(request: ApprovalRequest, note: string | null): void {
    for (const key of deniedKeys(request.action)) this.#denied.set(key, { approvalId: request.id, note })
  }

  deniedThisTurn(action: Action): { readonly approvalId: ApprovalId; readonly note: string | null } | null {
    const key = deniedKeys(action).find((k) => this.#denied.has(k))
    return key === undefined ? null : (this.#denied.get(key) ?? null)
  }

  /** The grant that already answers this action, with what it gives. */
  answerTo(action: Action): { readonly approvalId: ApprovalId; readonly grant: Grant } | null {
    const exact = exactKey(action)
    const nowMs = this.#nowMs()
    this.#grants = this.#grants.filter((g) => g.endsAtMs === null || g.endsAtMs > nowMs)
    const same = this.#grants.find((g) => g.scope === 'command' && g.key === exact)
    if (same) return same
    const ladder = action.escalation?.ladder ?? []
    // Any rung of a held call would do for it; of everything else the first is what it needs.
    const wanted =
      action.kind === 'permissions' ? [action.grant] : isHeld(action) ? ladder : ladder.slice(0, 1)
    const rooms = this.#grants.filter(
      (g) =>
        g.scope === 'room' ||
        (g.scope === 'run' && action.kind === 'fileAccess' && g.runActionId === action.runActionId),
    )
    return rooms.find((g) => wanted.some((w) => !w.unsandboxed && covers(g.grant, w))) ?? null
  }

  /** What every command of the session gets at the moment, beyond its mode. */
  get room(): Room {
    const room = this.#grants.filter((g) => g.scope === 'room')
    return {
      writePaths: [...new Set(room.flatMap((g) => g.grant.writePaths))],
      readPaths: [...new Set(room.flatMap((g) => g.grant.readPaths ?? []))],
      gitMetadata: room.some((g) => g.grant.gitMetadata === true),
      network: room.some((g) => g.grant.network),
    }
  }

  endTurn(): void {
    this.#denied.clear()
    this.#grants = this.#grants.filter((g) => g.turnId === null)
  }

  /** Narrowing takes back everything. */
  clear(): void {
    this.#grants = []
  }
}

const isHeld = ({ kind }: Action): boolean => kind === 'fileAccess' || kind === 'hostAccess'

const deniedKeys = (action: Action): readonly string[] =>
  action.kind === 'fileAccess' && action.escalation?.ladder.some((g) => g.gitMetadata === true)
    ? [exactKey(action), `git metadata of ${action.runActionId}`]
    : [exactKey(action)]
