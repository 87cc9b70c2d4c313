import type { RehearsedChange } from '../../../protocol/rehearsal.ts'
import { Short } from '../../ui/short.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { factWords, pathBelow, verbs } from './words.ts'

/** Lines of one diff that are drawn; the rest is counted. */
const maxLines = 400

type Props = {
  readonly change: RehearsedChange
  /** Where the command runs: paths below it are shown without it. */
  readonly cwd: string
}

/** One changed path; a text diff behind it where there is one. */
export function ChangeRow({ change, cwd }: Props) {
  if (change.diff === null || change.diff === '') {
    return (
      <p className="rehearsed-row">
        <RowWords change={change} cwd={cwd} />
      </p>
    )
  }
  return (
    <details className="rehearsed-diff">
      <summary className="rehearsed-row">
        <RowWords change={change} cwd={cwd} />
      </summary>
      <DiffText diff={change.diff} />
    </details>
  )
}

function RowWords({ change, cwd }: Props) {
  return (
    <>
      <span className={`rehearsed-verb rehearsed-${change.what}`}>{verbs[change.what]}</span>
      <span className="mono rehearsed-path">
        <Short text={pathBelow(change.path, cwd)} limit={600} />
      </span>
      <span className="rehearsed-facts">
        <Short text={factWords(change)} limit={300} />
      </span>
      {change.runsLater !== undefined && (
        <span className="rehearsed-later runs-later">
          runs later: <Short text={change.runsLater} limit={120} />
        </span>
      )}
    </>
  )
}

const lineKinds: Readonly<Record<string, string>> = { '+': 'add', '-': 'del', '@': 'head' }

/** The sign stands in the text, so the diff says the same without colour. */
function DiffText({ diff }: { readonly diff: string }) {
  const lines = diff.split('\n').slice(0, -1)
  return (
    <div className="rehearsed-lines mono">
      {lines.slice(0, maxLines).map((line, place) => (
        <div key={place} className={`rehearsed-line rehearsed-line-${lineKinds[line[0] ?? ''] ?? 'context'}`}>
          <Spelled text={line} limit={400} spaces="keep" />
        </div>
      ))}
      {lines.length > maxLines && (
        <p className="card-quiet">{lines.length - maxLines} more lines not shown</p>
      )}
    </div>
  )
}
