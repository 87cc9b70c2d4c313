import type { Duplex } from 'node:stream'
import type { FlowProcess } from '../../../protocol/network.ts'
import type { SandboxSpec } from '../../../protocol/sandbox.ts'
import type { Clock } from '../../platform/clock.ts'
import { proxyPorts, type RunProxy } from '../backend.ts'
import { type ControlChannel, openChannel } from './control-channel.ts'
import { HeldAnswers, type HeldHandlers } from './held-answers.ts'
import { type LauncherMessage, type StartMessage, toFlowProcess } from './messages.ts'
import { pathAnswers } from './path-answers.ts'
import { PathRequests } from './path-requests.ts'
import { WhoRequests } from './who-requests.ts'

/** How long a launcher that was started may take to say hello, in milliseconds. It takes about 1. */
export const helloMs = 10_000

export type RunHandlers = HeldHandlers & {
  /** Without a boundary of ours the launcher becomes the command. Absent: told from the filter. */
  readonly spec?: Pick<SandboxSpec, 'boundary'> | undefined
  readonly onLimit?: ((what: 'memory' | 'pids' | 'cpu', words: string) => void) | undefined
  readonly proxy?: RunProxy | undefined
}

/** What a launcher reported of its run, once its channel is closed. */
export type RunReport = {
  /** The command was about to be started. */
  readonly up: boolean
  readonly problem: { readonly what: string; readonly errno: number; readonly words: string } | null
  /** null: it never said that the run ended. `code` -1: by `signal`. */
  readonly exit: { readonly code: number; readonly signal: number } | null
  /** What was wrong with the channel or the launcher; null when nothing was. */
  readonly broken: string | null
}

/** What is said of a run that goes on. */
type WhileUp = Exclude<LauncherMessage, { type: 'hello' | 'up' | 'problem' | 'exit' }>

export type Up = {
  readonly holds: boolean
  readonly grows: boolean
  readonly why: string
  readonly limits: string
}

/**
 * The host's end of one run: says what the boundary is, hands held calls on, and keeps what is reported.
 *
 * However the channel ends, waiting calls are void and requests answered; when it ends in any other way than
 * the end of the run, `onBroken` is called, and the run must be ended.
 */
export class RunControl {
  /** Settles when the boundary stands or never will; then `why` says so. */
  readonly up: Promise<Up>
  /** Settles when nothing more will be reported. */
  readonly closed: Promise<RunReport>
  /** The first process inside, as the host numbers it; null before `up`. */
  inner: number | null = null

  readonly #start: StartMessage
  readonly #handlers: RunHandlers
  readonly #held: HeldAnswers
  readonly #requests: PathRequests
  readonly #who: WhoRequests
  readonly #settleUp: (up: Up) => void
  readonly #settleClosed: (report: RunReport) => void
  readonly #onBroken: () => void
  readonly #stopWaiting: () => void
  #pid: number | null = null
  #channel: ControlChannel | null = null
  #stage: 'waiting' | 'started' | 'up' | 'closed' = 'waiting'
  #wasUp = false
  #problem: RunReport['problem'] = null
  #exit: RunReport['exit'] = null

  constructor(start: StartMessage, handlers: RunHandlers, clock: Clock, onBroken: () => void) {
    this.#start = start
    this.#handlers = handlers
    this.#onBroken = onBroken
    const send = (message: Parameters<ControlChannel['send']>[0]) => this.#channel?.send(message)
    this.#held = new HeldAnswers(handlers, send)
    this.#requests = new PathRequests(send)
    this.#who = new WhoRequests(send)
    const up = Promise.withResolvers<Up>()
    const closed = Promise.withResolvers<RunReport>()
    this.up = up.promise
    this.closed = closed.promise
    this.#settleUp = up.resolve
    this.#settleClosed = closed.resolve
    this.#stopWaiting = clock.after(helloMs, () => this.fail('it did not say hello'))
  }

  /** The process that must be at the other end; a hello of any other is none. */
  expect(pid: number): void {
    this.#pid = pid
  }

  /**
   * A stream on which nothing was said yet, to a child that inherited its other end: the start message is sent at once,
   * for it to find when it has said hello.
   */
  attach(stream: Duplex): void {
    this.#open(stream)
    if (this.#stage !== 'closed') this.#channel?.send(this.#start)
  }

  #open(stream: Duplex): void {
    if (this.#stage === 'closed') return void stream.destroy()
    this.#channel = openChannel(
      stream,
      (message) => this.#take(message),
      (problem) => this.#end(problem),
    )
  }

