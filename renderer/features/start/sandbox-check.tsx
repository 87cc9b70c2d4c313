import { describeProblem } from '../../../protocol/sandbox.ts'
import { containerWords, probeWords } from '../../../protocol/sandbox-proof.ts'
import type { SandboxCheck } from '../../../protocol/workspace.ts'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Notice } from '../../ui/states.tsx'
import type { Answer } from './use-answer.ts'

/** The boundary holds for this folder, as far as the probes can tell; or the settings leave it to the container. */
export const holds = (check: SandboxCheck): boolean =>
  (check.state === 'verified' || check.state === 'container') && check.probes.every((probe) => probe.blocked)

/** Real attempts in the sandbox this folder would get, and what came of each. */
export function SandboxCheckView({ check }: { readonly check: Answer<SandboxCheck> }) {
  if (check.state === 'asking') {
    return (
      <p className="start-quiet" role="status">
        Sandbox check: trying to write, to connect, to read and to look where it must not…
      </p>
    )
  }
  if (check.state === 'failed') {
    return <NoBoundary title={`The sandbox could not be checked: ${check.why}`} fix="" again={check.again} />
  }
  if (check.value.state === 'unavailable') {
    const { title, fix } = describeProblem(check.value.problem)
    return <NoBoundary title={title} fix={fix} again={check.again} />
  }
  if (check.value.state === 'container') {
    const { container, probes } = check.value
    return (
      <Notice level="warning" title="The container is the boundary.">
        <Spelled text={containerWords(container, probes.length)} limit={600} />
      </Notice>
    )
  }
  const { probes, backend, tookMs } = check.value
  return (
    <div>
      <ul className="check-probes">
        {probes.map((probe) => (
          <li key={`${probe.kind} ${probe.target}`}>
            <span>{probeWords[probe.kind]}:</span>{' '}
            <strong className={probe.blocked ? 'check-held' : 'check-open'}>
              {probe.blocked ? 'blocked' : 'NOT blocked'}
            </strong>
            <span className="start-quiet">
              <Spelled text={probe.target} limit={120} />
            </span>
          </li>
        ))}
      </ul>
      <p className="start-quiet">
        {holds(check.value) && `All ${probes.length} attempts were stopped. `}
        Tried for real just now with {backend}, in {tookMs} ms. <Again again={check.again} />
      </p>
      {!holds(check.value) && (
        <NoBoundary
          title="The sandbox let something through."
          fix="Find out why before you work here; the docs list what to look at."
          again={check.again}
        />
      )}
    </div>
  )
}

const Again = ({ again }: { again(): void }) => (
  <button type="button" className="link-button" onClick={again}>
    Check again
  </button>
)

type NoProps = { readonly title: string; readonly fix: string; again(): void }

function NoBoundary({ title, fix, again }: NoProps) {
  return (
    <Notice level="problem" title={<Spelled text={title} limit={400} />}>
      {fix !== '' && (
        <p>
          <Spelled text={fix} limit={600} />
        </p>
      )}
      <p>The session does not start without a boundary.</p>
      <Button onClick={again}>Check again</Button>
    </Notice>
  )
}
