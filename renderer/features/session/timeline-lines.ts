import type { ActionItem, Item } from '../../../protocol/sessions.ts'
import { subjectName } from '../../card/subject-name.ts'
import { actionSubject, editCounts, isHeldAction } from './action-subject.ts'
import { allowedWords, boundaryTag, decisionWords, plural, ruleWords, settingsWords } from './words.ts'

/** How an act stands: a word on screen, and a shape beside it. */
export type Mark = 'held' | 'running' | 'done' | 'nonZero' | 'refused' | 'unfinished' | 'info' | 'problem'

export type TimelineLine =
  /** Opens a group. `turn` counts from 1; 0 stands for what happened before the first turn. */
  | { readonly kind: 'turn'; readonly key: string; readonly turn: number; readonly atMs: number }
  | {
      readonly kind: 'act'
      readonly key: string
      readonly itemId: string
      readonly atMs: number
      readonly subject: string
      /** The name in the subject that is never cut; null for most. */
      readonly name: string | null
      /** The subject is literal text of a machine: a command, a path. */
      readonly machine: boolean
      /** How it was allowed, or who did it. Empty while that is open. */
      readonly allowed: string
      readonly mark: Mark
      /** Outcome in words: "exit code 1", "denied: use a PR", "+12 −4". Empty when there is nothing to add. */
      readonly outcome: string
    }

/**
 * One line per act, grouped by turn, in order. Words of the agent are no acts and have no line.
 *
 * Pure and linear, so that a session with 100,000 items is projected in one pass.
 */
export function timelineLines(items: readonly Item[]): TimelineLine[] {
  const lines: TimelineLine[] = []
  let turnId: string | null = null
  let turn = 0
  for (const item of items) {
    if (item.turnId !== null && item.turnId !== turnId) {
      turnId = item.turnId
      turn += 1
      lines.push({ kind: 'turn', key: `turn-${item.turnId}-${turn}`, turn, atMs: item.atMs })
    }
    const line = knownLine(item)
    if (line) lines.push(line)
  }
  return lines
}

/** Items are replaced when they change, so a line belongs to its item for good. */
const known = new WeakMap<Item, TimelineLine | 'none'>()

function knownLine(item: Item): TimelineLine | null {
  const before = known.get(item)
  if (before !== undefined) return before === 'none' ? null : before
  const line = lineOf(item)
  known.set(item, line ?? 'none')
  return line
}

function lineOf(item: Item): TimelineLine | null {
  const base = { kind: 'act', key: item.id, itemId: item.id, atMs: item.atMs, name: null } as const
  switch (item.type) {
    case 'agent':
      return null
    case 'user':
      return {
        ...base,
        subject: oneLine(item.text),
        machine: false,
        allowed: 'you',
        mark: 'info',
        outcome: item.queued ? 'queued' : '',
      }
    case 'action':
      return {
        ...base,
        subject:
          item.editedCommand === null
            ? `${isHeldAction(item.action) ? '↳ ' : ''}${actionSubject(item.action)}`
            : oneLine(item.editedCommand),
        name: subjectName(item.action),
        machine: true,
        ...standing(item),
      }
    case 'settings':
      return {
        ...base,
        subject: `preset ${settingsWords(item.from)} → ${settingsWords(item.to)}`,
        machine: false,
        allowed: { user: 'you', leaseEnded: 'lease ended', policyChanged: 'what is permitted changed' }[
          item.by
        ],
        mark: 'info',
        outcome: item.note ?? '',
      }
    case 'verified': {
      const open = item.probes.filter((probe) => !probe.blocked).length
      return {
        ...base,
        subject: open === 0 ? 'sandbox verified' : 'the sandbox let something through',
        machine: false,
        allowed: '',
        mark: open === 0 ? 'info' : 'problem',
        outcome: `${item.probes.length - open} of ${plural(item.probes.length, 'probe')} blocked`,
      }
    }
    case 'turnEnd':
      return item.ok
        ? null
        : { ...base, subject: item.reason, machine: false, allowed: '', mark: 'problem', outcome: '' }
    case 'review':
      return {
        ...base,
        subject: `${item.verb === 'keep' ? 'kept' : 'reverted'} ${item.path}`,
        machine: false,
        allowed: 'you',
        mark: 'info',
        outcome: item.what,
      }
    case 'notice':
      return {
        ...base,
        subject: item.title,
        machine: false,
        allowed: '',
        mark: item.level === 'problem' ? 'problem' : 'info',
        outcome: '',
      }
  }
}

type Standing = { readonly allowed: string; readonly mark: Mark; readonly outcome: string }

/** Where an action stands, how it was allowed, and what came of it. */
function standing(item: ActionItem): Standing {
  const allowed =
    item.allowedBy === null
      ? ''
      : item.allowedBy === 'rule'
        ? ruleWords(item.verdict)
        : allowedWords[item.allowedBy]
  switch (item.state) {
    case 'judging':
      return { allowed, mark: 'running', outcome: 'being judged' }
    case 'held':
      return { allowed: 'held', mark: 'held', outcome: 'waits for you' }
    case 'releasing':
      return { allowed, mark: 'held', outcome: 'answered, can be taken back' }
    case 'running':
      return { allowed, mark: 'running', outcome: withBoundary(item, 'running') }
    case 'ran':
      return { allowed, ...ended(item) }
    case 'refused':
      return { allowed: 'nobody', mark: 'refused', outcome: refusal(item) }
    case 'stopped':
      return { allowed, mark: 'unfinished', outcome: item.problem ?? 'stopped' }
    case 'cutShort':
      return { allowed, mark: 'unfinished', outcome: item.unanswered ?? item.problem ?? 'the app stopped' }
  }
}

function ended(item: ActionItem): Pick<Standing, 'mark' | 'outcome'> {
  const counts = editCounts(item.action)
  // The counts are of what was asked; they say nothing about what came to the disk when a write did not.
  if (counts && item.exitCode !== null && item.exitCode !== 0)
    return { mark: 'nonZero', outcome: withBoundary(item, 'not written as asked') }
  if (counts) return { mark: 'done', outcome: `+${counts.added} −${counts.removed}` }
  if (item.violations.length > 0) {
    const what = `stopped by the sandbox: ${plural(item.violations.length, 'attempt')}`
    return { mark: 'nonZero', outcome: withBoundary(item, what) }
  }
  if (item.action.kind === 'command' && item.exitCode === null)
    return { mark: 'unfinished', outcome: withBoundary(item, item.problem ?? 'ended by a signal') }
  if (item.exitCode === null || item.exitCode === 0) return { mark: 'done', outcome: withBoundary(item, '') }
  return { mark: 'nonZero', outcome: withBoundary(item, `exit code ${item.exitCode}`) }
}

function refusal(item: ActionItem): string {
  if (item.decision) {
    const words = decisionWords[item.decision.type]
    return item.decision.note === null ? `${words} by you` : `${words}: ${oneLine(item.decision.note)}`
  }
  if (item.unanswered !== null) return `not answered: ${item.unanswered}`
  return item.verdict?.justification ?? item.problem ?? 'forbidden by settings'
}

/** Anything but the plain sandbox is said on the line. */
function withBoundary(item: ActionItem, words: string): string {
  if (item.boundary === null || item.boundary === 'sandboxed') return words
  return words === '' ? boundaryTag[item.boundary] : `${boundaryTag[item.boundary]}, ${words}`
}

const oneLine = (text: string): string => text.split('\n', 1)[0] ?? ''