  /** A stream that said hello already, as one on a socket has to. */
  attachAfterHello(stream: Duplex, pid: number): void {
    this.#open(stream)
    if (this.#stage === 'closed') return
    const wrong = this.#hello(pid)
    if (wrong !== null) return this.#end(wrong)
    this.#channel?.send(this.#start)
  }

  /** Opens, closes again or hides a path as soon as the run is up. @returns null, or why it was not possible */
  ask(kind: 'grant' | 'revoke' | 'mask', path: string): Promise<string | null> {
    return this.up.then(() => this.#requests.ask(kind, path))
  }

  /** Who opened a connection, by its number in this run. @returns null when nobody is found, and without a run */
  who(flow: number): Promise<FlowProcess | null> {
    return this.up.then(() => this.#who.ask(flow))
  }

  /** Where the proxy is found inside; null for a run that has none. */
  get ports(): typeof proxyPorts | null {
    return this.#start.proxy === '' ? null : proxyPorts
  }

  /** Asks the launcher to end the run. */
  stop(): void {
    this.#channel?.send({ type: 'stop' })
  }

  /** Nothing the launcher says counts any more. */
  fail(words: string): void {
    this.#end(words)
  }

  #take(message: LauncherMessage): void {
    const wrong = this.#wrongWith(message)
    if (wrong !== null) this.#end(wrong)
  }

  /** @returns why this message cannot be, at this moment of a run; null when it was taken */
  #wrongWith(message: LauncherMessage): string | null {
    const early = `it said ${message.type} too early`
    if (message.type === 'hello') {
      if (this.#stage !== 'waiting' || message.token !== '') return 'it said hello twice'
      return this.#hello(message.pid)
    }
    if (this.#stage === 'waiting') return early
    if (this.#exit !== null) return `it said ${message.type} after the end`
    switch (message.type) {
      case 'up': {
        if (this.#stage !== 'started') return 'it said up twice'
        const { http, socks } = this.ports ?? { http: 0, socks: 0 }
        if (message.httpPort !== http || message.socksPort !== socks) return 'its proxy is at other ports'
        this.#stage = 'up'
        this.#wasUp = true
        this.inner = message.inner
        const { holds, grows, why, limits } = message
        this.#settleUp({ holds, grows, why, limits })
        if (this.ports) this.#handlers.proxy?.onUp?.((flow) => this.who(flow))
        return null
      }
      case 'problem':
        this.#problem ??= { what: message.what, errno: message.errno, words: message.words }
        return null
      case 'exit':
        this.#exit = { code: message.code, signal: message.signal }
        return null
      case 'held':
      case 'withdrawn':
      case 'settled':
      case 'limit':
      case 'granted':
      case 'revoked':
      case 'masked':
      case 'who':
        return this.#stage === 'up' ? this.#wrongWhileUp(message) : early
    }
  }

  #wrongWhileUp(message: WhileUp): string | null {
    switch (message.type) {
      case 'held':
        return this.#held.held(message)
      case 'withdrawn':
        this.#held.settled(message.id, 'gone')
        return null
      case 'settled':
        this.#held.settled(message.id, message.by)
        return null
      case 'who':
        return this.#who.answered(message.flow, toFlowProcess(message))
      case 'limit':
        this.#handlers.onLimit?.(message.what, message.words)
        return null
      case 'granted':
      case 'revoked':
      case 'masked':
        this.#requests.answered(message.type, message.path, message.errno)
        return null
    }
  }

  #hello(pid: number): string | null {
    if (pid !== this.#pid) return 'another process said hello'
    this.#stopWaiting()
    this.#stage = 'started'
    return null
  }

  #end(problem: string | null): void {
    if (this.#stage === 'closed') return
    const stage = this.#stage
    this.#stage = 'closed'
    this.#stopWaiting()
    this.#channel?.close()
    // Without a boundary the launcher becomes the command, and its end of the channel closes in that moment.
    const supervised = this.#handlers.spec
      ? this.#handlers.spec.boundary === 'bounded'
      : this.#start.seccomp !== 'none'
    const became = stage === 'up' && !supervised
    this.#held.allGone()
    this.#requests.end(became ? 'The run has no boundary.' : pathAnswers.runIsOver)
    this.#who.end()
    const well = this.#exit !== null || this.#problem !== null || became
    const broken = problem ?? (well ? null : 'it was lost')
    const why = this.#problem?.words ?? broken ?? 'The run ended before.'
    this.#settleUp({ holds: false, grows: false, why, limits: '' })
    this.#settleClosed({ up: this.#wasUp, problem: this.#problem, exit: this.#exit, broken })
    if (broken !== null) this.#onBroken()
  }
}
