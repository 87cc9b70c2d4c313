import type { ReactNode } from 'react'
import type { Rehearsal, RehearsedChange } from '../../../protocol/rehearsal.ts'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { durationWords } from '../../ui/time.tsx'
import { VirtualList } from '../../ui/virtual-list.tsx'
import { ChangeRow } from './change-row.tsx'
import { endWords, networkWords, sizeWords } from './words.ts'

type Props = {
  readonly rehearsal: Rehearsal
  readonly cwd: string
  /** Why no allow counts now; null when it would. */
  readonly blocked: string | null
  readonly busy: boolean
  readonly keyHint: string | undefined
  onApply(): void
  onDiscard(): void
  onAgain(): void
}

/** Rows beyond which the list keeps its height and scrolls. */
const rowsInView = 9
const rowHeight = 26

/** What the command really did on the copy: every deletion first, then the rest. */
export function RehearsalResult(props: Props) {
  const { rehearsal, cwd, blocked, busy, keyHint, onApply, onDiscard, onAgain } = props
  const { changes, applyProblem, notShown, output, leftOut } = rehearsal
  const noApply = applyProblem ?? blocked
  return (
    <>
      <dl className="rehearsed-facts-list">
        <Fact label="Ended">
          {endWords(rehearsal)}, after {durationWords(rehearsal.durationMs)}, {sizeWords(rehearsal.bytes)} on
          the copy
        </Fact>
        <Fact label="Network">
          <Spelled text={networkWords(rehearsal)} limit={300} />
        </Fact>
        {notShown.length > 0 && (
          <Fact label="Not shown">
            <Spelled text={notShown.join(' ')} limit={600} />
          </Fact>
        )}
      </dl>
      <Changes changes={changes} cwd={cwd} />
      {leftOut > 0 && (
        <p className="field-hint">{leftOut} more changes, none of them deletions, are not listed.</p>
      )}
      {output.trim() !== '' && (
        <details className="rehearsed-output">
          <summary>What it printed</summary>
          <pre className="mono">
            <Spelled text={output} lines="many" spaces="keep" limit={4000} />
          </pre>
        </details>
      )}
      <div className="panel-actions">
        <Button
          aria-disabled={busy || noApply !== null || undefined}
          onClick={() => noApply === null && onApply()}
        >
          Apply these changes
        </Button>
        <Button aria-disabled={busy || undefined} onClick={onDiscard}>
          Discard
        </Button>
        <Button look="quiet" keyHint={keyHint} aria-disabled={busy || undefined} onClick={onAgain}>
          Rehearse again
        </Button>
      </div>
      <p className="field-hint">
        {noApply === null
          ? 'Apply copies exactly this, once, and the command does not run. Allow once runs it for real and says where that differs.'
          : `Apply is not possible: ${noApply} Allow once runs it for real and says where that differs.`}
      </p>
    </>
  )
}

function Changes({ changes, cwd }: { readonly changes: readonly RehearsedChange[]; readonly cwd: string }) {
  const deleted = changes.filter(({ what }) => what === 'deleted').length
  const label = deleted > 0 ? `Rehearsed changes, ${deleted} deletions first` : 'Rehearsed changes'
  if (changes.length === 0) return null
  if (changes.length <= rowsInView) {
    return (
      <ul className="rehearsed-list" aria-label={label}>
        {changes.map((change) => (
          <li key={change.path}>
            <ChangeRow change={change} cwd={cwd} />
          </li>
        ))}
      </ul>
    )
  }
  return (
    <div className="rehearsed-list rehearsed-list-long">
      <VirtualList
        label={label}
        count={changes.length}
        rowHeight={rowHeight}
        measured
        keyOf={(at) => changes[at]?.path ?? `${at}`}
      >
        {(at) => {
          const change = changes[at]
          return change && <ChangeRow change={change} cwd={cwd} />
        }}
      </VirtualList>
    </div>
  )
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="rehearsed-fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
