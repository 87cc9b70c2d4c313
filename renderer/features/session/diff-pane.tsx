import { memo, type ReactNode, useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { SessionId } from '../../../protocol/ids.ts'
import type { DiffScope, DiffSnapshot } from '../../../protocol/workspace.ts'
import { useDiff } from '../../state/context.tsx'
import type { DiffState } from '../../state/diff.ts'
import { Button } from '../../ui/button.tsx'
import { Select } from '../../ui/segmented.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { ErrorState, Loading, Notice } from '../../ui/states.tsx'
import { timeWords } from '../../ui/time.tsx'
import { DiffList } from './diff-list.tsx'
import { type DiffView, fallBehind, liveView, toggleFreeze } from './diff-view.ts'
import { countSeen, type SeenHunk } from './seen-hunks.ts'
import { plural } from './words.ts'

const scopes: readonly { readonly value: DiffScope; readonly label: string }[] = [
  { value: 'turn', label: 'This turn' },
  { value: 'session', label: 'This session' },
  { value: 'uncommitted', label: 'Uncommitted' },
]

/** Why there is nothing to compare with. */
const noBase: Record<DiffScope, string> = {
  turn: 'No turn has started, so there is nothing to compare with yet.',
  session: 'The folder as it was at the start has not been read yet.',
  uncommitted: 'There is no commit here to compare with. “This session” shows all it changed.',
}

/** Kept while the page lives, so that marks survive a look at another page. */
const seenOf = new Map<string, readonly SeenHunk[]>()

type Props = { readonly sessionId: SessionId; readonly live: boolean }

/** What is different on disk, against a base that is always named. */
export const DiffPane = memo(function DiffPane({ sessionId, live }: Props) {
  const [scope, setScope] = useState<DiffScope>('turn')
  return (
    <section className="diff-pane" aria-label="Diff">
      <ScopedDiff key={scope} sessionId={sessionId} live={live} scope={scope} onScope={setScope} />
    </section>
  )
})

type ScopedProps = Props & { readonly scope: DiffScope; onScope(scope: DiffScope): void }

function ScopedDiff({ sessionId, live, scope, onScope }: ScopedProps) {
  const store = useDiff(sessionId, scope)
  const { load, diff, refusals } = useStore(store.store)
  const [view, setView] = useState<DiffView>(liveView)
  const seenKey = `${sessionId} ${scope}`
  const [seen, setSeen] = useState<readonly SeenHunk[]>(() => seenOf.get(seenKey) ?? [])

  useEffect(
    () =>
      store.store.subscribe((state: DiffState, before: DiffState) => {
        if (state.diff !== before.diff) setView(fallBehind)
      }),
    [store],
  )
  const keepSeen = (next: readonly SeenHunk[]): void => {
    seenOf.set(seenKey, next)
    setSeen(next)
  }

  const shown = view.mode === 'frozen' ? view.shown : diff
  const head = (
    <div className="diff-head">
      <Select label="Scope" hideLabel value={scope} choices={scopes} onChange={onScope} />
      <span className="diff-base">
        {shown === null ? '' : shown.base === null ? 'no base' : <Base text={shown.base} />}
      </span>
      <FreezeButton view={view} diff={diff} live={live} onView={setView} />
    </div>
  )
  if (load.state === 'failed') {
    return (
      <Frame head={head}>
        <ErrorState
          title="The diff cannot be read."
          fix={`${load.problem.message} Choose another scope, or open the session again.`}
        />
      </Frame>
    )
  }
  if (shown === null) {
    return (
      <Frame head={head}>
        <Loading what="Reading the folder…" />
      </Frame>
    )
  }
  return (
    <Frame head={head} foot={<DiffFoot shown={shown} seen={seen} />}>
      {shown.problem !== null && (
        <Notice level="problem" title="The diff cannot be made now.">
          <Spelled text={shown.problem} limit={300} />
        </Notice>
      )}
      {shown.base === null ? (
        <p className="pane-empty">{noBase[scope]}</p>
      ) : shown.files.length === 0 ? (
        <p className="pane-empty">
          {shown.problem === null && (
            <>
              No file differs from <Spelled text={shown.base} limit={120} />, as of {timeWords(shown.atMs)}.
            </>
          )}
        </p>
      ) : (
        <DiffList
          shown={shown}
          seen={seen}
          refusals={refusals}
          reviewable={live}
          onSeen={keepSeen}
          onReview={(path, hunkId, verb) => void store.review(path, hunkId, verb)}
          onFreeze={() => diff && setView((now) => toggleFreeze(now, diff))}
        />
      )}
    </Frame>
  )
}

const Base = ({ text }: { readonly text: string }) => (
  <>
    base: <Spelled text={text} limit={120} />
  </>
)

type FrameProps = { readonly head: ReactNode; readonly foot?: ReactNode; readonly children: ReactNode }

function Frame({ head, foot, children }: FrameProps) {
  return (
    <>
      {head}
      <div className="diff-body">{children}</div>
      {foot}
    </>
  )
}

type FreezeProps = {
  readonly view: DiffView
  readonly diff: DiffSnapshot | null
  readonly live: boolean
  onView(view: DiffView): void
}

/** Freezes the view, never the agent. */
function FreezeButton({ view, diff, live, onView }: FreezeProps) {
  if (!live || diff === null) return null
  const frozen = view.mode === 'frozen'
  return (
    <span className="diff-freeze">
      {frozen && (
        <span role="status">
          {view.behind === 0 ? 'frozen, nothing changed since' : `behind by ${plural(view.behind, 'change')}`}
        </span>
      )}
      <Button look="quiet" keyHint="f" aria-pressed={frozen} onClick={() => onView(toggleFreeze(view, diff))}>
        {frozen ? 'Go live' : 'Freeze'}
      </Button>
    </span>
  )
}

/** Always there, so that "none" is a fact and not an absence. */
function DiffFoot({ shown, seen }: { readonly shown: DiffSnapshot; readonly seen: readonly SeenHunk[] }) {
  const counts = useMemo(() => countSeen(shown.files, seen), [shown.files, seen])
  return (
    <div className="diff-foot">
      {counts.hunks > 0 && (
        <p>
          Viewed {counts.seen} of {plural(counts.hunks, 'hunk')}
          {counts.changedAgain > 0 && ` · ${counts.changedAgain} changed again since viewed`}
          {counts.newLines > 0 && ` · ${plural(counts.newLines, 'line')} not viewed`}
        </p>
      )}
      {shown.filesLeftOut > 0 && (
        <p>{plural(shown.filesLeftOut, 'more file')} beyond the limit, not shown.</p>
      )}
      <p>
        Written outside the workspace:{' '}
        {shown.outside.length === 0 ? (
          'none'
        ) : (
          <Paths paths={shown.outside.map(({ path, exists }) => (exists ? path : `${path} (gone again)`))} />
        )}
      </p>
      <p>
        Protected paths touched:{' '}
        {shown.protectedTouched.length === 0 ? 'none' : <Paths paths={shown.protectedTouched} />}
      </p>
    </div>
  )
}

function Paths({ paths }: { readonly paths: readonly string[] }) {
  return (
    <span className="foot-paths">
      {paths.slice(0, 8).map((path) => (
        <span key={path} className="mono">
          <Spelled text={path} limit={200} />
        </span>
      ))}
      {paths.length > 8 && <span>{plural(paths.length - 8, 'more', 'more')}</span>}
    </span>
  )
}
