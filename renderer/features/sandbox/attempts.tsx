import type { Probe } from '../../../protocol/sandbox.ts'
import { probeWords } from '../../../protocol/sandbox-proof.ts'
import { Spelled } from '../../ui/spelled.tsx'

/** Each attempt: what was tried, on what, and what came of it inside and outside. */
export function Attempts({ probes }: { readonly probes: readonly Probe[] }) {
  return (
    <table className="sandbox-attempts">
      <caption className="sr-only">What was tried inside this boundary</caption>
      <thead>
        <tr>
          <th scope="col">Tried</th>
          <th scope="col">On</th>
          <th scope="col">Inside</th>
          <th scope="col">To compare</th>
        </tr>
      </thead>
      <tbody>
        {probes.map((probe) => (
          <tr key={`${probe.kind} ${probe.target}`}>
            <th scope="row">{probeWords[probe.kind]}</th>
            <td className="mono">
              <Spelled text={probe.target} limit={160} />
            </td>
            <td>
              <strong className={resultClass(probe)}>{resultWords(probe)}</strong>
              {probe.detail !== '' && (
                <span className="sandbox-detail">
                  <Spelled text={probe.detail} limit={200} />
                </span>
              )}
            </td>
            <td className="sandbox-quiet">{controlWords(probe)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const resultWords = ({ blocked, made }: Probe): string =>
  blocked ? 'stopped' : made === false ? 'not proved' : 'NOT stopped'

const resultClass = ({ blocked, made }: Probe): string =>
  blocked ? 'sandbox-held' : made === false ? 'sandbox-unproven' : 'sandbox-open'

function controlWords({ control, made }: Probe): string {
  if (control === 'worked') return 'works outside'
  if (control === 'none') return 'not tried, or refused to everybody'
  return made === false ? 'proves nothing' : 'works outside'
}
