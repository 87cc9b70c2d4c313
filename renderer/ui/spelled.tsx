import { useMemo } from 'react'
import { useFold } from './folds.tsx'
import { type Run, type SpellOptions, spellFolded } from './spell-out.ts'

/** Longer texts are never drawn whole: 200,000 characters take a browser seconds to lay out. */
export const mostShown = 200_000

type Props = Partial<SpellOptions> & {
  readonly text: string
  /** Characters before head and tail are folded. */
  readonly limit?: number
}

/** Text nobody vouched for: spelled, bounded, text nodes only. */
export function Spelled({ text, lines = 'one', spaces = 'count', limit = 600 }: Props) {
  const fold = useFold(text.length > limit)
  const shown = fold.open ? mostShown : limit
  const runs = useMemo(() => spellFolded(text, { lines, spaces }, shown), [text, lines, spaces, shown])
  return <Runs runs={runs} onShow={fold.open ? null : fold.show} />
}

/** Draws runs. `onShow` opens a fold; null where there is nothing more to open. */
export function Runs({ runs, onShow = null }: { runs: readonly Run[]; onShow?: (() => void) | null }) {
  // Runs have no identity of their own and are replaced as a whole, so their place is their key.
  return runs.map((run, place) => <OneRun key={place} run={run} onShow={onShow} />)
}

function OneRun({ run, onShow }: { run: Run; onShow: (() => void) | null }) {
  switch (run.kind) {
    case 'text':
      return run.text
    case 'escape':
      return (
        <span className="spelled" title={run.what}>
          {run.text}
        </span>
      )
    case 'gap':
      return <span className="spelled">⟨{run.count} spaces⟩</span>
    case 'break':
      return <span className="spelled"> ⏎ </span>
    case 'fold':
      return <Fold run={run} onShow={onShow} />
  }
}

function Fold({ run, onShow }: { run: Extract<Run, { kind: 'fold' }>; onShow: (() => void) | null }) {
  const lines = run.lines > 0 ? `, ${run.lines.toLocaleString('en')} lines` : ''
  const words = `${run.characters.toLocaleString('en')} characters${lines}`
  if (!onShow) return <span className="fold"> {words} not shown </span>
  return (
    <button type="button" className="fold" onClick={onShow}>
      {words} folded: show
    </button>
  )
}
