import type { HostAccessAction } from '../../protocol/action.ts'
import type { ApprovalRequest, WithdrawReason } from '../../protocol/approvals.ts'
import { isAllow } from '../../protocol/approvals.ts'
import type { ActionId, ApprovalId, ItemId } from '../../protocol/ids.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import { hostWords } from '../approvals/host-offers.ts'
import type { Answer } from '../approvals/inbox.ts'
import type { HostAnswer, HostQuestion } from '../network/gate.ts'
import type { HostVerdict } from '../policy/network/judge-host.ts'
import { flowKey, hostAction, refusalWords } from './host-action.ts'
import { HostFlows } from './host-flows.ts'
import type { QuestionPorts } from './question-ports.ts'
import type { HeldRun, RunHold } from './run-hold.ts'

/** What held connections need from their session. */
export type HostPorts = QuestionPorts<HostAccessAction> & {
  /** Waits; for what is worth a moment and no more. */
  after(ms: number, then: () => void): () => void
  /** What the rules say of a host at this moment. */
  rules(action: HostAccessAction, address: string | null): HostVerdict
  judge(action: HostAccessAction, said: HostVerdict): Promise<Verdict>
}

type Question = {
  readonly key: string
  readonly action: HostAccessAction
  readonly actionId: ActionId
  readonly epoch: number
  readonly run: HeldRun
  approvalId: ApprovalId | null
  /** Nobody waits for it any more, with the reason. */
  gone: WithdrawReason | null
  /** An answer to another question covers it. */
  covered: boolean
}

/** Questions of one session that may wait at once; more are refused. */
const maxOpen = 64

/**
 * The connections of a session's running commands that wait for an answer. The proxy puts one question for all that
 * want the same; the answer is in the log before any of them goes on.
 */
export class HeldHosts {
  readonly #ports: HostPorts
  readonly #flows: HostFlows
  readonly #questions = new Set<Question>()
  /** Hosts that an answer opened for the rest of one run. */
  readonly #once = new WeakMap<RunHold, Map<string, { readonly id: ApprovalId; readonly epoch: number }>>()

