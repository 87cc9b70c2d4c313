import type { Action } from '../../protocol/action.ts'
import type { ApprovalRequest, Decision, WithdrawReason } from '../../protocol/approvals.ts'
import type { ActionId, ApprovalId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import type { Answer } from '../approvals/inbox.ts'
import type { HeldRun } from './run-hold.ts'

/** What whoever asks about running commands needs from their session, whatever it is that waits. */
export type QuestionPorts<A extends Action> = {
  newId(prefix: string): string
  log(entry: LogEntry): Promise<unknown>
  request(about: {
    readonly actionId: ActionId
    readonly action: A
    readonly verdict: Verdict
    readonly run: HeldRun
  }): Promise<ApprovalRequest>
  review(request: ApprovalRequest, isVoid: () => WithdrawReason | null): Promise<Answer>
  withdraw(id: ApprovalId, reason: WithdrawReason): void
  remember(request: ApprovalRequest, decision: Decision): void
  /** Waits while the session is paused. false: the turn was stopped. */
  ready(run: HeldRun): Promise<boolean>
  /** Why nothing may be granted to this run any more; null while it may. */
  void(run: HeldRun): WithdrawReason | null
  /** Changes when the session's room is narrowed: what was asked before is refused then. */
  epoch(): number
  stopTurn(run: HeldRun): void
}
