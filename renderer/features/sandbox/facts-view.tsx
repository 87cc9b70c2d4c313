import type { SandboxFacts } from '../../../protocol/sandbox-proof.ts'
import { Spelled } from '../../ui/spelled.tsx'
import { FoundView } from './found-view.tsx'

/** What the boundary is made of, what this machine cannot do for it, and what lies in the workspace. */
export function FactsView({ facts }: { readonly facts: SandboxFacts }) {
  return (
    <dl className="sandbox-facts">
      <dt>Made by</dt>
      <dd>
        <Spelled text={`${facts.backend} ${facts.version}`} limit={80} />
      </dd>
      <dt>Lets through and closes</dt>
      <dd>
        <ul>
          {facts.profile.map((line) => (
            <li key={line}>
              <Spelled text={line} limit={600} />
            </li>
          ))}
        </ul>
      </dd>
      <dt>Not possible here</dt>
      <dd>
        {facts.missing.length === 0 ? (
          'Nothing is missing on this machine.'
        ) : (
          <ul>
            {facts.missing.map(({ what, why }) => (
              <li key={what}>
                {what}: <Spelled text={why} limit={400} />
              </li>
            ))}
          </ul>
        )}
      </dd>
      <dt>Found in the workspace</dt>
      <dd>{facts.found ? <FoundView found={facts.found} /> : 'Not looked at yet.'}</dd>
    </dl>
  )
}
