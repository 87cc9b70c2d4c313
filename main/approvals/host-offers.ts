import type { HostAccessAction } from '../../protocol/action.ts'
import { noGrant } from '../../protocol/action.ts'
import type { Offer } from '../../protocol/approvals.ts'

/** How long the answer `lease` holds. */
export const leaseMs = 10 * 60_000

/** How a destination is written for a person: `host:port`, an IPv6 address in brackets. */
export const hostWords = ({ host, port }: Pick<HostAccessAction, 'host' | 'port'>): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

/** The yeses for a host that a command waits for, smallest first; each gives this host on this port only. */
export function hostOffers(action: HostAccessAction): readonly Offer[] {
  const grant = action.escalation?.ladder[0] ?? noGrant
  const where = hostWords(action)
  return [
    {
      id: 'once',
      decision: 'accept',
      grant,
      label: 'Allow once',
      sentence: `${where}, for this command until it ends`,
    },
    {
      id: 'lease',
      decision: 'acceptForSession',
      grant,
      label: 'For 10 minutes',
      sentence: `${where} for this session's commands; what is connected then stays so`,
    },
    {
      id: 'session',
      decision: 'acceptForSession',
      grant,
      label: 'This session',
      sentence: `${where} for this session's commands until it ends`,
    },
  ]
}
