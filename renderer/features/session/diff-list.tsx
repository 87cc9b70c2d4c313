import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useCallback, useMemo, useRef, useState } from 'react'
import type { DiffSnapshot, FileDiff, Hunk } from '../../../protocol/workspace.ts'
import { type CommandName, commandFor } from '../../keys/keymap.ts'
import { usePreferences } from '../../state/context.tsx'
import type { ReviewVerb } from '../../state/diff.ts'
import { Short } from '../../ui/short.tsx'
import { spelledText } from '../../ui/spell-out.ts'
import { DiffRowView } from './diff-row-view.tsx'
import { type DiffRow, diffRows, rowHeight } from './diff-rows.ts'
import { stepTo, widestLine } from './diff-view.ts'
import { type SeenHunk, toggleSeen } from './seen-hunks.ts'

type Props = {
  readonly shown: DiffSnapshot
  readonly seen: readonly SeenHunk[]
  readonly refusals: ReadonlyMap<string, string>
  /** A live session: hunks can be kept and put back. */
  readonly reviewable: boolean
  onSeen(seen: readonly SeenHunk[]): void
  onReview(path: string, hunkId: string | null, verb: ReviewVerb): void
  onFreeze(): void
}

/** Longer lines are folded in the row, so the pane never gets wider than this many characters. */
const widest = 400

/** All files under each other, in rows of known height; the strip above jumps between them. */
export function DiffList(props: Props) {
  const { shown, seen, refusals, reviewable, onSeen, onReview, onFreeze } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => diffRows(shown.files), [shown.files])
  const columns = useMemo(() => widestLine(rows, widest), [rows])
  const { singleKeys } = usePreferences()
  const [currentKey, setCurrentKey] = useState<string | null>(null)
  const found = rows.findIndex((row) => row.key === currentKey)
  const current = found >= 0 ? found : stepTo(rows, 'hunk', -1, 1)
  const currentRow = rows[current]
  const keyAt = useCallback((index: number) => rows[index]?.key ?? index, [rows])
  const sizeAt = useCallback((index: number) => rowHeight[rows[index]?.kind ?? 'line'], [rows])
  // oxlint-disable-next-line react/incompatible-library -- its functions change on purpose, and no compiler memoizes here
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: sizeAt,
    getItemKey: keyAt,
    overscan: 20,
  })

  const goTo = (index: number): void => {
    const row = rows[index]
    if (!row) return
    setCurrentKey(row.key)
    virtual.scrollToIndex(index, { align: 'start' })
  }
  const toFile = (by: 1 | -1): void => {
    const ownFile = stepTo(rows, 'file', current + 1, -1)
    const next = by === 1 ? stepTo(rows, 'file', current, 1) : stepTo(rows, 'file', ownFile, -1)
    if (next >= 0) goTo(next)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!singleKeys || event.repeat) return
    const command = commandFor(event, ['diff'])
    const act = command === null ? undefined : acts[command]
    if (!act) return
    event.preventDefault()
    act()
  }
  const file = fileOf(currentRow)
  const hunk = hunkOf(currentRow)
  const review = (verb: ReviewVerb): void => {
    if (file && reviewable) onReview(file.path, hunk?.id ?? null, verb)
  }
  const acts: Partial<Record<CommandName, () => void>> = {
    nextHunk: () => goTo(stepTo(rows, 'hunk', current, 1)),
    previousHunk: () => goTo(stepTo(rows, 'hunk', current, -1)),
    nextFile: () => toFile(1),
    previousFile: () => toFile(-1),
    freeze: () => reviewable && onFreeze(),
    keepHunk: () => review((hunk ?? file)?.kept === true ? 'unkeep' : 'keep'),
    revertHunk: () => review('revert'),
    viewed: () => file && hunk && onSeen(toggleSeen(file.path, hunk, seen)),
  }

  return (
    <>
      <FileStrip
        files={shown.files}
        current={fileOf(currentRow)?.path ?? null}
        onPick={(path) => goTo(rows.findIndex((row) => row.key === `f:${path}`))}
      />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- see tabIndex */}
      <div
        ref={scroller}
        className="diff-rows"
        // A scrolling pane must be reachable by keyboard; its letters act on the hunk at hand.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="group"
        aria-label="Changed lines. n and p move between hunks, y keeps, r reverts, v marks as viewed, f freezes."
        onKeyDown={onKeyDown}
      >
        <div
          className="virtual-space"
          style={{ height: virtual.getTotalSize(), minWidth: `max(100%, calc(${columns}ch + 124px))` }}
        >
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]
            if (!row) return null
            return (
              <div
                key={item.key}
                className="virtual-row"
                style={{ transform: `translateY(${item.start}px)`, height: item.size }}
              >
                <DiffRowView
                  row={row}
                  current={item.index === current}
                  seen={seen}
                  refusals={refusals}
                  reviewable={reviewable}
                  onPick={() => setCurrentKey(row.key)}
                  onSeen={onSeen}
                  onReview={onReview}
                />
              </div>
            )
          })}
        </div>
      </div>
    </>
  )
}

const fileOf = (row: DiffRow | undefined): FileDiff | null =>
  row?.kind === 'file' || row?.kind === 'hunk' ? row.file : null
const hunkOf = (row: DiffRow | undefined): Hunk | null => (row?.kind === 'hunk' ? row.hunk : null)

type StripProps = {
  readonly files: readonly FileDiff[]
  readonly current: string | null
  onPick(path: string): void
}

const changeWords: Record<FileDiff['change'], string> = {
  add: 'new',
  update: '',
  delete: 'deleted',
  rename: 'renamed',
}

/** One button per file with its counts. Many files scroll sideways, and `[` and `]` step through them. */
function FileStrip({ files, current, onPick }: StripProps) {
  return (
    <nav className="file-strip" aria-label="Changed files">
      {files.map((file) => (
        <button
          key={file.path}
          type="button"
          className="file-tab"
          aria-current={file.path === current}
          title={spelledText(file.path, 400)}
          onClick={() => onPick(file.path)}
        >
          <Short text={file.path.split('/').at(-1) ?? file.path} limit={40} />{' '}
          <span className="file-counts">
            {changeWords[file.change]} +{file.added} −{file.removed}
          </span>
          {file.runsLater !== undefined && <span className="runs-later"> runs later</span>}
        </button>
      ))}
    </nav>
  )
}
