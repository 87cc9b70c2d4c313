import type { SessionId } from '../../../protocol/ids.ts'
import type { Probe, SandboxState } from '../../../protocol/sandbox.ts'
import { describeProblem } from '../../../protocol/sandbox.ts'
import { probeWords } from '../../../protocol/sandbox-proof.ts'
import { useStores } from '../../state/context.tsx'
import { agoSteps } from '../../state/proof-words.ts'
import { Spelled } from '../../ui/spelled.tsx'
import { timeWords, useNow } from '../../ui/time.tsx'

/** "9 of 9 attempts stopped", or what was not. */
export function probesWords(probes: readonly Probe[]): string {
  const open = probes.filter((probe) => !probe.blocked)
  if (open.length === 0) return `${probes.length} of ${probes.length} attempts stopped`
  return `${open.map((probe) => probeWords[probe.kind]).join(', ')} NOT stopped`
}

type Props = {
  readonly sessionId: SessionId
  readonly sandbox: SandboxState
  readonly live: boolean
}

/**
 * What stands between this session's commands and the machine, and when that was last proved. Opens the panel with
 * every attempt.
 */
export function SandboxProof({ sessionId, sandbox, live }: Props) {
  const { app } = useStores()
  if (sandbox.state === 'checking') return <span className="proof">Sandbox: being checked…</span>
  if (sandbox.state === 'off')
    return <strong className="proof proof-off">No sandbox: commands run with your whole account</strong>
  if (sandbox.state === 'unavailable') {
    const words = describeProblem(sandbox.problem)
    return (
      <strong className="proof proof-off">
        <Spelled text={`No sandbox: ${words.title}`} limit={160} />
      </strong>
    )
  }
  return (
    <button
      type="button"
      className={`proof proof-link proof-${sandbox.state}`}
      aria-haspopup="dialog"
      onClick={() => app.open({ kind: 'sandbox', sessionId })}
    >
      <StateWords sandbox={sandbox} live={live} />
    </button>
  )
}

type Tried = Extract<SandboxState, { state: 'verified' | 'unproven' | 'frozen' | 'container' }>

function StateWords({ sandbox, live }: { readonly sandbox: Tried; readonly live: boolean }) {
  const now = useNow()
  switch (sandbox.state) {
    case 'verified':
      return <>Sandbox verified {live ? agoSteps(now - sandbox.atMs) : timeWords(sandbox.atMs)}</>
    case 'container':
      return <>The container is the boundary</>
    case 'unproven':
      return <>Sandbox not verified</>
    case 'frozen':
      return (
        <>{sandbox.why === 'open' ? 'Frozen: the sandbox let something through' : 'Frozen: not verified'}</>
      )
  }
}
