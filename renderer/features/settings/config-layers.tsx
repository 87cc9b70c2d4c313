import type { LayerInfo } from '../../../protocol/config.ts'
import { Place } from '../../ui/place.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { layerNames, layerStates } from './permission-words.ts'

/** Where settings come from, weakest first: a later one has the last word. */
export function ConfigLayers({ layers }: { readonly layers: readonly LayerInfo[] }) {
  return (
    <table className="settings-facts config-layers">
      <thead>
        <tr>
          <th scope="col">Source, weakest first</th>
          <th scope="col">State</th>
          <th scope="col">File</th>
        </tr>
      </thead>
      <tbody>
        {layers.map((layer, place) => (
          <tr key={place} className={`layer layer-${layer.state}`}>
            <th scope="row">{layerNames[layer.name]}</th>
            <td data-column="State">
              {layerStates[layer.state]}
              {layer.why !== null && (
                <span className="layer-why">
                  <Spelled text={layer.why} limit={400} />
                </span>
              )}
            </td>
            <td data-column="File">
              {layer.file === null ? (
                <span className="settings-none">none</span>
              ) : (
                <Place file={layer.file} line={null} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
