import type { ActionItem, Item } from '../../../protocol/sessions.ts'
import { actionSubject } from './action-subject.ts'
import { decisionWords, originWords, verdictWords } from './words.ts'

/** One line of the Decisions tab: an action about which somebody was asked, or which was forbidden. */
export type DecisionRow = {
  readonly item: ActionItem
  readonly turn: number
  readonly subject: string
  readonly verdict: string
  readonly origin: string
  readonly answer: string
  readonly outcome: 'allowed' | 'denied' | 'unanswered' | 'forbidden' | 'open'
  /** Who answered. Empty when nobody did. */
  readonly by: string
  readonly answeredAtMs: number | null
  readonly waitedMs: number | null
  readonly lookMs: number | null
  readonly note: string | null
  readonly edited: boolean
}

/** Every question and every refusal of a session, oldest first. What ran without a question has no row. */
export function decisionRows(items: readonly Item[]): DecisionRow[] {
  const rows: DecisionRow[] = []
  let turnId: string | null = null
  let turn = 0
  for (const item of items) {
    if (item.turnId !== null && item.turnId !== turnId) {
      turnId = item.turnId
      turn += 1
    }
    if (item.type !== 'action' || !concernsAPerson(item)) continue
    rows.push({ ...rowOf(item), turn })
  }
  return rows
}

const concernsAPerson = (item: ActionItem): boolean =>
  item.approvalId !== null || item.decision !== null || (item.verdict !== null && item.verdict.kind !== 'run')

function rowOf(item: ActionItem): Omit<DecisionRow, 'turn'> {
  const verdict = item.verdict
  return {
    item,
    subject: actionSubject(item.action),
    verdict: verdict ? verdictWords[verdict.kind] : '',
    origin: verdict ? originWords(verdict.origin) : '',
    ...answerOf(item),
    by: item.decision === null ? '' : item.decision.by === 'user' ? 'you' : item.decision.by,
    answeredAtMs: item.decision?.atMs ?? null,
    waitedMs: item.decision?.waitedMs ?? null,
    lookMs: item.decision?.lookMs ?? null,
    note: item.decision?.note ?? null,
    edited: item.editedCommand !== null,
  }
}

function answerOf(item: ActionItem): Pick<DecisionRow, 'answer' | 'outcome'> {
  if (item.decision) {
    const denied = item.decision.type === 'decline' || item.decision.type === 'cancel'
    return { answer: decisionWords[item.decision.type], outcome: denied ? 'denied' : 'allowed' }
  }
  if (item.unanswered !== null) return { answer: `not answered: ${item.unanswered}`, outcome: 'unanswered' }
  if (item.verdict?.kind === 'forbid') {
    return { answer: item.verdict.justification ?? 'forbidden, nobody was asked', outcome: 'forbidden' }
  }
  if (item.state === 'cutShort' || item.state === 'stopped') {
    return { answer: 'not answered: the app stopped', outcome: 'unanswered' }
  }
  return { answer: 'waits for you', outcome: 'open' }
}
