import { useState } from 'react'
import type { SessionId } from '../../../protocol/ids.ts'
import type { SandboxState } from '../../../protocol/sandbox.ts'
import type { SessionSummary } from '../../../protocol/sessions.ts'
import { useSessionSummary, useStores } from '../../state/context.tsx'
import { usePolicyAnswer } from '../../state/policy-answer.ts'
import { problemOf } from '../../state/result.ts'
import { isLive } from '../../state/sessions.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Loading, Notice } from '../../ui/states.tsx'
import { Attempts } from './attempts.tsx'
import { FactsView } from './facts-view.tsx'
import { Verdict } from './verdict.tsx'
import './sandbox.css'

type Props = { readonly sessionId: SessionId; onClose(): void }

/** What proves the boundary of one session: every attempt, and what stands behind it. */
export function SandboxDialog({ sessionId, onClose }: Props) {
  const session = useSessionSummary(sessionId)
  return (
    <Dialog open onClose={onClose} width="wide" title="The sandbox of this session">
      <div className="sandbox-panel">
        {session ? (
          <Panel session={session} onClose={onClose} />
        ) : (
          <Notice title="This session is no longer known.">Choose another one first.</Notice>
        )}
      </div>
    </Dialog>
  )
}

function Panel({ session, onClose }: { readonly session: SessionSummary; onClose(): void }) {
  const { client } = useStores()
  const { id, sandbox } = session
  const live = isLive(session)
  const check = useCheck(id)
  const facts = usePolicyAnswer(`${id} ${session.state} ${JSON.stringify(session.settings)}`, () =>
    client.call('sandbox/facts', { sessionId: id }),
  )
  const known = facts.value?.status === 'known' ? facts.value.facts : null
  const why = facts.problem?.message ?? (facts.value?.status === 'refused' ? facts.value.why : null)
  return (
    <>
      <Verdict sandbox={sandbox} live={live} />
      <div className="sandbox-actions">
        {live && (
          // Never disabled: a button that is would lose the focus, and the dialog could not give it back.
          <Button look="strong" aria-busy={check.running} onClick={check.run}>
            {check.running ? 'Checking…' : 'Check again'}
          </Button>
        )}
        <Button look="quiet" keyHint="Escape" onClick={onClose}>
          Back
        </Button>
        <span role="status">{check.said}</span>
      </div>
      {check.problem !== null && (
        <Notice level="problem" title="The check did not run.">
          <Spelled text={check.problem} limit={400} />
        </Notice>
      )}
      {'probes' in sandbox && <Attempts probes={sandbox.probes} />}
      {known && <FactsView facts={known} />}
      {!known && why === null && live && <Loading what="Asking what this boundary is made of…" />}
      {why !== null && live && (
        <p className="sandbox-quiet">
          What else it is made of is not known: <Spelled text={why} limit={300} />
        </p>
      )}
    </>
  )
}

/** One check at a time, with what came of it in words for those who do not see the list change. */
function useCheck(sessionId: SessionId) {
  const { client } = useStores()
  const [state, setState] = useState<{ running: boolean; said: string; problem: string | null }>({
    running: false,
    said: '',
    problem: null,
  })
  const run = (): void => {
    if (state.running) return
    setState({ running: true, said: '', problem: null })
    client.call('sandbox/check', { sessionId }).then(
      (answer) =>
        answer.status === 'refused'
          ? setState({ running: false, said: '', problem: answer.why })
          : setState({ running: false, said: saidOf(answer.sandbox), problem: null }),
      (thrown: unknown) => setState({ running: false, said: '', problem: problemOf(thrown).message }),
    )
  }
  return { ...state, run }
}

function saidOf(sandbox: SandboxState): string {
  switch (sandbox.state) {
    case 'verified':
      return 'Checked: everything was stopped.'
    case 'container':
      return 'Checked: what our own narrowing must stop was stopped. The container itself was not tried.'
    case 'frozen':
      return sandbox.why === 'open' ? 'Checked: something went through.' : 'Checked: nothing could be proved.'
    case 'unproven':
      return 'Checked: nothing could be proved.'
    case 'checking':
    case 'off':
    case 'unavailable':
      return 'There is no boundary to check.'
  }
}
