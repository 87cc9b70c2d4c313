import type { SandboxState } from '../../../protocol/sandbox.ts'
import { describeProblem } from '../../../protocol/sandbox.ts'
import { containerWords } from '../../../protocol/sandbox-proof.ts'
import { agoSteps } from '../../state/proof-words.ts'
import { Spelled } from '../../ui/spelled.tsx'
import { Notice } from '../../ui/states.tsx'
import { timeWords, useNow } from '../../ui/time.tsx'

/** What the last round says about the boundary, and what follows from it. */
export function Verdict({ sandbox, live }: { readonly sandbox: SandboxState; readonly live: boolean }) {
  switch (sandbox.state) {
    case 'verified':
      return <Verified atMs={sandbox.atMs} backend={sandbox.backend} live={live} />
    case 'unproven':
      return (
        <Notice level="warning" title="Not verified: the last check proved nothing.">
          <p>
            <Spelled text={sandbox.detail} limit={400} />
          </p>
          <p>
            The next command starts only after a check that holds. A second check without proof freezes this
            session.
          </p>
        </Notice>
      )
    case 'frozen':
      return (
        <Notice
          level="problem"
          title={
            sandbox.why === 'open'
              ? 'Frozen: the sandbox let something through.'
              : 'Frozen: twice in a row nothing could be proved.'
          }
        >
          <p>
            Tried: <Spelled text={sandbox.target} limit={200} />. What happened:{' '}
            <Spelled text={sandbox.detail} limit={400} />
          </p>
          <p>
            Everything this session ran was stopped, its questions were withdrawn, and nothing starts. It goes
            on only when you check again and everything is stopped; otherwise end it.
          </p>
        </Notice>
      )
    case 'container':
      return (
        <Notice level="warning" title="The container is the boundary.">
          <Spelled text={containerWords(sandbox.container, sandbox.probes.length)} limit={600} />
        </Notice>
      )
    case 'unavailable': {
      const words = describeProblem(sandbox.problem)
      return (
        <Notice level="problem" title={<Spelled text={words.title} limit={300} />}>
          <Spelled text={words.fix} limit={400} />
        </Notice>
      )
    }
    case 'off':
      return (
        <Notice level="problem" title="There is no sandbox.">
          Commands run with your whole account until full access ends.
        </Notice>
      )
    case 'checking':
      return <p className="sandbox-quiet">The sandbox is being checked…</p>
  }
}

type VerifiedProps = { readonly atMs: number; readonly backend: string; readonly live: boolean }

function Verified({ atMs, backend, live }: VerifiedProps) {
  const now = useNow()
  return (
    <p className="sandbox-verdict">
      <strong className="sandbox-held">
        Verified {live ? agoSteps(now - atMs) : `at ${timeWords(atMs)}`}
      </strong>{' '}
      by attempts that were made for real with {backend}, in the boundary this session uses, at{' '}
      {timeWords(atMs)}.
    </p>
  )
}
