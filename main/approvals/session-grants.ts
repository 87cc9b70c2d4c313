import type { Action, Grant } from '../../protocol/action.ts'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { ApprovalId, TurnId } from '../../protocol/ids.ts'
import { covers } from '../policy/action-facts.ts'
import { exactKey } from './fingerprint.ts'

type SessionGrant = {
  readonly approvalId: ApprovalId
  readonly key: string
  readonly grant: Grant
  /** `command`: the same question again. `room`: the grant holds for every command. */
  readonly scope: 'command' | 'room'
  /** Ends with this turn; null: with the session. */
  readonly turnId: TurnId | null
}

/** What was granted beyond one action, until the turn or the session ends. Never written to rules. */
export class SessionGrants {
  #grants: SessionGrant[] = []
  #denied = new Map<string, { readonly approvalId: ApprovalId; readonly note: string | null }>()

  /** Remembers an answer. `once` leaves nothing behind, but for permissions: those hold until the turn ends. */
  remember(request: ApprovalRequest, type: 'accept' | 'acceptForSession', grant: Grant): void {
    const room =
      request.kind === 'writeOutside' || request.kind === 'writeInside' || request.kind === 'addPermissions'
    if (type === 'accept' && request.kind !== 'addPermissions') return
    this.#grants.push({
      approvalId: request.id,
      key: exactKey(request.action),
      grant,
      scope: room ? 'room' : 'command',
      turnId: type === 'accept' ? request.turnId : null,
    })
  }

  /** A denial is final for the turn. */
  deny(request: ApprovalRequest, note: string | null): void {
    this.#denied.set(exactKey(request.action), { approvalId: request.id, note })
  }

  deniedThisTurn(action: Action): { readonly approvalId: ApprovalId; readonly note: string | null } | null {
    return this.#denied.get(exactKey(action)) ?? null
  }

  /** The grant that already answers this action, with what it gives. */
  answerTo(action: Action): { readonly approvalId: ApprovalId; readonly grant: Grant } | null {
    const exact = exactKey(action)
    const same = this.#grants.find((g) => g.scope === 'command' && g.key === exact)
    if (same) return same
    const wanted = action.kind === 'permissions' ? action.grant : action.escalation?.ladder[0]
    if (!wanted || wanted.unsandboxed) return null
    return this.#grants.find((g) => g.scope === 'room' && covers(g.grant, wanted)) ?? null
  }

  /** What every command of the session gets at the moment, beyond its mode. */
  get room(): { readonly writePaths: readonly string[]; readonly network: boolean } {
    const room = this.#grants.filter((g) => g.scope === 'room')
    return {
      writePaths: [...new Set(room.flatMap((g) => g.grant.writePaths))],
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
