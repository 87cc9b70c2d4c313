import type { FileAccessAction, Grant } from '../../protocol/action.ts'
import type { ApprovalRequest, Decision, WithdrawReason } from '../../protocol/approvals.ts'
import { isAllow } from '../../protocol/approvals.ts'
import type { ActionId, ApprovalId, ItemId } from '../../protocol/ids.ts'
import type { HeldAnswer, HeldCall } from '../../protocol/sandbox.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import { exactKey } from '../approvals/fingerprint.ts'
import type { Answer } from '../approvals/inbox.ts'
import { pathsOf } from '../policy/judge-file-access.ts'
import { isWithin } from '../policy/settings/plain-path.ts'
import type { QuestionPorts } from './question-ports.ts'
import { type HeldRun, RunHold, type Waiter } from './run-hold.ts'

/** What held calls need from their session. */
export type HeldPorts = QuestionPorts<FileAccessAction> & {
  /** Looks at the place the call is about. */
  action(call: HeldCall, run: HeldRun): Promise<FileAccessAction>
  judge(action: FileAccessAction, run: HeldRun): Promise<{ verdict: Verdict; grant: Grant }>
  /** The verdict of the quiet-deny list; null when it does not speak of the call. */
  quiet(call: HeldCall, run: HeldRun): Promise<Verdict | null>
}

type Question = {
  readonly key: string
  readonly action: FileAccessAction
  readonly actionId: ActionId
  readonly epoch: number
  readonly waiters: Waiter[]
  approvalId: ApprovalId | null
  /** Nobody waits for it any more, with the reason. */
  gone: WithdrawReason | null
  /** An answer to another question covers it. */
  covered: HeldAnswer | null
}

/** Questions of one session that may wait at once; more calls are refused. */
const maxOpen = 64

const deny = (remember: boolean): HeldAnswer => ({ verdict: 'deny', remember })

/**
 * The file calls of a session's running commands that wait for an answer. Equal ones are one question; every
 * call is answered once, or gone; the answer is in the log before any process goes on.
 */
export class HeldCalls {
  readonly #ports: HeldPorts
  readonly #questions = new Map<string, Question>()
  /** What the log has of calls that nobody was asked about, by run: once for each path. */
  readonly #noted = new WeakMap<RunHold, Set<string>>()

  #asked = 0

  constructor(ports: HeldPorts) {
    this.#ports = ports
  }

