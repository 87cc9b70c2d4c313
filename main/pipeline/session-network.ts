import type { HostAccessAction } from '../../protocol/action.ts'
import type { SandboxSpec, Violation } from '../../protocol/sandbox.ts'
import type { Settings } from '../../protocol/settings.ts'
import type { Gate, ProxySettings } from '../network/gate.ts'
import { proxyEnv } from '../network/proxy-env.ts'
import type { SessionProxy } from '../network/session-proxy.ts'
import { asksFor } from '../policy/asks-for.ts'
import { noHostRules } from '../policy/network/host-rule.ts'
import { type HostVerdict, judgeHost } from '../policy/network/judge-host.ts'
import { type FindProcess, proxyPorts, type RunProxy } from '../sandbox/backend.ts'
import { isReachableHere } from '../sandbox/read-violations.ts'
import { HeldHosts, type HostPorts } from './held-hosts.ts'
import type { RunHold } from './run-hold.ts'

/** The way out that sessions are given. */
export type NetworkParts = {
  createProxy(gate: Gate): Promise<SessionProxy>
  /** What the files say of hosts at this moment. */
  settings(): Promise<ProxySettings>
}

/** The way out of one run: what it is started with, and its end. */
export type RunWay = {
  readonly proxy: RunProxy
  readonly env: Readonly<Record<string, string>>
  /** From here on its connections may wait. Before the run starts. */
  attach(hold: RunHold): void
  /** Destinations on this machine that it was refused though somebody listens there. */
  refused(): Promise<readonly Violation[]>
  /** Closes all that is connected. */
  end(): void
}

/** Whether settings give a run in this boundary a proxy as its way out. */
export function hasProxy(spec: Pick<SandboxSpec, 'boundary' | 'network'>, settings: Settings): boolean {
  if (spec.boundary !== 'bounded' || spec.network !== 'none') return false
  const { hosts } = settings
  return hosts === undefined ? asksFor('sandbox', settings) : hosts !== 'none'
}

/** Nothing passes by rules that were not read. */
const nothing: ProxySettings = {
  allowLocalBinding: false,
  mode: 'full',
  rules: noHostRules,
  socks5: true,
  upstreamProxy: false,
}

const lockedOff: ProxySettings = {
  ...nothing,
  rules: {
    ...noHostRules,
    closed: { decision: 'deny', message: 'The network of this session is locked off.' },
  },
}

/** The network of one session's runs: a proxy from the first run that has one, and who answers for its hosts. */
export class SessionNetwork {
  readonly hosts: HeldHosts
  readonly #parts: NetworkParts | null
  readonly #of: () => Settings
  #settings: ProxySettings = nothing
  #proxy: Promise<SessionProxy> | null = null
  #closed = false

  /** @param parts null: no run has a network but by a grant of all of it */
  constructor(parts: NetworkParts | null, settings: () => Settings, ports: Omit<HostPorts, 'rules'>) {
    this.#parts = parts
    this.#of = settings
    this.hosts = new HeldHosts({
      ...ports,
      rules: (action, address) => this.#rules(action, address),
    })
  }

  /** Whether a run in this boundary gets the proxy as its way out, with the settings of this moment. */
  wanted(spec: SandboxSpec): boolean {
    return this.#parts !== null && hasProxy(spec, this.#of())
  }

  /** @throws when there can be no proxy; the run must not start then */
  async open(run: string, env: Readonly<Record<string, string>>): Promise<RunWay> {
    await this.refresh()
    const proxy = await this.#start()
    const up = Promise.withResolvers<FindProcess>()
    const { token, remove } = proxy.addRun({ run, who: async (flow) => (await up.promise)(flow) })
    let hold: RunHold | null = null
    return {
      proxy: { address: proxy.path.slice(1), token, onUp: up.resolve },
      env: proxyEnv(proxyPorts, this.#settings.allowLocalBinding, env['JAVA_TOOL_OPTIONS']),
      attach: (to) => {
        hold = to
        this.hosts.flows.begin(to)
      },
      refused: async () => {
        const local = hold ? this.hosts.flows.refusedLocal(hold) : []
        const here = await Promise.all(local.map(({ host, port }) => isReachableHere(host, port)))
        return local
          .filter((_, i) => here[i])
          .map(({ host, port, why }) => ({ kind: 'connect', host, port, evidence: why }))
      },
      end: () => {
        up.resolve(async () => null)
        remove()
        if (hold) this.hosts.flows.end(hold)
      },
    }
  }

  /** The rules may have changed: what they no longer allow is closed, and what waits is judged anew. */
  async refresh(): Promise<void> {
    if (this.#parts === null) return
    try {
      this.#settings = await this.#parts.settings()
    } catch (error) {
      this.#settings = nothing
      throw error
    } finally {
      await this.recheck()
    }
  }

  /** The session's settings have changed: what they no longer allow is closed. */
  async recheck(): Promise<void> {
    const proxy = await this.#proxy?.catch(() => null)
    proxy?.recheck()
  }

  /** Closes the way out for good. */
  async close(): Promise<void> {
    this.#closed = true
    const proxy = await this.#proxy?.catch(() => null)
    await proxy?.close()
  }

  async #start(): Promise<SessionProxy> {
    if (this.#closed || this.#parts === null) throw new Error('The session has ended.')
    this.#proxy ??= this.#parts.createProxy({
      settings: () => this.#inForce(),
      ask: (question, signal) => this.hosts.ask(question, signal),
      onFlow: (flow, run) => this.hosts.flows.onFlow(flow, run),
    })
    try {
      return await this.#proxy
    } catch (error) {
      // The next run tries again.
      this.#proxy = null
      throw new Error(`The network proxy could not be started, so nothing was: ${String(error)}`)
    }
  }

  #inForce(): ProxySettings {
    return this.#of().hosts === 'none' ? lockedOff : this.#settings
  }

  #rules({ host, port, protocol }: HostAccessAction, address: string | null): HostVerdict {
    const { rules, allowLocalBinding } = this.#inForce()
    return judgeHost({ host, port, protocol }, rules, {
      allowLocalBinding,
      addresses: address === null ? null : [address],
      lookup: address === null ? 'none' : 'ok',
    })
  }
}