  constructor(ports: HostPorts) {
    this.#ports = ports
    this.#flows = new HostFlows({
      ...ports,
      questionAt: (key) => [...this.#questions].find((q) => q.key === key)?.actionId ?? null,
    })
  }

  get flows(): HostFlows {
    return this.#flows
  }

  /** Asks for all who wait for one host. Whatever goes wrong, they are refused. */
  async ask(asked: HostQuestion, signal: AbortSignal): Promise<HostAnswer> {
    try {
      return await this.#take(asked, signal)
    } catch {
      return refuse('The question could not be put, so the connection is refused.')
    }
  }

  async #take(asked: HostQuestion, signal: AbortSignal): Promise<HostAnswer> {
    const hold = this.#flows.holdOf(asked.run)
    const flow = await this.#flows.withProcess(asked.flow)
    if (!hold || !flow) return refuse('Its command has ended.')
    const { run } = hold
    const action = hostAction(flow, run)
    const said: HostVerdict = { ...asked, decision: 'ask' }
    const once = this.#once.get(hold)?.get(hostWords(action))
    const verdict: Verdict =
      once?.epoch === this.#ports.epoch()
        ? { kind: 'run', origin: { kind: 'sessionGrant', approvalId: once.id }, justification: null }
        : await this.#ports.judge(action, said)
    if (verdict.kind !== 'review') {
      await this.#flows.noteVerdict(hold, action, verdict)
      if (verdict.kind === 'forbid') return refuse(refusalWords(verdict), deniedNote(verdict))
      return this.#ports.void(run) === null ? allow('An answer that still holds allows it.') : over
    }
    if (signal.aborted) return over
    if (this.#questions.size >= maxOpen)
      return refuse(`More than ${maxOpen} questions of running commands wait already.`)
    const question: Question = {
      key: flowKey(action),
      action,
      actionId: this.#ports.newId('ac') as ActionId,
      epoch: this.#ports.epoch(),
      run,
      approvalId: null,
      gone: null,
      covered: false,
    }
    const leave = (): void => {
      question.gone ??= 'processGone'
      if (question.approvalId !== null) this.#ports.withdraw(question.approvalId, question.gone)
    }
    signal.addEventListener('abort', leave, { once: true })
    this.#questions.add(question)
    try {
      return await this.#put(question, verdict)
    } catch (error) {
      if (question.approvalId !== null) this.#ports.withdraw(question.approvalId, 'answeredOtherwise')
      throw error
    } finally {
      this.#questions.delete(question)
      signal.removeEventListener('abort', leave)
    }
  }

  async #put(question: Question, verdict: Verdict): Promise<HostAnswer> {
    const { action, actionId, run } = question
    await this.#ports.log({
      type: 'action',
      actionId,
      itemId: this.#ports.newId('it') as ItemId,
      turnId: run.turnId,
      action,
      agentSays: null,
      causedBy: run.actionId,
    })
    await this.#ports.log({ type: 'verdict', actionId, verdict })
    const request = await this.#ports.request({ actionId, action, verdict, run })
    question.approvalId = request.id
    this.#flows.joinWaiting(question.key, actionId)
    const answer = await this.#ports.review(request, () => this.#void(question))
    const told = await this.#toldBy(question, request, answer)
    return this.#record(question, request, answer, told)
  }

  /** What an answer of the person, or a withdrawal, means for the connections. */
  async #toldBy(question: Question, request: ApprovalRequest, answer: Answer): Promise<HostAnswer> {
    if (answer.kind === 'withdrawn')
      return question.covered ? allow('Another answer of yours covers it.') : over
    const { decision } = answer
    const where = hostWords(question.action)
    this.#ports.remember(request, decision)
    if (isAllow(decision.type)) {
      if (decision.type === 'acceptForSession') await this.#coverOthers(question)
      if (!(await this.#ports.ready(question.run))) return over
      return allow(decision.type === 'accept' ? 'You allowed it once.' : 'You allowed it for this session.')
    }
    const words = decision.note === null ? '' : `: ${decision.note}`
    for (const { hold } of this.#flows.waiting(question.key))
      hold.note(`reaching ${where} was denied by the person${words}`)
    if (decision.type === 'cancel') this.#ports.stopTurn(question.run)
    return refuse(`The person denied reaching ${where}.`, decision.note)
  }

  async #record(
    question: Question,
    request: ApprovalRequest,
    answer: Answer,
    told: HostAnswer,
  ): Promise<HostAnswer> {
    const write = (answered: HostAnswer): Promise<unknown> =>
      this.#ports.log({
        type: 'hostAnswer',
        actionId: question.actionId,
        allow: answered.allow,
        why: answered.allow ? answered.why : answered.message,
        flows: this.#flows
          .waiting(question.key)
          .map(({ hold, flow }) => ({ runActionId: hold.run.actionId, flow: flow.id })),
      })
    await write(told)
    // Others may join while the log is written; each of them is in it before anybody goes on.
    await this.#flows.joined(question.key)
    if (!told.allow) return told
    // The last moment: what was narrowed or stopped while the answer was written is not granted.
    if (this.#void(question) !== null) {
      await write(over)
      return over
    }
    if (answer.kind === 'decided' && answer.decision.type === 'accept') this.#openOnce(question, request)
    for (const { hold } of this.#flows.waiting(question.key)) hold.noteReached()
    return told
  }

  #openOnce({ key, action, epoch }: Question, request: ApprovalRequest): void {
    for (const { hold } of this.#flows.waiting(key)) {
      const open = this.#once.get(hold) ?? new Map()
      this.#once.set(hold, open.set(hostWords(action), { id: request.id, epoch }))
    }
  }

  /** After an answer for more than one run: what else waits and is covered by it needs no answer of its own. */
  async #coverOthers(answered: Question): Promise<void> {
    for (const other of this.#questions) {
      if (other === answered || other.approvalId === null || other.gone !== null) continue
      const said = this.#ports.rules(other.action, null)
      const { kind } = await this.#ports.judge(other.action, said)
      if (kind !== 'run') continue
      other.covered = true
      this.#ports.withdraw(other.approvalId, 'answeredOtherwise')
    }
  }

  #void({ gone, epoch, run }: Question): WithdrawReason | null {
    if (gone !== null) return gone
    if (epoch !== this.#ports.epoch()) return 'settingsChanged'
    return this.#ports.void(run)
  }
}

const allow = (why: string): HostAnswer => ({ allow: true, why })
const refuse = (message: string, word: string | null = null): HostAnswer => ({ allow: false, message, word })
const over = refuse('The question was withdrawn before anybody answered it.')

const deniedNote = ({ origin }: Verdict): string | null =>
  origin.kind === 'alreadyDenied' ? origin.note : null
