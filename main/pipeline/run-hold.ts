import type { ActionId, TurnId } from '../../protocol/ids.ts'
import type { HeldAnswer, HeldCall, HeldCounts, SandboxSpec } from '../../protocol/sandbox.ts'
import { pathsOf } from '../policy/judge-file-access.ts'
import { isWithin } from '../policy/settings/plain-path.ts'

/** The command whose calls are held. */
export type HeldRun = {
  readonly actionId: ActionId
  readonly turnId: TurnId
  readonly cwd: string
  /** Its command line, for the person. */
  readonly command: string
  readonly spec: SandboxSpec
  /** Aborted when its turn is stopped. */
  readonly signal: AbortSignal
}

/** One call that waits, with the way to answer it. */
export type Waiter = {
  readonly hold: RunHold
  readonly call: HeldCall
  /** It still waits: neither answered nor gone. */
  open: boolean
  /** Settles when the log has it. */
  logged: Promise<unknown>
  readonly answer: (answer: HeldAnswer) => void
}

/** More calls than this say nothing more of what a command needs. */
const maxAsked = 100

/** The held calls of one run: which wait, how many were answered how, and what the agent is told of them. */
export class RunHold {
  readonly run: HeldRun
  /** Paths that were granted to this run beyond its spec, for good. */
  readonly given = new Set<string>()
  /** Paths that its answers let it write, also once only. */
  readonly wrote = new Set<string>()
  /** Calls that the person was asked about, up to a number. */
  readonly asked: HeldCall[] = []
  /** Sentences about denials, for the agent; taken when the command's result is. */
  #notes: string[] = []
  readonly #answered = new Set<string>()
  readonly #waiting = new Map<number, Waiter>()
  readonly #counts = { held: 0, granted: 0, denied: 0, quiet: 0 }
  readonly #onWaiting: (waits: boolean) => void
  readonly #onGone: (waiter: Waiter, by: 'gone' | 'grant' | 'deny') => void
  /** What waits besides its file calls: connections. */
  #others = 0
  #reached = false
  #idle = Promise.withResolvers<void>()

  constructor(
    run: HeldRun,
    onWaiting: (waits: boolean) => void,
    onGone: (waiter: Waiter, by: 'gone' | 'grant' | 'deny') => void,
  ) {
    this.run = run
    this.#onWaiting = onWaiting
    this.#onGone = onGone
    this.#idle.resolve()
  }

  get counts(): HeldCounts | null {
    return this.#counts.held === 0 ? null : { ...this.#counts }
  }

  /** Whether the run has more room than it started with. */
  get widened(): boolean {
    return this.given.size > 0 || this.#reached
  }

  get waits(): boolean {
    return this.#waiting.size + this.#others > 0
  }

  /** Settles when nothing of it waits. */
  get idle(): Promise<void> {
    return this.#idle.promise
  }

  /** @returns null when the id is in use already, which no honest launcher does: the call is refused */
  add(call: HeldCall, answer: (answer: HeldAnswer) => void): Waiter | null {
    this.#counts.held += 1
    if (this.#waiting.has(call.id)) {
      this.#counts.denied += 1
      answer({ verdict: 'deny', remember: false })
      return null
    }
    const waiter: Waiter = { hold: this, call, open: true, logged: Promise.resolve(), answer }
    this.#begin()
    this.#waiting.set(call.id, waiter)
    return waiter
  }

  /** A connection of the run waits; the answer ends that, once. */
  wait(): () => void {
    this.#begin()
    this.#others += 1
    let over = false
    return () => {
      if (over) return
      over = true
      this.#others -= 1
      this.#rest()
    }
  }

  /** A host was opened to it by an answer. */
  noteReached(): void {
    this.#reached = true
  }

  /** Answers once; what is gone or answered already is passed over. */
  reply(waiter: Waiter, answer: HeldAnswer, how: 'asked' | 'quiet'): void {
    if (!waiter.open) return
    if (answer.verdict === 'deny') this.#counts[how === 'quiet' ? 'quiet' : 'denied'] += 1
    else {
      this.#counts.granted += 1
      if (waiter.call.kind === 'write') for (const path of pathsOf(waiter.call)) this.wrote.add(path)
      if (answer.verdict === 'directory') this.given.add(answer.path)
      if (answer.verdict === 'path') for (const path of pathsOf(waiter.call)) this.given.add(path)
    }
    this.#close(waiter)
    waiter.answer(answer)
  }

  /** The launcher no longer needs an answer. */
  settled(id: number, by: 'gone' | 'grant' | 'deny'): void {
    const waiter = this.#waiting.get(id)
    if (!waiter) return
    if (by === 'grant') this.#counts.granted += 1
    if (by === 'deny') this.#counts.denied += 1
    this.#close(waiter)
    this.#onGone(waiter, by)
  }

  /** The run is over: what of it still waits is refused. */
  end(): void {
    for (const waiter of this.#waiting.values()) {
      this.settled(waiter.call.id, 'gone')
      waiter.answer({ verdict: 'deny', remember: false })
    }
  }

  noteAsked(call: HeldCall): void {
    if (this.asked.length < maxAsked) this.asked.push(call)
  }

  note(text: string): void {
    if (this.#notes.length < 20 && !this.#notes.includes(text)) this.#notes.push(text)
  }

  takeNotes(): readonly string[] {
    const notes = this.#notes
    this.#notes = []
    return notes
  }

  /**
   * Whether the run's refused or granted calls were about this path already: then what the command printed
   * about it is no new question. A tool may name the folder of what it was refused, or a file in it.
   */
  answeredAbout(path: string): boolean {
    return [...this.#answered].some((known) => isWithin(known, path) || isWithin(path, known))
  }

  #close(waiter: Waiter): void {
    waiter.open = false
    for (const path of pathsOf(waiter.call)) this.#answered.add(path)
    this.#waiting.delete(waiter.call.id)
    this.#rest()
  }

  #begin(): void {
    if (this.waits) return
    this.#idle = Promise.withResolvers<void>()
    this.#onWaiting(true)
  }

  #rest(): void {
    if (this.waits) return
    this.#idle.resolve()
    this.#onWaiting(false)
  }
}
