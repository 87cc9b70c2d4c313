import type { HostAccessAction } from '../../protocol/action.ts'
import { noGrant } from '../../protocol/action.ts'
import type { FlowVia, HostProtocol, NetworkFlow } from '../../protocol/network.ts'
import type { Verdict } from '../../protocol/verdict.ts'
import { forbidWords } from './handle-action.ts'
import type { HeldRun } from './run-hold.ts'

const protocols: Readonly<Record<FlowVia, HostProtocol>> = {
  http: 'http',
  connect: 'https',
  socks5: 'socks5_tcp',
  'socks5-udp': 'socks5_udp',
  direct: 'socks5_tcp',
}

/** Where a connection goes, as the proxy joins those that wait for the same. */
export const flowKey = ({ via, port, host }: Pick<NetworkFlow, 'via' | 'port' | 'host'>): string =>
  `${protocols[via]} ${port} ${host}`

/** A connection of a run as an action; its ladder has this host on this port. */
export function hostAction(
  flow: Pick<NetworkFlow, 'host' | 'port' | 'via' | 'request' | 'process'>,
  run: Pick<HeldRun, 'actionId' | 'cwd'>,
): HostAccessAction {
  const { host, port, via, request, process } = flow
  return {
    kind: 'hostAccess',
    runActionId: run.actionId,
    host,
    port,
    protocol: protocols[via],
    via,
    request,
    process,
    cwd: run.cwd,
    escalation: {
      source: 'held',
      ladder: [{ ...noGrant, hosts: [{ pattern: host, port }] }],
      reason: null,
      violations: [],
    },
  }
}

/** Why a program is refused without a question, in words it can print. */
export const refusalWords = (verdict: Verdict): string =>
  verdict.origin.kind === 'settings' && verdict.justification !== null
    ? `${verdict.justification} Nobody is asked here.`
    : forbidWords(verdict)