  begin(run: HeldRun, onWaiting: (waits: boolean) => void): RunHold {
    return new RunHold(run, onWaiting, (waiter, by) => this.#gone(waiter, by))
  }

  /** Takes a call that waits. Whatever goes wrong with it, it is refused. */
  hold(hold: RunHold, call: HeldCall, answer: (answer: HeldAnswer) => void): void {
    const waiter = hold.add(call, answer)
    if (waiter === null) return
    this.#take(waiter).catch(() => hold.reply(waiter, deny(false), 'asked'))
  }

  async #take(waiter: Waiter): Promise<void> {
    const { hold, call } = waiter
    const action = await this.#ports.action(call, hold.run)
    if (!waiter.open) return
    const key = `${hold.run.turnId}\0${questionKey(action)}`
    const same = this.#questions.get(key)
    if (same && same.gone === null) {
      same.waiters.push(waiter)
      waiter.logged = this.#ports.log({
        type: 'heldJoined',
        actionId: same.actionId,
        runActionId: hold.run.actionId,
        held: call,
      })
      // Looked at when the question is answered; until then nobody waits for it.
      waiter.logged.catch(() => {})
      return
    }
    const question: Question = {
      key,
      action,
      actionId: this.#ports.newId('ac') as ActionId,
      epoch: this.#ports.epoch(),
      waiters: [waiter],
      approvalId: null,
      gone: null,
      covered: null,
    }
    this.#questions.set(key, question)
    try {
      await this.#settle(question, hold.run)
    } catch {
      if (question.approvalId !== null) this.#ports.withdraw(question.approvalId, 'answeredOtherwise')
      this.#reply(question, deny(false), 'asked')
    } finally {
      if (this.#questions.get(key) === question) this.#questions.delete(key)
    }
  }

  /** From the verdict to the answer of everyone who waits for it. */
  async #settle(question: Question, run: HeldRun): Promise<void> {
    const { action } = question
    const { verdict, grant } = await this.#ports.judge(action, run)
    if (verdict.kind === 'run') return this.#byPolicy(question, verdict, givenBy(action.held, grant), 'asked')
    if (verdict.kind === 'forbid') return this.#byPolicy(question, verdict, deny(true), 'asked')
    const quiet = await this.#ports.quiet(action.held, run)
    if (quiet !== null) return this.#byPolicy(question, quiet, deny(true), 'quiet')
    if (question.gone !== null) return
    if (this.#asked >= maxOpen) return this.#byPolicy(question, tooMany(verdict), deny(false), 'asked')
    this.#asked += 1
    try {
      await this.#ask(question, run, verdict)
    } finally {
      this.#asked -= 1
    }
  }

  async #ask(question: Question, run: HeldRun, verdict: Verdict): Promise<void> {
    const { action, actionId } = question
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
    const answer = await this.#ports.review(request, () => this.#void(question, run))
    await this.#answer(question, run, await this.#toldBy(question, run, request, answer))
  }

  /** What an answer of the person, or a withdrawal, means for the calls. */
  async #toldBy(
    question: Question,
    run: HeldRun,
    request: ApprovalRequest,
    answer: Answer,
  ): Promise<HeldAnswer> {
    if (answer.kind === 'withdrawn') return question.covered ?? deny(false)
    const { decision } = answer
    this.#ports.remember(request, decision)
    if (isAllow(decision.type)) {
      if (decision.type === 'acceptForSession' || decision.grant.gitMetadata)
        await this.#coverOthers(question)
      return (await this.#ports.ready(run)) ? answerOf(decision) : deny(false)
    }
    const what = `${question.action.held.kind === 'read' ? 'reading' : 'writing'} ${pathsOf(question.action.held).join(', ')}`
    const words = decision.note === null ? '' : `: ${decision.note}`
    for (const { hold } of question.waiters) hold.note(`${what} was denied by the person${words}`)
    if (decision.type === 'cancel') this.#ports.stopTurn(run)
    return deny(true)
  }

  async #answer(question: Question, run: HeldRun, told: HeldAnswer): Promise<void> {
    for (const { hold, call } of question.waiters) hold.noteAsked(call)
    const calls = question.waiters
      .filter((w) => w.open)
      .map((w) => ({ runActionId: w.hold.run.actionId, id: w.call.id }))
    const answer = calls.length === 0 && question.gone !== null ? null : told
    await this.#ports.log({ type: 'heldAnswer', actionId: question.actionId, answer, calls })
    // Others may join while the log is written; what is not in it is refused.
    for (let seen = -1; seen !== question.waiters.length; ) {
      seen = question.waiters.length
      await Promise.all(
        question.waiters.map((w) => w.logged.catch(() => w.hold.reply(w, deny(false), 'asked'))),
      )
    }
    // The last moment: what was narrowed or stopped while the answer was written is not granted.
    if (told.verdict !== 'deny' && this.#void(question, run) !== null) {
      this.#reply(question, deny(false), 'asked')
      await this.#ports.log({ type: 'heldAnswer', actionId: question.actionId, answer: deny(false), calls })
      return
    }
    this.#reply(question, told, 'asked')
  }

  /** Nobody is asked. The log has it once for each path of a run; each call is counted. */
  async #byPolicy(
    question: Question,
    verdict: Verdict,
    answer: HeldAnswer,
    how: 'asked' | 'quiet',
  ): Promise<void> {
    const { held } = question.action
    for (const { hold } of question.waiters) {
      const noted = this.#noted.get(hold) ?? new Set<string>()
      this.#noted.set(hold, noted)
      const what = `${verdict.kind} ${exactKey(question.action)}`
      if (noted.has(what)) continue
      await this.#ports.log({ type: 'heldByPolicy', actionId: hold.run.actionId, held, verdict, answer })
      noted.add(what)
    }
    const [first] = question.waiters
    const stopped = first ? this.#void(question, first.hold.run) : null
    this.#reply(question, answer.verdict !== 'deny' && stopped !== null ? deny(false) : answer, how)
  }

  /** After an answer for more than one call: what else waits and is covered by it now needs no answer of its own. */
  async #coverOthers(answered: Question): Promise<void> {
    for (const other of this.#questions.values()) {
      const [first] = other.waiters
      if (other === answered || other.approvalId === null || other.gone !== null || !first) continue
      const { verdict, grant } = await this.#ports.judge(other.action, first.hold.run)
      if (verdict.kind !== 'run' || other.approvalId === null) continue
      other.covered = givenBy(other.action.held, grant)
      this.#ports.withdraw(other.approvalId, 'answeredOtherwise')
    }
  }

  /** Answers everyone at once, in one step: nobody can join between them. */
  #reply(question: Question, answer: HeldAnswer, how: 'asked' | 'quiet'): void {
    if (this.#questions.get(question.key) === question) this.#questions.delete(question.key)
    for (const waiter of question.waiters) {
      // A folder opens for each run by itself, and only where the call lies in it.
      waiter.hold.reply(waiter, answer, how)
    }
  }

  #gone(waiter: Waiter, by: 'gone' | 'grant' | 'deny'): void {
    for (const question of this.#questions.values()) {
      if (!question.waiters.includes(waiter) || question.waiters.some((w) => w.open)) continue
      question.gone = by === 'gone' ? 'processGone' : 'answeredOtherwise'
      if (question.approvalId !== null) this.#ports.withdraw(question.approvalId, question.gone)
    }
  }

  #void(question: Question, run: HeldRun): WithdrawReason | null {
    if (question.gone !== null) return question.gone
    if (question.epoch !== this.#ports.epoch()) return 'settingsChanged'
    return this.#ports.void(run)
  }
}

/** Equal calls are one question; all that one command wants of a repository's records is one, too. */
const questionKey = (action: FileAccessAction): string =>
  action.escalation?.ladder.some((g) => g.gitMetadata === true)
    ? `git metadata of ${action.runActionId}`
    : exactKey(action)

function answerOf({ offerId, grant }: Decision): HeldAnswer {
  const [folder] = grant.writePaths
  // Each record is judged by itself, so that narrowing holds for the next one.
  if (offerId === 'once' || grant.gitMetadata) return { verdict: 'once' }
  if (offerId === 'directory')
    return folder === undefined ? deny(false) : { verdict: 'directory', path: folder }
  return { verdict: 'path' }
}

/** What a grant that already holds means for one call: the folder that was given, or this path. */
function givenBy(held: HeldCall, grant: Grant): HeldAnswer {
  if (grant.gitMetadata) return { verdict: 'once' }
  const folder = grant.writePaths.find((given) =>
    pathsOf(held).every((p) => p !== given && isWithin(p, given)),
  )
  return folder === undefined || held.kind === 'read'
    ? { verdict: 'path' }
    : { verdict: 'directory', path: folder }
}

const tooMany = (verdict: Verdict): Verdict => ({
  kind: 'forbid',
  origin: verdict.origin,
  justification: `More than ${maxOpen} questions of running commands wait already.`,
})
