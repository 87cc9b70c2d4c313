import { type CommandAction, type Grant, noGrant } from '../../protocol/action.ts'
import type { ApprovalRequest } from '../../protocol/approvals.ts'
import type { ActionId, ApprovalId, ItemId } from '../../protocol/ids.ts'
import type { RehearsalState } from '../../protocol/rehearsal.ts'
import type { RehearsalRun, RehearsedCopy } from '../sandbox/rehearse/rehearsal-run.ts'
import { applyRehearsal } from './apply-rehearsal.ts'
import type { Started } from './handle-action.ts'
import { makeRehearsal, type RehearsePorts, rehearsalLimits } from './make-rehearsal.ts'
import { messageOf, type RunPorts } from './run-action.ts'

type Row = {
  state: RehearsalState
  readonly actionId: ActionId
  readonly argv: readonly string[]
  readonly grant: Grant
  run: RehearsalRun | null
  copy: RehearsedCopy | null
  /** The answer was "apply what was shown" instead of "run it". */
  apply: boolean
  /** Its request is gone: whatever still comes of it is thrown away. */
  over: boolean
}

type Result = { readonly status: 'done' } | { readonly status: 'refused'; readonly why: string }
const refused = (why: string): Result => ({ status: 'refused', why })

/** Rehearsals of one session's waiting commands. Each answers nothing by itself, and each stands in the log. */
export class SessionRehearsals {
  readonly #ports: RehearsePorts
  readonly #rows = new Map<ApprovalId, Row>()
  readonly #listeners = new Map<ApprovalId, Set<(state: RehearsalState) => void>>()

  constructor(ports: RehearsePorts) {
    this.#ports = ports
  }

  /** What can be said at once; the rest comes to `listener`. */
  watch(
    request: ApprovalRequest,
    listener: (state: RehearsalState) => void,
  ): { readonly state: RehearsalState; stop(): void } {
    const listeners = this.#listeners.get(request.id) ?? new Set()
    this.#listeners.set(request.id, listeners.add(listener))
    const known = this.#rows.get(request.id)?.state
    if (known === undefined)
      void this.#whyNot(request).then((why) => this.#rows.has(request.id) || listener(idle(why)))
    return {
      state: known ?? { state: 'checking' },
      stop: () => {
        listeners.delete(listener)
        if (listeners.size === 0) this.#listeners.delete(request.id)
      },
    }
  }

