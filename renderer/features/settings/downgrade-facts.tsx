import type { Downgrade } from '../../../protocol/requirements.ts'
import { Place } from '../../ui/place.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { fiveFacts } from './permission-words.ts'

/** A lock in five facts: what was chosen, what is allowed, what is in force, who set it and where, and why. */
export function DowngradeFacts({ downgrade }: { readonly downgrade: Downgrade }) {
  const { chosen, allowed, inForce, setBy, kept, why } = fiveFacts(downgrade)
  return (
    <dl className="five-facts" aria-label={`Lock on ${downgrade.key}`}>
      <div>
        <dt>You chose</dt>
        <dd>
          <span className="mono">
            <Spelled text={chosen} limit={200} />
          </span>{' '}
          <span className="five-kept">{kept}</span>
        </dd>
      </div>
      <div>
        <dt>Allowed</dt>
        <dd className="mono">
          <Spelled text={allowed} limit={300} />
        </dd>
      </div>
      <div>
        <dt>In force</dt>
        <dd className="mono">
          <strong>
            <Spelled text={inForce} limit={200} />
          </strong>
        </dd>
      </div>
      <div>
        <dt>Set by</dt>
        <dd>
          {'name' in setBy ? (
            <Spelled text={setBy.name} limit={200} />
          ) : (
            <Place file={setBy.file} line={setBy.line} />
          )}
        </dd>
      </div>
      <div>
        <dt>Why</dt>
        <dd>
          {why === null ? (
            'no reason is given'
          ) : (
            <>
              “<Spelled text={why} limit={300} />”
            </>
          )}
        </dd>
      </div>
    </dl>
  )
}
