import { useState } from 'react'
import type { Abilities } from '../../../protocol/policy.ts'
import { ShortPlace } from '../../ui/place.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { type Cell, columns, rowNames } from './abilities-words.ts'

/** Four columns for each kind of act; every cell opens the line that decides it. */
export function AbilitiesTable({ abilities }: { readonly abilities: Abilities }) {
  return (
    <table className="abilities-table">
      <thead>
        <tr>
          <th scope="col">
            <span className="sr-only">What</span>
          </th>
          {columns.map(({ id, name }) => (
            <th key={id} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {abilities.rows.map((row) => (
          <tr key={row.what}>
            <th scope="row">{rowNames[row.what]}</th>
            {columns.map(({ id, name, none }) => (
              <td key={id} data-column={name} className={`abilities-${id}`}>
                <Cells cells={row[id]} none={none} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** More than these stand behind a button, so that no row fills the dialog. */
const shownAtFirst = 8

function Cells({ cells, none }: { readonly cells: readonly Cell[]; readonly none: string }) {
  const [whole, setWhole] = useState(false)
  const shown = whole || cells.length <= shownAtFirst + 1 ? cells : cells.slice(0, shownAtFirst)
  if (cells.length === 0) return <span className="abilities-none">{none}</span>
  return (
    <ul>
      {shown.map(({ text, source }, place) => (
        <li key={place}>
          <Spelled text={text} limit={160} />
          {source !== null && (
            <>
              {' '}
              <ShortPlace file={source.file} line={source.line} />
            </>
          )}
        </li>
      ))}
      {shown.length < cells.length && (
        <li>
          <button type="button" className="link-button" onClick={() => setWhole(true)}>
            {cells.length - shown.length} more
          </button>
        </li>
      )}
    </ul>
  )
}
