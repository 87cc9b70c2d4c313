import type { Probe, SandboxState } from '../../../protocol/sandbox.ts'
import { describeProblem } from '../../../protocol/sandbox.ts'
import { Popover } from '../../ui/popover.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { timeWords, useNow } from '../../ui/time.tsx'

const probeWords: Record<Probe['kind'], string> = { write: 'write', connect: 'connection', read: 'read' }

/** "write blocked, connection blocked, read blocked" or what was not. */
export const probesWords = (probes: readonly Probe[]): string =>
  probes.map((probe) => `${probeWords[probe.kind]} ${probe.blocked ? 'blocked' : 'NOT blocked'}`).join(', ')

/** Seconds matter here: how old a proof is decides how much it says. */
function agoSeconds(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  return `${Math.floor(seconds / 3600)} h ago`
}

/** What stands between this session's commands and the machine, and when that was last proved. */
export function SandboxProof({ sandbox, live }: { readonly sandbox: SandboxState; readonly live: boolean }) {
  switch (sandbox.state) {
    case 'checking':
      return <span className="proof">Sandbox: being checked…</span>
    case 'off':
      return <strong className="proof proof-off">No sandbox: commands run with your whole account</strong>
    case 'unavailable': {
      const words = describeProblem(sandbox.problem)
      return (
        <strong className="proof proof-off">
          <Spelled text={`No sandbox: ${words.title}`} limit={160} />
        </strong>
      )
    }
    case 'verified':
      return <Verified sandbox={sandbox} live={live} />
  }
}

type VerifiedState = Extract<SandboxState, { state: 'verified' }>

function Verified({ sandbox, live }: { readonly sandbox: VerifiedState; readonly live: boolean }) {
  const now = useNow()
  const open = sandbox.probes.filter((probe) => !probe.blocked)
  const when = live ? agoSeconds(now - sandbox.atMs) : timeWords(sandbox.atMs)
  if (open.length > 0) {
    return (
      <strong className="proof proof-off">
        The sandbox let {open.map((probe) => `a ${probeWords[probe.kind]}`).join(' and ')} through
      </strong>
    )
  }
  return (
    <Popover
      title={`Tried inside the sandbox at ${timeWords(sandbox.atMs)}`}
      trigger={
        <button type="button" className="proof proof-link">
          Sandbox verified {when}
        </button>
      }
    >
      <ProbeList probes={sandbox.probes} />
      <p className="proof-backend">
        Each was attempted for real with {sandbox.backend}, in the boundary this session uses.
      </p>
    </Popover>
  )
}

/** One line per probe: what was tried and what came of it. */
export function ProbeList({ probes }: { readonly probes: readonly Probe[] }) {
  return (
    <dl className="probes">
      {probes.map((probe) => (
        <div key={`${probe.kind} ${probe.target}`}>
          <dt>{probeWords[probe.kind]}</dt>
          <dd>
            <span className="mono">
              <Spelled text={probe.target} limit={160} />
            </span>{' '}
            <span className={probe.blocked ? 'proof-held' : 'proof-off'}>
              {probe.blocked ? 'blocked' : 'NOT blocked'}
            </span>
            {probe.detail !== '' && (
              <span className="probe-detail">
                <Spelled text={probe.detail} limit={160} />
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