  async start(request: ApprovalRequest): Promise<Result> {
    const why = await this.#whyNot(request)
    if (why !== null || request.action.kind !== 'command')
      return refused(why ?? 'Only commands can be rehearsed.')
    if (this.#rows.get(request.id)?.state.state === 'running')
      return refused('It is being rehearsed already.')
    this.#drop(request.id)
    const row: Row = {
      state: { state: 'running', atMs: this.#ports.clock.nowMs(), limitMs: rehearsalLimits.timeMs },
      actionId: request.actionId,
      argv: request.action.argv,
      grant: request.offers.find(({ id }) => id === 'once')?.grant ?? noGrant,
      run: null,
      copy: null,
      apply: false,
      over: false,
    }
    this.#rows.set(request.id, row)
    this.#tell(request.id, row.state)
    void this.#make(request, request.action, row)
    return { status: 'done' }
  }

  stop(id: ApprovalId): Result {
    const row = this.#rows.get(id)
    if (row?.state.state !== 'running') return refused('Nothing is being rehearsed.')
    row.run?.stop()
    return { status: 'done' }
  }

  async discard(id: ApprovalId): Promise<Result> {
    const row = this.#rows.get(id)
    if (row?.state.state !== 'done') return refused('There is no rehearsal to discard.')
    this.#drop(id)
    this.#tell(id, { state: 'ready' })
    await this.#used(row, 'discarded', [])
    return { status: 'done' }
  }

  /** From now on "once" applies the changes. @returns null, or why that cannot be */
  wantApply(id: ApprovalId, rehearsalId: string): string | null {
    const row = this.#rows.get(id)
    if (row?.state.state !== 'done' || row.state.rehearsal.id !== rehearsalId)
      return 'This is not the rehearsal that was shown. Look again.'
    if (row.state.rehearsal.applyProblem !== null) return row.state.rehearsal.applyProblem
    row.apply = true
    return null
  }

  runInstead(id: ApprovalId): void {
    const row = this.#rows.get(id)
    if (row) row.apply = false
  }

  /** A request changed. What was rehearsed for one that will not run is thrown away. */
  follow({ id, state }: ApprovalRequest): void {
    const denied = state.state === 'decided' && (state.decision === 'decline' || state.decision === 'cancel')
    if (state.state === 'withdrawn' || denied) this.#drop(id)
    // An answer that was taken back is no answer.
    if (state.state === 'waiting' || state.state === 'parked') this.runInstead(id)
  }

  dispose(): void {
    for (const id of this.#rows.keys()) this.#drop(id)
  }

  /**
   * Runs an allowed command, or applies its rehearsal when that was the answer. After a run for real the log says
   * whether it came out as rehearsed.
   */
  async perform(
    actionId: ActionId,
    action: CommandAction,
    grant: Grant,
    signal: AbortSignal,
    ports: RunPorts,
    run: () => Promise<Started>,
  ): Promise<Started> {
    const [id, row] = [...this.#rows].find(([, each]) => each.actionId === actionId) ?? []
    if (id === undefined || row?.state.state !== 'done' || row.copy === null) return run()
    const { copy } = row
    const { rehearsal } = row.state
    // Another command, or other room, was not rehearsed.
    if (!sameWords(row.argv, action.argv) || JSON.stringify(row.grant) !== JSON.stringify(grant)) {
      this.#drop(id)
      return run()
    }
    if (row.apply) {
      const started = await applyRehearsal(actionId, action, grant, { rehearsal, copy }, signal, ports)
      await this.#used(row, 'applied', started.problem === null ? [] : [started.problem])
      this.#drop(id)
      return started
    }
    const since = await copy.snapshot()
    const started = await run()
    const outcome = started.outcome.then(async (outcome) => {
      try {
        const ended = rehearsal.exitCode !== outcome.exitCode && outcome.status === 'ran'
        await this.#used(row, 'replayed', [
          ...(ended
            ? [
                `It ended with ${outcome.exitCode ?? 'a signal'}, rehearsed with ${rehearsal.exitCode ?? 'a signal'}.`,
              ]
            : []),
          ...(await copy.differences(since)),
        ])
      } finally {
        this.#drop(id)
      }
      return outcome
    })
    return { ...started, outcome }
  }

  async #whyNot({ action, state }: ApprovalRequest): Promise<string | null> {
    if (action.kind !== 'command') return 'Only commands can be rehearsed.'
    if (!this.#ports.stands()) return 'This session starts nothing now.'
    if (state.state !== 'waiting' && state.state !== 'parked') return 'It was answered already.'
    return this.#ports.sandbox.rehearsals.whyNot()
  }

  async #make(request: ApprovalRequest, action: CommandAction, row: Row): Promise<void> {
    let next: RehearsalState
    try {
      next = { state: 'done', rehearsal: await makeRehearsal(request, action, row, this.#ports) }
    } catch (error) {
      row.copy?.discard()
      row.copy = null
      next = { state: 'failed', why: messageOf(error) }
    }
    row.state = next
    if (row.over) row.copy?.discard()
    else this.#tell(request.id, next)
  }

  async #used(
    row: Row,
    how: 'replayed' | 'applied' | 'discarded',
    differences: readonly string[],
  ): Promise<void> {
    if (row.state.state !== 'done') return
    await this.#ports.log({
      type: 'rehearsalUsed',
      itemId: this.#ports.newId('it') as ItemId,
      actionId: row.actionId,
      rehearsalId: row.state.rehearsal.id,
      how,
      differences: [...differences],
    })
  }

  #drop(id: ApprovalId): void {
    const row = this.#rows.get(id)
    if (!row) return
    this.#rows.delete(id)
    row.over = true
    if (row.state.state === 'running') row.run?.stop()
    else row.copy?.discard()
    row.copy = row.state.state === 'running' ? row.copy : null
  }

  #tell(id: ApprovalId, state: RehearsalState): void {
    for (const listener of this.#listeners.get(id) ?? []) listener(state)
  }
}

const idle = (why: string | null): RehearsalState =>
  why === null ? { state: 'ready' } : { state: 'unavailable', why }

const sameWords = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((word, at) => word === b[at])
