import type { FlowProcess, FlowVia, NetworkFlow } from '../../protocol/network.ts'
import type { HostRule, NetworkProtocol } from '../policy/network/host-rule.ts'
import type { HostReason } from '../policy/network/judge-host.ts'
import type { NetworkSettings } from '../policy/network/network-settings.ts'

/** What the proxy goes by at one moment. */
export type ProxySettings = NetworkSettings & {
  /** `enable_socks5`. */
  readonly socks5: boolean
  /** `allow_upstream_proxy`: the proxy that the host's own environment names may be used. */
  readonly upstreamProxy: boolean
}

/** Where a program wants to go, read and in one spelling, but not judged. */
export type Destination = {
  /** As the program named it, without port. */
  readonly host: string
  readonly port: number
  /**
   * CONNECT counts as `https` and everything whose protocol nobody names as `socks5_tcp`, as in Codex: what flows
   * through afterwards is not looked at.
   */
  readonly protocol: NetworkProtocol
}

/** A destination that no rule allows. One question for all who wait for the same host, port and protocol. */
export type HostQuestion = Destination & {
  /** `prompt`: a rule wants it asked; `not_allowed`: no rule speaks; `rules_unreadable`: they cannot be trusted. */
  readonly reason: HostReason
  readonly rule: HostRule | null
  /** One or two sentences: why it is asked. */
  readonly message: string
  readonly via: FlowVia
  /** The run that came first, as it was named in `addRun`. */
  readonly run: string
  /** The flow that came first; the others are known from `onFlow`, held at the same destination. */
  readonly flow: string
}

export type HostAnswer =
  /** `why`: one sentence for the row of the flow. */
  | { readonly allow: true; readonly why: string }
  /** `message` reaches the program; `word` is what the person added, in their own words. */
  | { readonly allow: false; readonly message: string; readonly word: string | null }

/** What the proxy needs of the rest: the rules of this moment, somebody to ask, somebody who keeps the records. */
export type Gate = {
  settings(): ProxySettings
  /**
   * Asks. `signal` fires when nobody waits any longer, or when the rules have answered meanwhile; what the promise
   * does then is of no interest. One that fails is a refusal.
   */
  ask(question: HostQuestion, signal: AbortSignal): Promise<HostAnswer>
  /** After every change of a flow's state, and for its bytes at most four times a second. Must not throw. */
  onFlow(flow: NetworkFlow, run: string): void
}

/** A run whose connections the proxy takes. */
export type RunEnds = {
  /** What `onFlow` and `ask` call it; unique among the runs of this proxy. */
  readonly run: string
  /** Who opened a connection, by the number the relay gave it; null when it is gone. */
  who(flow: number): Promise<FlowProcess | null>
}
