import path from 'node:path'
import type { HostAccessAction } from '../../protocol/action.ts'
import type { ApprovalRequest, Piece } from '../../protocol/approvals.ts'
import { readAddress } from '../policy/network/address-class.ts'
import { registrableDomain } from '../policy/network/host-ladder.ts'
import { hostWords } from './host-offers.ts'

const host = (text: string): Piece => ({ voice: 'host', text })
const machine = (text: string): Piece => ({ voice: 'machine', text })
const boundary = (text: string): Piece => ({ voice: 'boundary', text })
const foreign = (text: string): Piece => ({ voice: 'foreign', text })

/** One line for lists. */
export const hostSubject = (action: HostAccessAction, command: string | null): string =>
  `reach ${hostWords(action)}${command ? `, by ${command}` : ''}`.slice(0, 300)

export const hostWants = (action: HostAccessAction): Piece[] => [
  host('reach '),
  boundary(hostWords(action)),
  ...(action.request === null ? [] : [host(' to '), foreign(seen(action))]),
]

/** What can leave, and how much of it can be seen. */
export const hostChanges = (action: HostAccessAction): Piece[] => [
  host(
    action.request === null
      ? 'host only: what goes there and comes back passes unseen'
      : 'plain HTTP: this request is seen; what else goes there is not asked again',
  ),
]

/** What is let through, and what sort of name or address it is. */
export function hostScope(action: HostAccessAction): Piece[] {
  const address = readAddress(action.host)
  const domain = registrableDomain(action.host)
  const sort =
    address !== null
      ? `, a ${address.class} address; no name was given`
      : domain !== null && domain !== action.host
        ? `, below ${domain}`
        : ''
  return [machine(hostWords(action)), host(`${sort}; nothing else of the network`)]
}

/** Who connects: the program as the kernel names it, what started it, and the command it belongs to. */
export function hostOrigin({ process }: HostAccessAction, command: string | null): Piece[] {
  const parent = process?.chain[0]
  return [
    machine(process?.exe ?? 'a program that was gone before it could be looked at'),
    ...(process ? [host(` (process ${process.pid})`)] : []),
    ...(parent ? [host(', started by '), machine(path.basename(parent.exe))] : []),
    ...(command === null ? [] : [host(', in the command '), machine(command)]),
  ]
}

export const hostReach: Piece[] = [
  host('Everything the command can read can be sent there. What was sent cannot be taken back.'),
]

/** Facts below the bar. The last row is what the process says of itself. */
export function hostEvidence(action: HostAccessAction, origin: string): ApprovalRequest['evidence'] {
  const { process, via, protocol, request } = action
  const chain = process?.chain.map(({ pid, exe }) => `${pid} ${exe}`).join('\n') ?? ''
  return [
    { label: 'Destination', pieces: [machine(hostWords(action))] },
    { label: 'How it asks', pieces: [machine(via === protocol ? via : `${via}, taken as ${protocol}`)] },
    ...(request === null ? [] : [{ label: 'Request', pieces: [foreign(seen(action))] }]),
    { label: 'Where the host was named', pieces: [host(origin)] },
    ...(process === null ? [] : [{ label: 'Works in', pieces: [machine(process.cwd)] }]),
    ...(chain === '' ? [] : [{ label: 'Started by', pieces: [machine(chain)] }]),
    ...(process === null
      ? []
      : [{ label: 'Says of itself', pieces: [foreign(process.argv.join(' ').slice(0, 4000))] }]),
  ]
}

const seen = ({ request }: HostAccessAction): string =>
  request === null ? '' : `${request.method} ${request.path}`.slice(0, 2000)
