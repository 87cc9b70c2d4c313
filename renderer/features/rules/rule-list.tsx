import { type KeyboardEvent, type ReactNode, type Ref, useEffect, useId, useRef } from 'react'
import type { RuleRow } from '../../../protocol/rules.ts'
import { leftWords } from '../../card/scope/lasts.ts'
import { folderName } from '../../card/scope/terms.tsx'
import { VerdictMark } from '../../card/verdict-mark.tsx'
import { commandFor, isTyping } from '../../keys/keymap.ts'
import { Short } from '../../ui/short.tsx'
import { useNow } from '../../ui/time.tsx'
import { type Health, healthOf, type RuleGroup } from './group-rules.ts'
import {
  fileName,
  groupWords,
  ruleDecisionWords,
  runsWords,
  shortAgo,
  verdictOfDecision,
} from './rule-words.ts'

type Props = {
  readonly groups: readonly RuleGroup[]
  readonly currentId: string | null
  readonly openId: string | null
  readonly gridRef: Ref<HTMLDivElement>
  /** The present minute. */
  readonly nowMs: number
  readonly details: (row: RuleRow) => ReactNode
  onChoose(id: string): void
  onToggle(id: string): void
}

/** One stop for Tab; J and K or the arrows choose, Enter shows what stands behind a rule. */
export function RuleList(props: Props) {
  const { groups, currentId, openId, gridRef, nowMs, details, onChoose, onToggle } = props
  const name = useId()
  const ids = groups.flatMap(({ rows }) => rows.map(({ id }) => id))
  const place = Math.max(0, ids.indexOf(currentId ?? ''))
  const current = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (currentId !== null) current.current?.scrollIntoView({ block: 'nearest' })
  }, [currentId])

  function onKeyDown(event: KeyboardEvent): void {
    if (isTyping(event.target) || event.target !== event.currentTarget) return
    const command = commandFor(event.nativeEvent, ['list'])
    const to =
      command === 'next'
        ? place + 1
        : command === 'previous'
          ? place - 1
          : command === 'first'
            ? 0
            : command === 'last'
              ? ids.length - 1
              : null
    if (to !== null) {
      const id = ids[Math.min(ids.length - 1, Math.max(0, to))]
      if (id !== undefined) onChoose(id)
    } else if (command === 'evidence' && !event.repeat && currentId !== null) onToggle(currentId)
    else return
    event.preventDefault()
  }

  return (
    <div
      ref={gridRef}
      className="rule-grid"
      role="treegrid"
      tabIndex={0}
      aria-label="Rules"
      aria-activedescendant={currentId === null ? undefined : `${name}-${place}`}
      onKeyDown={onKeyDown}
    >
      <div role="row" className="rule-row rule-columns">
        <span role="columnheader">What</span>
        <span role="columnheader" className="rule-where">
          Where
        </span>
        <span role="columnheader">Ends</span>
        <span role="columnheader" className="rule-number">
          Used
        </span>
        <span role="columnheader" className="rule-number">
          Last
        </span>
      </div>
      {groups.map(({ group, rows }) => (
        <div key={group} role="rowgroup">
          <div role="row" className="rule-group">
            <span role="gridcell" aria-colspan={5}>
              <strong>{groupWords[group].name}</strong> <GroupWhat group={group} rows={rows} />
            </span>
          </div>
          {rows.map((row) => (
            <RuleLine
              key={row.id}
              row={row}
              id={`${name}-${ids.indexOf(row.id)}`}
              current={row.id === currentId}
              open={row.id === openId}
              lineRef={row.id === currentId ? current : null}
              nowMs={nowMs}
              details={details}
              onToggle={() => onToggle(row.id)}
            />
          ))}
        </div>
      ))}
    </div>
  )
}

function GroupWhat({ group, rows }: RuleGroup) {
  const lockedBy = [...new Set(rows.flatMap((row) => row.lockedBy ?? []))]
  if (group === 'managed' && lockedBy.length > 0) {
    return (
      <>
        locked by <Short text={lockedBy.join(', ')} limit={80} />
      </>
    )
  }
  return groupWords[group].what
}

type LineProps = {
  readonly row: RuleRow
  readonly id: string
  readonly current: boolean
  readonly open: boolean
  readonly lineRef: Ref<HTMLDivElement>
  readonly nowMs: number
  readonly details: (row: RuleRow) => ReactNode
  onToggle(): void
}

function RuleLine({ row, id, current, open, lineRef, nowMs, details, onToggle }: LineProps) {
  return (
    <>
      {/* The grid itself holds the focus and the keys. */}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events */}
      <div
        ref={lineRef}
        id={id}
        role="row"
        className="rule-row rule-line"
        aria-selected={current}
        aria-expanded={open}
        onClick={(event) => {
          event.currentTarget.closest<HTMLElement>('[role=treegrid]')?.focus()
          onToggle()
        }}
      >
        <Cells row={row} nowMs={nowMs} />
      </div>
      {open && (
        <div role="row" className="rule-open">
          <div role="gridcell" aria-colspan={5}>
            {details(row)}
          </div>
        </div>
      )}
    </>
  )
}

const healthWords: Readonly<Record<Health, string>> = {
  unused: 'not used in 30 days',
  covered: 'covered by another',
  unreviewed: 'unreviewed',
}

function Cells({ row, nowMs }: { readonly row: RuleRow; readonly nowMs: number }) {
  const { decision, what, where, runs, endsAtMs, used, lastUsedAtMs, source } = row
  const health = healthOf(row, nowMs)
  return (
    <>
      <span role="gridcell" className="rule-what">
        <span className="rule-decision">
          <VerdictMark verdict={verdictOfDecision[decision]} size={14} /> {ruleDecisionWords[decision]}
        </span>
        <span className="rule-words">
          <span className="rule-pattern">
            <Short text={what} limit={120} />
          </span>
          <span className="rule-meta">
            <span className="rule-where-inline">
              {where === null ? 'everywhere' : <Short text={folderName(where)} limit={60} />}
            </span>
            <span>
              <Short text={fileName(source.file)} limit={60} />
            </span>
            {runs !== null && decision === 'allow' && <span>{runsWords[runs]}</span>}
            {health.map((kind) => (
              <span key={kind} className="rule-flag">
                {healthWords[kind]}
              </span>
            ))}
          </span>
        </span>
      </span>
      <span role="gridcell" className="rule-where">
        {where === null ? 'everywhere' : <Short text={folderName(where)} limit={60} />}
      </span>
      <span role="gridcell">
        {endsAtMs === null ? <span className="rule-quiet">never</span> : <Left untilMs={endsAtMs} />}
      </span>
      <span role="gridcell" className="rule-number">
        {used.toLocaleString('en')}
      </span>
      <span role="gridcell" className="rule-number">
        {used === 0 && lastUsedAtMs === null ? (
          <span className="rule-quiet">–</span>
        ) : (
          shortAgo(lastUsedAtMs, nowMs)
        )}
      </span>
    </>
  )
}

/** Counts down; only the rows that end look at the clock. */
function Left({ untilMs }: { readonly untilMs: number }) {
  return (
    <span role="timer" aria-live="off">
      {leftWords(untilMs - useNow() + 999)}
    </span>
  )
}
