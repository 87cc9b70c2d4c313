import { memo, type ReactNode } from 'react'
import type { DiffLine, FileDiff, Hunk } from '../../../protocol/workspace.ts'
import { type ReviewVerb, refusalKey } from '../../state/diff.ts'
import { Button } from '../../ui/button.tsx'
import { KeptName } from '../../ui/kept-name.tsx'
import { spelledText } from '../../ui/spell-out.ts'
import { Spelled } from '../../ui/spelled.tsx'
import { type DiffRow, markedParts } from './diff-rows.ts'
import { type SeenHunk, type SeenState, seenState, toggleSeen } from './seen-hunks.ts'

type Props = {
  readonly row: DiffRow
  readonly current: boolean
  readonly seen: readonly SeenHunk[]
  readonly refusals: ReadonlyMap<string, string>
  readonly reviewable: boolean
  onPick(): void
  onSeen(seen: readonly SeenHunk[]): void
  onReview(path: string, hunkId: string | null, verb: ReviewVerb): void
}

/** One row of the diff. Text nodes only: file content is foreign. */
export function DiffRowView(props: Props) {
  const { row, current } = props
  switch (row.kind) {
    case 'file':
      return (
        <Bar
          kind="file"
          current={current}
          onPick={props.onPick}
          verbs={<FileVerbs {...props} file={row.file} />}
        >
          <h3 className="mono">
            <Path file={row.file} />
          </h3>
          <span className="file-counts">
            +{row.file.added} −{row.file.removed}
          </span>
          <Refusal text={props.refusals.get(refusalKey(row.file.path, null))} />
        </Bar>
      )
    case 'hunk':
      return (
        <Bar
          kind="hunk"
          current={current}
          onPick={props.onPick}
          verbs={<HunkVerbs {...props} file={row.file} hunk={row.hunk} />}
        >
          <span className="mono hunk-head">
            <Spelled text={row.hunk.header} limit={80} />
          </span>
          <HunkStanding hunk={row.hunk} state={seenState(row.file.path, row.hunk, props.seen)} />
          <Refusal text={props.refusals.get(refusalKey(row.file.path, row.hunk.id))} />
        </Bar>
      )
    case 'line':
      return <LineRow line={row.line} partner={row.partner} />
    case 'later':
      return (
        <p className="diff-later runs-later">
          <Spelled text={row.text} limit={160} />
        </p>
      )
    case 'note':
      return (
        <p className="diff-note">
          <Spelled text={row.text} limit={300} />
        </p>
      )
  }
}

type BarProps = {
  readonly kind: 'file' | 'hunk'
  readonly current: boolean
  readonly verbs: ReactNode
  readonly children: ReactNode
  onPick(): void
}

/** Stays at the left and right edge of the pane when long lines are scrolled sideways. */
function Bar({ kind, current, verbs, children, onPick }: BarProps) {
  return (
    <div className={`diff-bar diff-bar-${kind}${current ? ' is-current' : ''}`} onPointerDown={onPick}>
      <div className="diff-bar-words">{children}</div>
      <div className="diff-bar-verbs">{verbs}</div>
    </div>
  )
}

function Path({ file }: { readonly file: FileDiff }) {
  const words = { add: 'new ', update: '', delete: 'deleted ', rename: '' }[file.change]
  const from = file.fromPath === null ? '' : `${file.fromPath} → `
  const name = file.path.split('/').at(-1) ?? null
  return <KeptName text={`${words}${from}${file.path}`} name={name} limit={400} />
}

function Refusal({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null
  return (
    <span className="diff-refusal" role="alert" title={text}>
      <Spelled text={text} limit={200} />
    </span>
  )
}

const seenWords: Record<SeenState, string> = { new: '', seen: 'viewed', changedAgain: 'seen, changed again' }

function HunkStanding({ hunk, state }: { readonly hunk: Hunk; readonly state: SeenState }) {
  const words = [hunk.kept ? 'kept' : '', seenWords[state]].filter((word) => word !== '')
  return words.length === 0 ? null : <span className="hunk-standing">{words.join(', ')}</span>
}

/** Says to a screen reader what a short verb is about. */
const Hidden = ({ text }: { readonly text: string }) => <span className="sr-only"> {spelledText(text)}</span>

type FileVerbsProps = Pick<Props, 'current' | 'reviewable' | 'onReview'> & { readonly file: FileDiff }

function FileVerbs({ current, reviewable, onReview, file }: FileVerbsProps) {
  if (!reviewable) return file.kept ? <span className="hunk-standing">kept</span> : null
  return (
    <>
      <Button
        look="quiet"
        aria-pressed={file.kept}
        keyHint={current ? 'y' : undefined}
        onClick={() => onReview(file.path, null, file.kept ? 'unkeep' : 'keep')}
      >
        {file.kept ? 'Kept' : 'Keep file'}
        <Hidden text={file.path} />
      </Button>
      <Button
        look="quiet"
        keyHint={current ? 'r' : undefined}
        onClick={() => onReview(file.path, null, 'revert')}
      >
        Revert file
        <Hidden text={file.path} />
      </Button>
    </>
  )
}

type HunkVerbsProps = FileVerbsProps & Pick<Props, 'seen' | 'onSeen'> & { readonly hunk: Hunk }

function HunkVerbs({ current, reviewable, onReview, file, hunk, seen, onSeen }: HunkVerbsProps) {
  const viewed = seenState(file.path, hunk, seen) === 'seen'
  const where = `hunk ${file.path}, ${hunk.header}`
  return (
    <>
      {reviewable && (
        <>
          <Button
            look="quiet"
            aria-pressed={hunk.kept}
            keyHint={current ? 'y' : undefined}
            onClick={() => onReview(file.path, hunk.id, hunk.kept ? 'unkeep' : 'keep')}
          >
            {hunk.kept ? 'Kept' : 'Keep'}
            <Hidden text={where} />
          </Button>
          <Button
            look="quiet"
            keyHint={current ? 'r' : undefined}
            onClick={() => onReview(file.path, hunk.id, 'revert')}
          >
            Revert
            <Hidden text={where} />
          </Button>
        </>
      )}
      <Button
        look="quiet"
        aria-pressed={viewed}
        keyHint={current ? 'v' : undefined}
        onClick={() => onSeen(toggleSeen(file.path, hunk, seen))}
      >
        Viewed
        <Hidden text={where} />
      </Button>
    </>
  )
}

const signs: Record<DiffLine['kind'], string> = { context: ' ', add: '+', del: '−' }
const signWords: Record<DiffLine['kind'], string> = { context: '', add: 'added', del: 'removed' }

type LineProps = { readonly line: DiffLine; readonly partner: string | null }

const LineRow = memo(function LineRow({ line, partner }: LineProps) {
  return (
    <div className={`diff-line line-${line.kind}`}>
      <span className="line-no">{line.oldNo}</span>
      <span className="line-no">{line.newNo}</span>
      <span className="line-sign">
        <span aria-hidden="true">{signs[line.kind]}</span>
        <span className="sr-only">{signWords[line.kind]}</span>
      </span>
      <code>
        {markedParts(line, partner).map((part, index) =>
          part.changed ? (
            <mark key={index}>
              <Spelled text={part.text} spaces="keep" limit={360} />
            </mark>
          ) : (
            <Spelled key={index} text={part.text} spaces="keep" limit={360} />
          ),
        )}
        {line.noNewline === true && <span className="spelled"> no line break at the end</span>}
      </code>
    </div>
  )
})
