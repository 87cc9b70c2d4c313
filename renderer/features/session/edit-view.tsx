import { useState } from 'react'
import type { FileEdit } from '../../../protocol/action.ts'
import { Spelled } from '../../ui/spelled.tsx'

const mostLines = 400
const verbs: Record<FileEdit['change'], string> = { add: 'new', update: 'edit', delete: 'delete' }

/** One edited file of an action: counts always, lines when asked for. */
export function EditView({ edit, path }: { readonly edit: FileEdit; readonly path: string }) {
  const [open, setOpen] = useState(false)
  const lines = edit.diff.split('\n').filter((line) => !/^(---|\+\+\+) /.test(line))
  return (
    <div className="edit">
      <p>
        <span className="edit-verb">{verbs[edit.change]}</span>{' '}
        <span className="mono">
          <Spelled text={path} limit={200} />
        </span>{' '}
        <span className="edit-counts">
          +{edit.added} −{edit.removed}
        </span>{' '}
        {edit.diff !== '' && (
          <button type="button" className="link-button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Hide lines' : 'Show lines'}
          </button>
        )}
      </p>
      {open && (
        <pre className="edit-lines">
          {lines.slice(0, mostLines).map((line, index) => (
            <span key={index} className={`edit-line ${kindOf(line)}`}>
              <Spelled text={line} spaces="keep" limit={400} />
              {'\n'}
            </span>
          ))}
          {lines.length > mostLines && `${lines.length - mostLines} more lines`}
        </pre>
      )}
    </div>
  )
}

function kindOf(line: string): string {
  if (line.startsWith('+')) return 'line-add'
  if (line.startsWith('-')) return 'line-del'
  if (line.startsWith('@@')) return 'line-head'
  return 'line-context'
}
