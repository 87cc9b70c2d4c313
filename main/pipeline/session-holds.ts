import os from 'node:os'
import type { FileAccessAction } from '../../protocol/action.ts'
import type { ApprovalRequest, Decision, WithdrawReason } from '../../protocol/approvals.ts'
import type { ActionId, ApprovalId, ItemId, TurnId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { HeldCall, SandboxSpec } from '../../protocol/sandbox.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import type { Answer } from '../approvals/inbox.ts'
import { quietMatch } from '../approvals/quiet-deny.ts'
import { loadQuietDeny } from '../approvals/quiet-deny-file.ts'
import type { SessionGrants } from '../approvals/session-grants.ts'
import { asksFor } from '../policy/asks-for.ts'
import { ownGitDirs } from '../sandbox/git-dirs.ts'
import { type HeldPlace, heldAction, protectedIn } from './held-action.ts'
import { HeldCalls } from './held-calls.ts'
import { judgeHeld } from './judge-held.ts'
import { resolveTarget } from './make-action.ts'
import type { RunPorts } from './run-action.ts'
import type { HeldRun } from './run-hold.ts'
import type { SessionPolicy } from './session-policy.ts'

/** What a held call's card needs beyond its action. */
export type HeldAbout = {
  readonly actionId: ActionId
  readonly action: FileAccessAction
  readonly verdict: Verdict
  readonly run: HeldRun
  readonly protectedPath: boolean
}

export type SessionHoldsParts = {
  readonly folder: string
  readonly gatehouseHome: string
  readonly policy: SessionPolicy
  readonly grants: SessionGrants
  newId(prefix: string): string
  settings(): Settings
  roots(): readonly string[]
  log(entry: LogEntry): Promise<unknown>
  notice(title: string, detail: string): Promise<void>
  request(about: HeldAbout): Promise<ApprovalRequest>
  review(request: ApprovalRequest, isVoid: () => WithdrawReason | null): Promise<Answer>
  withdraw(id: ApprovalId, reason: WithdrawReason): void
  remember(request: ApprovalRequest, decision: Decision): void
  ready(run: HeldRun): Promise<boolean>
  void(run: HeldRun): WithdrawReason | null
  stopTurn(run: HeldRun): void
}

/** The held calls of one session, and what its runs need of them. */
export class SessionHolds {
  readonly calls: HeldCalls
  readonly #parts: SessionHoldsParts
  readonly #home = os.homedir()
  readonly #gitDirs = new WeakMap<HeldRun, Promise<readonly string[]>>()
  #epoch = 0
  /** What was last said of holding. Until something is said, it is taken to work. */
  #holds = true
  #saidProblems = ''

  constructor(parts: SessionHoldsParts) {
    this.#parts = parts
    this.calls = new HeldCalls({
      newId: parts.newId,
      log: parts.log,
      action: async (call, run) => heldAction(call, run, await this.#place(run)),
      judge: async (action, run) =>
        judgeHeld(action, parts.policy, parts.settings(), parts.grants, await this.#place(run)),
      quiet: (call, run) => this.#quiet(call, run),
      request: async (about) =>
        parts.request({
          ...about,
          protectedPath: protectedIn(about.action.held, await this.#place(about.run)) !== null,
        }),
      review: parts.review,
      withdraw: parts.withdraw,
      remember: parts.remember,
      ready: parts.ready,
      void: parts.void,
      epoch: () => this.#epoch,
      stopTurn: parts.stopTurn,
    })
  }

  /** Changes when the session's room is narrowed. */
  get epoch(): number {
    return this.#epoch
  }

  /** Less room holds from now on: what was asked before it is refused. */
  narrow(): void {
    this.#epoch += 1
  }

  /** Which calls of a run in this boundary wait for an answer, with the settings of this moment. */
  level(spec: SandboxSpec): NonNullable<SandboxSpec['hold']> {
    return holdLevel(spec, this.#parts.settings())
  }

  portsFor(
    turnId: TurnId,
  ): Pick<RunPorts, 'turnId' | 'epoch' | 'held' | 'holdLevel' | 'noteHolding' | 'limitHit' | 'notClosed'> {
    return {
      turnId,
      epoch: () => this.#epoch,
      held: this.calls,
      holdLevel: (spec) => this.level(spec),
      noteHolding: ({ holds, why }) => {
        if (holds === this.#holds) return
        this.#holds = holds
        const itemId = this.#parts.newId('it') as ItemId
        // A log that cannot be written stops the session by itself.
        this.#parts.log({ type: 'holding', itemId, holds, why }).catch(() => {})
      },
      limitHit: (words) => void this.#parts.notice('A command hit its limit', words).catch(() => {}),
      notClosed: (words) => void this.#parts.notice('A file may be readable', words).catch(() => {}),
    }
  }

  async #place(run: HeldRun): Promise<HeldPlace> {
    const roots = await Promise.all(this.#parts.roots().map(resolveTarget))
    let gitDirs = this.#gitDirs.get(run)
    if (!gitDirs) {
      gitDirs = Promise.all(roots.map(ownGitDirs)).then((found) => [...new Set(found.flat())])
      this.#gitDirs.set(run, gitDirs)
    }
    return {
      folder: await resolveTarget(this.#parts.folder),
      roots,
      home: this.#home,
      gatehouseHome: await resolveTarget(this.#parts.gatehouseHome),
      gitDirs: await gitDirs,
      spec: run.spec,
    }
  }

  /** Only what would be asked, lies in no protected place, and is on the list as it stands now. */
  async #quiet(call: HeldCall, run: HeldRun): Promise<Verdict | null> {
    const place = await this.#place(run)
    if (protectedIn(call, place) !== null) return null
    const list = await loadQuietDeny(this.#parts.gatehouseHome, this.#home)
    await this.#sayProblems(list.file, list.problems)
    const match = quietMatch(call, list)
    return match === null
      ? null
      : {
          kind: 'forbid',
          origin: { kind: 'quietDeny', file: list.file, line: match.line },
          justification: match.reason === '' ? null : match.reason,
        }
  }

  async #sayProblems(file: string, problems: readonly { line: number; why: string }[]): Promise<void> {
    const words = problems.map(({ line, why }) => `line ${line}: ${why}`).join('\n')
    if (words === this.#saidProblems) return
    this.#saidProblems = words
    if (words !== '') await this.#parts.notice(`Lines of ${file} were left out`, words)
  }
}

/** Nobody is asked: nothing waits, but for what keeps denied patterns closed while a command runs. */
function holdLevel(spec: SandboxSpec, settings: Settings): NonNullable<SandboxSpec['hold']> {
  if (spec.boundary !== 'bounded') return 'none'
  if (!asksFor('sandbox', settings)) return spec.hold === 'all' ? 'all' : 'none'
  const denies = settings.deniedReads.length > 0 || (settings.deniedGlobs ?? []).length > 0
  return denies || spec.hold === 'all' ? 'all' : 'writes'
}
