import type { HostAccessAction } from '../../protocol/action.ts'
import type { ActionId } from '../../protocol/ids.ts'
import type { LogEntry } from '../../protocol/log-entry.ts'
import type { NetworkFlow } from '../../protocol/network.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import { hostWords } from '../approvals/host-offers.ts'
import type { HostVerdict } from '../policy/network/judge-host.ts'
import { flowKey, hostAction } from './host-action.ts'
import type { RunHold } from './run-hold.ts'

type Ports = {
  log(entry: LogEntry): Promise<unknown>
  after(ms: number, then: () => void): () => void
  rules(action: HostAccessAction, address: string | null): HostVerdict
  judge(action: HostAccessAction, said: HostVerdict): Promise<Verdict>
  /** The question that is open about a destination; null: none is. */
  questionAt(key: string): ActionId | null
}

/** One connection that is not over. */
type Live = {
  readonly hold: RunHold
  flow: NetworkFlow
  /** Ends the wait that its run is in because of it. */
  stopWaiting: () => void
  /** Somebody was asked about it. */
  asked: boolean
  opened: boolean
  /** Settles when the log has that it joined a question, or at once. */
  joined: Promise<unknown>
  readonly found: PromiseWithResolvers<void>
}

/** How long a card waits for the name of the program. */
const lookMs = 300
/** Destinations of one run that were refused on this machine; more say nothing more. */
const mostLocal = 5

/** The connections of a session's runs: what the log says of them, and which of them wait. */
export class HostFlows {
  readonly #ports: Ports
  readonly #runs = new Map<string, RunHold>()
  readonly #live = new Map<string, Live>()
  readonly #noted = new WeakMap<RunHold, Set<string>>()
  readonly #local = new WeakMap<RunHold, NetworkFlow[]>()

  constructor(ports: Ports) {
    this.#ports = ports
  }

  begin(hold: RunHold): void {
    this.#runs.set(hold.run.actionId, hold)
  }

  end(hold: RunHold): void {
    this.#runs.delete(hold.run.actionId)
  }

  holdOf(run: string): RunHold | null {
    return this.#runs.get(run) ?? null
  }

  /** Connections that wait for one destination. */
  waiting(key: string): readonly Readonly<Pick<Live, 'hold' | 'flow' | 'joined'>>[] {
    return [...this.#live.values()].filter(({ flow }) => flow.state === 'held' && flowKey(flow) === key)
  }

  /** Destinations on this machine that a run was refused, since the proxy leads to no such place. */
  refusedLocal(hold: RunHold): readonly NetworkFlow[] {
    return this.#local.get(hold) ?? []
  }

  /** The connection as soon as its program is known, or after a moment without it. */
  async withProcess(id: string): Promise<NetworkFlow | null> {
    const live = this.#live.get(id)
    if (!live) return null
    if (live.flow.process === null) {
      const cancel = this.#ports.after(lookMs, live.found.resolve)
      await live.found.promise
      cancel()
    }
    return live.flow
  }

  /** Says in the log which connections waited before a question stood in it. */
  joinWaiting(key: string, actionId: ActionId): void {
    const [, ...others] = this.waiting(key)
    for (const { flow } of others) this.#join(flow.id, actionId)
  }

  /** Settles when the log has everybody who joined. @throws what the disk said */
  async joined(key: string): Promise<void> {
    for (let seen = -1; seen !== this.waiting(key).length; ) {
      seen = this.waiting(key).length
      await Promise.all(this.waiting(key).map(({ joined }) => joined))
    }
  }

  /** What the proxy reports. Never throws. */
  onFlow(flow: NetworkFlow, run: string): void {
    const known = this.#live.get(flow.id)
    const hold = known?.hold ?? this.holdOf(run)
    if (!hold) return
    const live: Live = known ?? {
      hold,
      flow,
      stopWaiting: () => {},
      asked: false,
      opened: false,
      joined: Promise.resolve(),
      found: Promise.withResolvers<void>(),
    }
    live.flow = flow
    if (flow.process !== null) live.found.resolve()
    if (flow.endedAt === null) this.#live.set(flow.id, live)
    if (flow.state === 'held') {
      if (live.asked) return
      live.asked = true
      live.stopWaiting = hold.wait()
      const question = this.#ports.questionAt(flowKey(flow))
      if (question !== null) this.#join(flow.id, question)
      return
    }
    live.stopWaiting()
    live.stopWaiting = () => {}
    if (flow.endedAt === null && live.opened) return
    if (flow.endedAt !== null) {
      live.found.resolve()
      this.#live.delete(flow.id)
    }
    if (!live.asked && !live.opened && (flow.state === 'open' || flow.state === 'refused'))
      this.#byPolicy(live).catch(() => {})
    live.opened ||= flow.state === 'open'
    // A log that cannot be written stops the session by itself.
    this.#ports.log({ type: 'flow', actionId: hold.run.actionId, flow }).catch(() => {})
  }

  /** A verdict that nobody was asked about, once per run and destination. */
  async noteVerdict(hold: RunHold, action: HostAccessAction, verdict: Verdict): Promise<void> {
    const noted = this.#noted.get(hold) ?? new Set<string>()
    this.#noted.set(hold, noted)
    const what = `${verdict.kind} ${action.protocol} ${hostWords(action)}`
    if (noted.has(what)) return
    noted.add(what)
    const { host, port, protocol } = action
    await this.#ports.log({
      type: 'hostByPolicy',
      actionId: hold.run.actionId,
      host,
      port,
      protocol,
      verdict,
    })
  }

  async #byPolicy({ hold, flow }: Live): Promise<void> {
    const action = hostAction(flow, hold.run)
    const refused = flow.state === 'refused'
    const says = this.#ports.rules(action, flow.address)
    if (refused && says.reason === 'not_allowed_local') this.#noteLocal(hold, flow)
    const said: HostVerdict =
      refused && says.decision !== 'deny'
        ? { decision: 'deny', reason: 'denied', rule: null, message: flow.why }
        : says
    await this.noteVerdict(hold, action, await this.#ports.judge(action, said))
  }

  #noteLocal(hold: RunHold, flow: NetworkFlow): void {
    const local = this.#local.get(hold) ?? []
    this.#local.set(hold, local)
    if (local.length < mostLocal && !local.some((one) => one.host === flow.host && one.port === flow.port))
      local.push(flow)
  }

  #join(id: string, actionId: ActionId): void {
    const live = this.#live.get(id)
    if (!live) return
    const { runActionId, flow } = { runActionId: live.hold.run.actionId, flow: live.flow.id }
    live.joined = this.#ports.log({ type: 'hostJoined', actionId, runActionId, flow })
    // Looked at when the question is answered.
    live.joined.catch(() => {})
  }
}
