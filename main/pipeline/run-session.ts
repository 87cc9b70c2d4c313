import os from 'node:os'
import path from 'node:path'
import { type Grant, type HostAccessAction, noGrant } from '../../protocol/action.ts'
import { type ApprovalRequest, type Decision, isAllow } from '../../protocol/approvals.ts'
import type { ApprovalId, ItemId, SessionId, TurnId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { SandboxSpec } from '../../protocol/sandbox.ts'
import type { SessionSummary } from '../../protocol/sessions.ts'
import { type Preset, presetOf, roomOf, type SandboxMode, type Settings } from '../../protocol/settings.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import type { ActionResult, Agent, Proposal, TurnPorts } from '../agent/agent.ts'
import { buildRequest } from '../approvals/build-request.ts'
import type { DecisionHistory } from '../approvals/decision-history.ts'
import { fingerprintOf } from '../approvals/fingerprint.ts'
import { leaseMs } from '../approvals/host-offers.ts'
import type { Answer, Inbox, WithdrawReason } from '../approvals/inbox.ts'
import { SessionGrants } from '../approvals/session-grants.ts'
import { expandDeniedGlobs } from '../config/expand-denied-globs.ts'
import type { Clock } from '../platform/clock.ts'
import type { Ids } from '../platform/ids.ts'
import { noFacts } from '../policy/action-facts.ts'
import { judgeHostAccess } from '../policy/judge-host-access.ts'
import type { HostVerdict } from '../policy/network/judge-host.ts'
import type { Found, Sandbox } from '../sandbox/backend.ts'
import type { SessionLogWriter } from '../sessions/session-log-writer.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { closedBySettings } from './closed-by-settings.ts'
import { findOrigin } from './find-origin.ts'
import { handleAction, type PipelinePorts } from './handle-action.ts'
import { locatePath, makeAction } from './make-action.ts'
import { type ProposePorts, proposeProcessInput, proposeRead } from './propose.ts'
import { SessionRehearsals } from './rehearse-action.ts'
import { messageOf, type RunPorts } from './run-action.ts'
import { runCommand } from './run-command.ts'
import { runAtOnce, runFileChange } from './run-edit.ts'
import type { HeldRun } from './run-hold.ts'
import { SessionScan } from './scan-session.ts'
import { SessionFeed } from './session-feed.ts'
import { SessionHolds } from './session-holds.ts'
import { type NetworkParts, SessionNetwork } from './session-network.ts'
import { judgeInSession, type SessionPolicy } from './session-policy.ts'
import { SessionTerminals } from './session-terminals.ts'
import { SessionTrips } from './session-trips.ts'
import { SessionProof } from './verify-session.ts'
import { watchRunsLater } from './what-runs-later.ts'

export type SessionParts = {
  readonly id: SessionId
  readonly folder: string
  readonly gatehouseHome: string
  readonly clock: Clock
  readonly ids: Ids
  readonly sandbox: Sandbox
  readonly inbox: Inbox
  readonly history: DecisionHistory
  readonly agent: Agent
  readonly env: Readonly<Record<string, string>>
  readonly writer: SessionLogWriter
  readonly settings: Settings
  readonly policy: SessionPolicy
  /** The way out of its commands. Absent: none but by a grant of the whole network. */
  readonly network?: NetworkParts
  /** Opened while the session starts; the first turn waits for it. */
  readonly workspace: Promise<Workspace>
  /** The boundary was proved before the session began: with what, and when. */
  readonly proof: { readonly backend: string; readonly container?: string | null; readonly atMs: number }
  /** Walks the workspace once for what its boundary must know of. */
  scan(signal: AbortSignal): Promise<Found>
}

type TurnEndReason = Extract<LogEntry, { type: 'turnEnd' }>['reason']

type RunningTurn = {
  readonly id: TurnId
  readonly abort: AbortController
  /** Proposals that were not answered yet. */
  readonly underWay: Set<Promise<unknown>>
  /** Why it ends, when not by the agent. */
  reason: TurnEndReason | null
}

/** The life of one session: turns one after the other, each action through the pipeline, all of it in one log. */
export class LiveSession {
  readonly id: SessionId
  readonly feed: SessionFeed
  readonly terminals: SessionTerminals
  readonly workspace: Promise<Workspace>
  readonly rehearsals: SessionRehearsals
  readonly #parts: SessionParts
  readonly #grants: SessionGrants
  readonly #holds: SessionHolds
  readonly #network: SessionNetwork
  readonly #proof: SessionProof
  readonly #scan: SessionScan
  readonly #trips: SessionTrips
  #settings: Settings
  #queue: { readonly id: ItemId; readonly text: string }[] = []
  #turn: RunningTurn | null = null
  #turnCount = 0
  #paused: { readonly resumed: Promise<void>; resume(): void } | null = null
  #ended = false
  #endLease: () => void = () => {}
  readonly #stopFollowing: () => void
  #loop: Promise<void> = Promise.resolve()

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.id = parts.id
    this.#settings = parts.settings
    this.#grants = new SessionGrants(() => parts.clock.nowMs())
    this.#trips = new SessionTrips(parts.policy.decode)
    this.workspace = parts.workspace
    parts.workspace.catch(() => {})
    this.feed = new SessionFeed(parts.writer, parts.clock)
    this.feed.decorate = (summary) => this.#decorate(summary)
    this.feed.onLogFailure = (error) => void this.#cannotRecord(error)
    this.terminals = new SessionTerminals(parts.clock, (info) => this.feed.terminal(info))
    this.rehearsals = new SessionRehearsals({
      sandbox: parts.sandbox,
      clock: parts.clock,
      env: parts.env,
      newId: (prefix) => parts.ids.next(prefix),
      log: (entry) => this.feed.append(entry),
      spec: (grant) => this.#spec(grant),
      stands: () => !this.#ended && !this.frozen,
    })
    this.#stopFollowing = parts.inbox.onChange((change) => {
      if (change.type === 'request' && change.request.sessionId === this.id)
        this.rehearsals.follow(change.request)
    })
    const held = {
      newId: (prefix: string) => parts.ids.next(prefix),
      log: (entry: LogEntry) => this.feed.append(entry),
      review: (request: ApprovalRequest, isVoid: () => WithdrawReason | null) =>
        parts.inbox.ask(request, (entry) => this.feed.append(entry), isVoid),
      withdraw: (id: ApprovalId, reason: WithdrawReason) =>
        void parts.inbox.withdraw((r) => r.id === id, reason),
      remember: (request: ApprovalRequest, decision: Decision) => this.#decided(request, decision),
      ready: (run: HeldRun) => this.#ready(run.signal),
      void: (run: HeldRun): WithdrawReason | null =>
        this.#ended ? 'sessionEnded' : run.signal.aborted ? 'interrupted' : null,
      stopTurn: (run: HeldRun) => this.#stopTurnOf(run),
    }
    this.#holds = new SessionHolds({
      ...parts,
      ...held,
      grants: this.#grants,
      settings: () => this.#settings,
      roots: () => this.#roots(),
      notice: (title, detail) => this.notice('warning', title, detail),
      request: ({ run, ...about }) =>
        this.#request({ ...about, says: null, causedBy: run.actionId }, run.turnId, {
          command: run.command,
          protectedPath: about.protectedPath,
        }),
    })
    this.#network = new SessionNetwork(parts.network ?? null, () => this.#settings, {
      ...held,
      after: (ms, then) => parts.clock.after(ms, then),
      judge: (action, said) => this.#judgeHost(action, said),
      request: ({ run, ...about }) =>
        this.#request({ ...about, says: null, causedBy: run.actionId }, run.turnId, {
          command: run.command,
          protectedPath: false,
        }),
      epoch: () => this.#holds.epoch,
    })
    this.#armLease()
    const { clock, proof } = parts
    this.#proof = new SessionProof(
      {
        clock,
        backend: proof.backend,
        container: proof.container ?? null,
        newId: () => this.#id('it'),
        probe: async () => {
          const spec = await this.#spec(noGrant)
          if (spec.boundary === 'none') return null
          const proxied = this.#network.wanted(spec) ? { proxied: true } : {}
          return parts.sandbox.probe({ ...spec, hold: this.#holds.level(spec), ...proxied }, parts.folder)
        },
        log: (entry) => this.feed.append(entry),
        freeze: () => this.#freeze(),
        thaw: () => {
          for (const _ of this.#queue) this.#loop = this.#loop.then(() => this.#runNext())
        },
      },
      proof.atMs,
    )
    this.#scan = new SessionScan({
      scan: (signal) => parts.scan(signal),
      notice: (title, detail) => this.notice('warning', title, detail),
      changed: () => this.#proof.check('changed'),
    })
  }

  get folder(): string {
    return this.#parts.folder
  }
  get settings(): Settings {
    return this.#settings
  }
  /** What every command has at the moment beyond the mode. */
  get room(): SessionGrants['room'] {
    return this.#grants.room
  }
  /** Nothing starts until a person's check holds. */
  get frozen(): boolean {
    return this.#proof.frozen
  }
  /** What the walk through the workspace found; null until it ended. */
  get found(): Found | null {
    return this.#scan.found
  }
  get ended(): boolean {
    return this.#ended
  }
  get turnRunning(): boolean {
    return this.#turn !== null
  }
  /** Entries that concern the session from outside the pipeline: reviews of the diff. */
  note(entry: LogEntry): Promise<void> {
    return this.feed.append(entry)
  }

  /** Sends a message: a turn of its own, now or after the running one. */
  prompt(text: string): 'sent' | 'queued' {
    const id = this.#id<ItemId>('it')
    const queued = this.#turn !== null || this.#queue.length > 0
    this.#queue.push({ id, text })
    if (queued) this.feed.queue(id, text)
    this.#loop = this.#loop.then(() => this.#runNext())
    return queued ? 'queued' : 'sent'
  }

  /** Resolves when no turn runs and none waits. */
  async idle(): Promise<void> {
    await this.#loop.catch(() => {})
  }

  /** Stops the running turn now. Queued messages wait for the person to send again. */
  async interrupt(
    reason: TurnEndReason = 'interrupted',
    withdrawn: WithdrawReason = 'interrupted',
  ): Promise<void> {
    const turn = this.#turn
    if (!turn) return
    turn.reason ??= reason
    turn.abort.abort()
    this.#parts.inbox.withdraw((r) => r.sessionId === this.id && r.turnId === turn.id, withdrawn)
    this.#paused?.resume()
    await this.terminals.stopAll()
  }

  async pause(paused: boolean): Promise<void> {
    if (paused === (this.#paused !== null) || this.#ended) return
    if (paused) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#paused = { resumed: promise, resume: resolve }
    } else {
      this.#paused?.resume()
      this.#paused = null
    }
    await this.feed.append({ type: 'paused', paused })
  }

  /**
   * Changes mode and policy. Less room holds at once: what runs with more is stopped, what waits is withdrawn,
   * what was granted for the session is taken back. More room holds for new requests only.
   */
  async changeSettings(
    to: Settings,
    by: 'user' | 'leaseEnded' | 'policyChanged',
    note: string | null,
  ): Promise<{ stopped: number; withdrawn: number }> {
    const from = this.#settings
    const leaves = from.boundary !== undefined && to.boundary === undefined
    const narrower = leaves || roomOf(to.sandboxMode) < roomOf(from.sandboxMode)
    // In force before it is written: narrowing must not wait for a disk.
    this.#settings = to
    this.#armLease()
    let stopped = 0
    let withdrawn = 0
    if (narrower) {
      this.#grants.clear()
      this.#holds.narrow()
      withdrawn = this.#parts.inbox.withdraw((r) => r.sessionId === this.id, 'settingsChanged')
      const mode = to.sandboxMode === 'read-only' ? 'read-only' : 'workspace-write'
      stopped = await this.terminals.stopAll((t) => t.widerThan(mode))
    }
    await this.#network.recheck()
    await this.feed.append({ type: 'settingsChanged', itemId: this.#id('it'), from, to, by, note })
    await this.#proof.check('changed')
    return { stopped, withdrawn }
  }

  /** Settings of a preset, keeping what the session was started with. */
  settingsFor(
    preset: Preset,
    leaseEndsAtMs: number | null,
    approvalPolicy = presetOf(preset).approvalPolicy,
  ): Settings {
    const { sandboxMode, approvalPolicy: own } = presetOf(preset)
    return {
      ...this.#settings,
      sandboxMode,
      approvalPolicy,
      preset: approvalPolicy === own ? preset : null,
      leaseEndsAtMs,
    }
  }

  /** The boundary that a command without a grant of its own would get now. @throws SandboxUnavailable */
  boundary(): Promise<SandboxSpec> {
    return this.#spec(noGrant)
  }

  /** Files changed that may speak of hosts. */
  async recheckHosts(): Promise<void> {
    await this.#network.refresh()
  }

  /** Tries the boundary now, because a person asks. What came of it stands in the summary. */
  check(): Promise<void> {
    return this.#proof.check('person')
  }

  /** Nothing goes on in a boundary that is not proved: what runs is stopped, what waits is withdrawn. */
  async #freeze(): Promise<{ stopped: number; withdrawn: number }> {
    const withdrawn = this.#parts.inbox.withdraw((r) => r.sessionId === this.id, 'sandboxFrozen')
    const stopped = this.terminals.running.length
    await this.interrupt('frozen', 'sandboxFrozen')
    await this.terminals.stopAll()
    return { stopped, withdrawn }
  }

  async notice(level: 'info' | 'warning' | 'problem', title: string, detail: string): Promise<void> {
    const turnId = this.#turn?.id ?? null
    await this.feed.append({ type: 'notice', itemId: this.#id('it'), turnId, level, title, detail })
  }

  /** Ends the session in order; its log is closed. */
  async end(
    reason: Extract<LogEntry, { type: 'sessionEnd' }>['reason'],
    detail: string | null,
  ): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    this.#endLease()
    this.#proof.end()
    this.#scan.end()
    this.#queue = []
    await this.interrupt('sessionEnded', 'sessionEnded')
    this.#parts.inbox.withdraw((r) => r.sessionId === this.id, 'sessionEnded')
    await this.terminals.stopAll()
    await this.#network.close()
    await this.#loop.catch(() => {})
    await this.feed.append({ type: 'sessionEnd', reason, detail }).catch(() => {})
    this.#stopFollowing()
    this.rehearsals.dispose()
    await this.#parts.agent.dispose()
    await this.workspace.then(
      (w) => w.dispose(),
      () => {},
    )
    await this.feed.close()
  }

  async #runNext(): Promise<void> {
    if (this.#ended || this.frozen) return
    const next = this.#queue.shift()
    if (!next) return
    this.feed.unqueue(next.id)
    const turn: RunningTurn = {
      id: this.#id<TurnId>('tn'),
      abort: new AbortController(),
      underWay: new Set(),
      reason: null,
    }
    this.#turn = turn
    this.#turnCount += 1
    try {
      const checkpoint = await this.#checkpoint()
      await this.feed.append({
        type: 'turnStart',
        turnId: turn.id,
        itemId: this.#id('it'),
        prompt: next.text,
        checkpoint,
      })
      const end = await this.#parts.agent
        .runTurn(next.text, this.#turnPorts(turn))
        .catch((error: unknown) => ({ reason: 'failed' as const, detail: messageOf(error) }))
      // What the agent left under way ends with its turn, and stands in the log before it.
      if (turn.underWay.size > 0) turn.abort.abort()
      this.#parts.inbox.withdraw((r) => r.turnId === turn.id, 'turnEnded')
      await Promise.allSettled(turn.underWay)
      const reason = turn.reason ?? (end.reason === 'interrupted' ? 'interrupted' : end.reason)
      this.#grants.endTurn()
      this.#turn = null
      const detail = end.reason === 'failed' && turn.reason === null ? end.detail : null
      await this.feed.append({ type: 'turnEnd', turnId: turn.id, itemId: this.#id('it'), reason, detail })
    } catch (error) {
      // Only an entry that could not be written leads here; #cannotRecord has stopped the session.
      if (!this.#ended) await this.#cannotRecord(error)
    } finally {
      this.#turn = null
      this.feed.emitSummary()
    }
  }

  async #checkpoint(): Promise<string | null> {
    try {
      const workspace = await this.workspace
      const checkpoint = await workspace.checkpoint(`turn ${this.#turnCount}`)
      const time = new Date(this.#parts.clock.nowMs()).toTimeString().slice(0, 5)
      const base = { checkpoint, words: `turn ${this.#turnCount} start, ${time}` }
      if (this.#turnCount === 1) workspace.setBase('session', { checkpoint, words: `session start, ${time}` })
      workspace.setBase('turn', base)
      return checkpoint
    } catch (error) {
      await this.notice(
        'warning',
        'No checkpoint for this turn',
        `Changes can be seen, not put back: ${messageOf(error)}`,
      )
      return null
    }
  }

  #turnPorts(turn: RunningTurn): TurnPorts {
    const { signal } = turn.abort
    const wait = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const cancel = this.#parts.clock.after(ms, resolve)
        signal.addEventListener('abort', () => (cancel(), resolve()), { once: true })
      })
    return {
      folder: this.#parts.folder,
      signal,
      wait,
      say: (voice) => this.feed.draft(this.#id('it'), turn.id, voice),
      usage: (tokens) => void this.feed.append({ type: 'usage', ...tokens }).catch(() => {}),
      notice: (level, title, detail) => this.notice(level, title, detail),
      propose: async (proposal) => {
        if (signal.aborted) return { status: 'interrupted' }
        const proposed = this.#propose(proposal, turn.id, signal, wait)
        turn.underWay.add(proposed)
        try {
          const result = await proposed
          if (signal.aborted) return { status: 'interrupted' }
          if (result.status === 'refused' && result.stop) {
            turn.reason ??= 'stoppedByDenial'
            turn.abort.abort()
          }
          return result
        } catch (error) {
          return signal.aborted ? { status: 'interrupted' } : { status: 'failed', why: messageOf(error) }
        } finally {
          turn.underWay.delete(proposed)
        }
      },
    }
  }

  async #propose(
    proposal: Proposal,
    turnId: TurnId,
    signal: AbortSignal,
    wait: (ms: number) => Promise<void>,
  ): Promise<ActionResult> {
    const ports = this.#proposePorts(turnId, signal)
    if (proposal.kind === 'read' || proposal.kind === 'list' || proposal.kind === 'search')
      return proposeRead(
        proposal,
        this.#parts.folder,
        ports,
        (extra) => this.#pipeline(turnId, signal, extra),
        wait,
      )
    if (proposal.kind === 'input')
      return proposeProcessInput(
        proposal,
        this.terminals,
        (extra) => this.#pipeline(turnId, signal, extra),
        wait,
      )
    const action = await makeAction(proposal, this.#parts.folder, this.#roots(), ports.read)
    if (!('kind' in action)) return { status: 'failed', why: action.why }
    const command = proposal.kind === 'command' ? proposal : null
    const extra = {
      timeoutMs: command?.timeoutMs ?? 0,
      interactive: command?.interactive ?? false,
      piped: 'no' as const,
      maxBytes: 0,
    }
    const says = proposal.kind === 'permissions' ? proposal.reason : proposal.says
    return handleAction(
      { action, says, yieldMs: command?.yieldMs ?? null, wait },
      this.#pipeline(turnId, signal, extra),
    )
  }

  #proposePorts(_turnId: TurnId, signal: AbortSignal): ProposePorts {
    return {
      read: async (file) => {
        const result = await this.#parts.sandbox.pipe({
          spec: await this.#runSpec(noGrant),
          argv: ['cat', '--', file],
          cwd: this.#parts.folder,
          env: this.#parts.env,
          stdin: null,
          maxBytes: 5_000_000,
          timeoutMs: 30_000,
          signal,
        })
        return result.exitCode === 0 && !result.cut ? new TextDecoder().decode(result.stdout) : null
      },
    }
  }

  #pipeline(
    turnId: TurnId,
    signal: AbortSignal,
    extra: { timeoutMs: number; interactive: boolean; piped: 'no' | 'plain' | 'exact'; maxBytes: number },
  ): PipelinePorts {
    const run = this.#runPorts(turnId)
    let judgedIn: SandboxMode | null = null
    return {
      newId: (prefix) => this.#parts.ids.next(prefix),
      turnId,
      log: (entry) => this.feed.append(entry),
      judge: (action) => {
        judgedIn = this.#settings.sandboxMode
        return judgeInSession(action, this.#parts.policy, {
          settings: this.#settings,
          grants: this.#grants,
          roots: this.#roots(),
          interactive: extra.interactive,
        })
      },
      request: (about) => this.#request(about, turnId),
      review: (request) => this.#review(request, signal),
      remember: (request, decision) => this.#decided(request, decision),
      ready: () => this.#ready(signal),
      run: async (actionId, action, grant) => {
        switch (action.kind) {
          case 'command':
            return this.rehearsals.perform(actionId, action, grant, signal, run, () =>
              runCommand(actionId, action, grant, { ...extra, signal }, run),
            )
          case 'fileChange':
            return runFileChange(
              actionId,
              action,
              grant,
              { signal },
              { ...run, spec: (wanted) => this.#editSpec(wanted, judgedIn) },
            )
          case 'fileAccess':
          case 'hostAccess':
            throw new Error('What is held is answered where it waits; there is nothing to run.')
          case 'permissions':
            return runAtOnce(actionId, action, await this.#runSpec(noGrant), run, 'Granted.')
          case 'input': {
            const started = await runAtOnce(actionId, action, await this.#runSpec(noGrant), run, 'Sent.')
            this.terminals.get(action.terminalId)?.run?.write(action.text)
            return started
          }
        }
      },
      mayAskAgain: () =>
        !extra.interactive &&
        extra.piped === 'no' &&
        this.#settings.approvalPolicy !== 'never' &&
        this.#settings.sandboxMode !== 'danger-full-access',
    }
  }

  /** An answer counts from now on: for this session, in the history, and for what rules are tried on. */
  #decided(request: ApprovalRequest, decision: Decision): void {
    const allows = isAllow(decision.type)
    if (
      decision.editedCommand === null &&
      (decision.type === 'accept' || decision.type === 'acceptForSession')
    )
      this.#remember(
        request,
        decision.type,
        decision.grant,
        decision.offerId === 'lease' ? this.#parts.clock.nowMs() + leaseMs : null,
      )
    if (!allows) this.#grants.deny(request, decision.note)
    this.#parts.history.add(this.#parts.folder, request.fingerprint, {
      outcome: allows ? 'allowed' : 'denied',
      atMs: this.#parts.clock.nowMs(),
      note: decision.note,
    })
    this.#parts.policy.noteAnswer(request, allows ? 'allowed' : 'denied', decision.note)
  }

  async #judgeHost(action: HostAccessAction, said: HostVerdict): Promise<Verdict> {
    const facts = {
      ...noFacts,
      grantedBy: this.#grants.answerTo(action)?.approvalId ?? null,
      denied: this.#grants.deniedThisTurn(action),
      host: said,
    }
    const { verdict } = judgeHostAccess(action, facts, this.#settings)
    this.#parts.policy.noteUse(verdict)
    return verdict
  }

  /** Waits while the session is paused. false: nothing may start any more. */
  async #ready(signal: AbortSignal): Promise<boolean> {
    while (this.#paused && !signal.aborted) await this.#paused.resumed
    return (await this.#proof.ready()) && !signal.aborted && !this.#ended
  }

  /** A denial that stops: the turn of that command ends; a command that outlived its turn ends itself. */
  #stopTurnOf({ turnId, actionId }: HeldRun): void {
    const turn = this.#turn
    if (turn?.id === turnId) {
      turn.reason ??= 'stoppedByDenial'
      turn.abort.abort()
    } else void this.terminals.stopAll((t) => t.actionId === actionId)
  }

  #runPorts(turnId: TurnId): RunPorts {
    const { sandbox, clock, env } = this.#parts
    return {
      ...this.#holds.portsFor(turnId),
      sandbox,
      clock,
      env,
      terminals: this.terminals,
      newId: (prefix) => this.#parts.ids.next(prefix),
      log: (entry) => this.feed.append(entry),
      spec: (grant) => this.#runSpec(grant),
      network: async (spec, actionId) =>
        this.#network.wanted(spec) ? this.#network.open(actionId, env) : null,
      onOutput: (actionId, chunk) => this.feed.output(actionId, chunk),
      trippedBefore: (action) => this.#trips.missing(action, os.homedir())?.violations ?? [],
      tripped: (action, violations, asked) => this.#trips.note(action, violations, asked),
      watchRunsLater: (spec, what) =>
        watchRunsLater(spec, { what, folder: this.#parts.folder }, (title, detail) =>
          this.notice('warning', title, detail),
        ),
      wroteOutside: async (actionId, grant) => {
        for (const file of grant.writePaths) {
          if (file.startsWith(`${this.#parts.folder}/`)) continue
          await this.feed.append({ type: 'wroteOutside', path: file, actionId })
          const atMs = this.#parts.clock.nowMs()
          await this.workspace.then(
            (w) => w.noteOutside(file, atMs),
            () => {},
          )
        }
      },
    }
  }

  /**
   * The spec an allowed edit is written under. Only our own fixed script runs in it, for exactly the files that
   * were judged, so in `read-only` it gets the workspace; protected paths in it stay closed unless granted.
   * An edit that was judged before the session was narrowed was never asked for in `read-only`, and gets nothing.
   */
  #editSpec(grant: Grant, judgedIn: SandboxMode | null): Promise<SandboxSpec> {
    const asked = this.#settings.sandboxMode === 'read-only' && judgedIn === 'read-only'
    return this.#runSpec(grant, asked ? 'workspace-write' : this.#settings.sandboxMode)
  }

  /** The spec of something that is about to start. @throws Error while the session is frozen */
  async #runSpec(grant: Grant, mode = this.#settings.sandboxMode): Promise<SandboxSpec> {
    const spec = await this.#spec(grant, mode)
    if (this.frozen) throw new Error('The session is frozen: its sandbox is not proved.')
    return spec
  }

  /** The spec of the settings in force at this moment, with what is granted for the session and this run. */
  async #spec(grant: Grant, mode = this.#settings.sandboxMode): Promise<SandboxSpec> {
    const { extraWritableRoots, deniedReads, deniedGlobs = [] } = this.#settings
    const room = this.#grants.room
    return this.#parts.sandbox.buildSpec({
      mode: grant.unsandboxed ? 'danger-full-access' : mode,
      folder: this.#parts.folder,
      extraWritableRoots,
      // Looked up anew for every command, so that a file made meanwhile is closed too.
      deniedReads: [...deniedReads, ...(await expandDeniedGlobs(deniedGlobs))],
      ...closedBySettings(this.#settings),
      ...(this.#scan.found ? { found: this.#scan.found } : {}),
      grant: {
        writePaths: [...new Set([...room.writePaths, ...grant.writePaths])],
        readPaths: [...new Set([...room.readPaths, ...(grant.readPaths ?? [])])],
        gitMetadata: (grant.gitMetadata ?? false) || room.gitMetadata,
        network: grant.network || room.network,
        unsandboxed: grant.unsandboxed,
      },
      gatehouseHome: this.#parts.gatehouseHome,
    })
  }

  /** A grant for the session is another boundary for every later command, so it is proved anew. */
  #remember(...about: Parameters<SessionGrants['remember']>): void {
    const before = JSON.stringify(this.room)
    this.#grants.remember(...about)
    // What goes wrong in it is the log's, which stops the session.
    if (JSON.stringify(this.room) !== before) this.#proof.check('changed').catch(() => {})
  }

  #roots(): readonly string[] {
    return [this.#parts.folder, ...this.#settings.extraWritableRoots]
  }

  async #request(
    about: Parameters<PipelinePorts['request']>[0],
    turnId: TurnId,
    held: { readonly command: string; readonly protectedPath: boolean } | null = null,
  ): Promise<ApprovalRequest> {
    const { folder, clock, history, agent } = this.#parts
    const { action } = about
    const decoded = action.kind === 'command' ? this.#parts.policy.decode(action.argv) : null
    const violations = action.escalation?.violations ?? []
    const paths =
      action.kind === 'fileChange'
        ? action.edits.map((e) => e.path)
        : (action.escalation?.ladder[0]?.writePaths ?? [])
    const places = await Promise.all(paths.map((p) => locatePath(p, this.#roots())))
    const { summary } = this.feed
    return buildRequest({
      id: this.#id<ApprovalId>('ap'),
      sessionId: this.id,
      turnId,
      actionId: about.actionId,
      action,
      verdict: about.verdict,
      agentSays: about.says,
      folder,
      home: os.homedir(),
      requestedAtMs: clock.nowMs(),
      past: history.of(folder, fingerprintOf(action, decoded)),
      decoded,
      origin: findOrigin(action, this.feed.projection.items, about.causedBy),
      protectedPath:
        places.some((p) => p.place === 'protected') ||
        violations.some((v) => v.kind === 'write' && v.protected) ||
        held?.protectedPath === true,
      ranOnce: about.causedBy !== null && held === null,
      missing: action.kind === 'command' ? (this.#trips.missing(action, os.homedir())?.grant ?? null) : null,
      ofCommand: held?.command ?? null,
      context: {
        session: summary.title,
        agent: agent.name,
        folder: `${path.basename(folder)}${summary.branch ? ` @ ${summary.branch}` : ''}`,
        turn: this.#turnCount,
        preset: presetWords(this.#settings),
      },
    })
  }

  async #review(request: ApprovalRequest, signal: AbortSignal): Promise<Answer> {
    // The turn may have been stopped while the card was written.
    const isVoid = () => (signal.aborted ? ('interrupted' as const) : null)
    return this.#parts.inbox.ask(request, (entry) => this.feed.append(entry), isVoid)
  }

  #armLease(): void {
    this.#endLease()
    const { leaseEndsAtMs } = this.#settings
    if (leaseEndsAtMs === null) return
    const left = Math.max(0, leaseEndsAtMs - this.#parts.clock.nowMs())
    this.#endLease = this.#parts.clock.after(left, () => {
      const back = this.settingsFor('auto', null)
      void this.changeSettings(back, 'leaseEnded', 'The time for full access was up.').catch(() => {})
    })
  }

  #decorate(summary: SessionSummary): SessionSummary {
    const waiting = this.#parts.inbox.waiting(this.id)
    const running = summary.state === 'working' && waiting > 0 ? 'waiting' : summary.state
    return { ...summary, waiting, state: this.#paused && !this.#ended ? 'paused' : running }
  }

  /** A session that cannot be recorded must not go on. */
  async #cannotRecord(error: unknown): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    this.#proof.end()
    this.#scan.end()
    this.#queue = []
    const { summary } = this.feed.projection
    if (summary)
      this.feed.projection.summary = {
        ...summary,
        state: 'failed',
        stateReason: `The session log cannot be written: ${messageOf(error)}. Everything was stopped.`,
      }
    this.#turn?.abort.abort()
    this.#parts.inbox.withdraw((r) => r.sessionId === this.id, 'sessionEnded')
    await this.terminals.stopAll()
    await this.#network.close()
    this.feed.emitSummary()
  }

  #id<T extends string>(prefix: string): T {
    return this.#parts.ids.next(prefix) as T
  }
}

/** What a card says of the settings its question was asked under. */
function presetWords({ preset, sandboxMode, approvalPolicy, boundary }: Settings): string {
  const words = preset ? presetOf(preset).name : `${sandboxMode}, ${approvalPolicy}`
  return boundary ? `${words}, the container is the boundary` : words
}
