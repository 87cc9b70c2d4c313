import { cutMiddle } from './cut-text.ts'
import { estimateTokens, type HistoryTurn, resultsOf } from './history.ts'
import type { Message, ToolResultPart } from './models.ts'

export type Shortened = {
  readonly turns: readonly HistoryTurn[]
  /** What was left out, in words for the person. null: it fitted. */
  readonly leftOut: string | null
}

/** Results shorter than this are kept: leaving them out wins nothing. */
const worthLeavingOut = 400
const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`

/**
 * Makes the conversation fit, doing the least harm first:
 *   1. outputs of tools in earlier turns, then in this one, except the latest
 *   2. whole earlier turns, oldest first; one line tells the model
 *   3. whole earlier steps of this turn, a call always together with its result
 *   4. the middle of what is still the longest text
 * The last turn is the running one and starts with the person's message.
 *
 * @param budget  tokens for all turns together, as `estimateTokens` counts
 */
export function shortenHistory(turns: readonly HistoryTurn[], budget: number): Shortened {
  if (size(turns) <= budget) return { turns, leftOut: null }
  const past = turns.slice(0, -1)
  let running: HistoryTurn = turns.at(-1) ?? []
  let outputs = 0
  let turnsOut = 0
  let stepsOut = 0
  let cut = 0
  let rest = size(turns)

  const emptyOutputs = (turn: HistoryTurn, keepFrom: number): HistoryTurn =>
    turn.map((message, i) => {
      if (message.role !== 'tool' || i >= keepFrom || rest <= budget) return message
      const smaller = { ...message, content: resultsOf(message).map(emptied) }
      const won = estimateTokens(message) - estimateTokens(smaller)
      if (won <= 0) return message
      outputs += resultsOf(message).filter((part) => textOf(part).length > worthLeavingOut).length
      rest -= won
      return smaller
    })
  for (const [i, turn] of past.entries()) past[i] = emptyOutputs(turn, turn.length)
  const lastResults = running.findLastIndex((message) => message.role === 'tool')
  running = emptyOutputs(running, lastResults)

  while (rest > budget && past.length > 0) {
    rest -= size([past.shift() ?? []])
    turnsOut += 1
  }
  while (rest > budget && running.length > 3) {
    // [person, answer, results, answer, results]: the oldest pair goes, the latest stays.
    rest -= size([running.slice(1, 3)])
    running = [...running.slice(0, 1), ...running.slice(3)]
    stepsOut += 1
  }
  const note = [
    turnsOut > 0 ? plural(turnsOut, 'earlier turn') : '',
    stepsOut > 0 ? `${plural(stepsOut, 'earlier step')} of this turn` : '',
  ]
    .filter(Boolean)
    .join(' and ')
  if (note !== '') {
    const marked = `[${note} left out here to save room.]`
    if (past[0]) past[0] = withNote(past[0], marked)
    else running = withNote(running, marked)
  }
  while (size([...past, running]) > budget) {
    const next = cutLongest(running, size([...past, running]) - budget)
    if (next === null) break
    running = next
    cut += 1
  }

  const leftOut = [
    outputs > 0 ? plural(outputs, 'tool output') : '',
    note,
    cut > 0 ? `the middle of ${plural(cut, 'long text')}` : '',
  ]
  return { turns: [...past, running], leftOut: leftOut.filter(Boolean).join(', ') || null }
}

const size = (turns: readonly HistoryTurn[]) => estimateTokens(turns)

const textOf = (part: ToolResultPart): string =>
  part.output.type === 'text' || part.output.type === 'error-text' ? part.output.value : ''

function emptied(part: ToolResultPart): ToolResultPart {
  const text = textOf(part)
  if (text.length <= worthLeavingOut) return part
  return { ...part, output: { type: 'text', value: `[${text.length} characters left out to save room.]` } }
}

const noteMark = /^\[[^\]\n]* left out here to save room\.\]$/

/** Puts the note before the person's words; an older note gives way, so they do not pile up. */
function withNote(turn: HistoryTurn, note: string): HistoryTurn {
  const [person, ...others] = turn
  if (person?.role !== 'user') return turn
  const content = person.content.filter((part) => part.type !== 'text' || !noteMark.test(part.text))
  return [{ ...person, content: [{ type: 'text', text: note }, ...content] }, ...others]
}

/** The running turn with its longest text cut by about `excess` tokens; null when nothing long is left. */
function cutLongest(turn: HistoryTurn, excess: number): HistoryTurn | null {
  let at = -1
  let longest = worthLeavingOut
  for (const [i, message] of turn.entries()) {
    const length = longestIn(message)
    if (length > longest) {
      longest = length
      at = i
    }
  }
  if (at < 0) return null
  // A character may count three bytes or more; half is a big step even then.
  const max = Math.max(worthLeavingOut / 2, Math.min(longest - excess * 2, Math.floor(longest * 0.7)))
  return turn.map((message, i) => (i === at ? cutIn(message, longest, max) : message))
}

function longestIn(message: Message): number {
  if (message.role === 'tool') return Math.max(0, ...resultsOf(message).map((part) => textOf(part).length))
  if (message.role === 'system') return 0
  return Math.max(0, ...message.content.map((part) => (part.type === 'text' ? part.text.length : 0)))
}

function cutIn(message: Message, longest: number, max: number): Message {
  if (message.role === 'system') return message
  if (message.role === 'tool') {
    const content = resultsOf(message).map((part): ToolResultPart => {
      const text = textOf(part)
      return text.length < longest ? part : { ...part, output: { type: 'text', value: cutMiddle(text, max) } }
    })
    return { ...message, content }
  }
  const shorter = <P extends { readonly type: string }>(part: P): P =>
    part.type === 'text' && 'text' in part && typeof part.text === 'string' && part.text.length >= longest
      ? { ...part, text: cutMiddle(part.text, max) }
      : part
  return message.role === 'user'
    ? { ...message, content: message.content.map(shorter) }
    : { ...message, content: message.content.map(shorter) }
}
