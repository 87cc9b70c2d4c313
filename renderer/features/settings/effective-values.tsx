import type { ConfigValue } from '../../../protocol/config.ts'
import type { Downgrade } from '../../../protocol/requirements.ts'
import { Place } from '../../ui/place.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { isLocked, layerNames, valueText } from './permission-words.ts'

type Props = { readonly values: readonly ConfigValue[]; readonly downgrades: readonly Downgrade[] }

/** Every value in force, and the file and line that decide it. */
export function EffectiveValues({ values, downgrades }: Props) {
  return (
    <table className="settings-facts effective-values">
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">In force</th>
          <th scope="col">Decided by</th>
        </tr>
      </thead>
      <tbody>
        {values.map((each) => (
          <tr key={each.key}>
            <th scope="row" className="mono">
              <Spelled text={each.key} limit={120} />
            </th>
            <td data-column="In force">
              <span className="mono">
                <Spelled text={valueText(each.value)} limit={200} />
              </span>
              {isLocked(each, downgrades) && <span className="settings-mark">locked</span>}
            </td>
            <td data-column="Decided by">
              {layerNames[each.origin.layer]}{' '}
              {each.origin.file !== null && <Place file={each.origin.file} line={each.origin.line} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
