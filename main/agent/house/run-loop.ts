import type { Settings } from '../../../protocol/settings.ts'
import type { TurnEnd, TurnPorts } from '../agent.ts'
import { askModel, explain } from './ask-model.ts'
import { cutMiddle } from './cut-text.ts'
import { bad, type ToolAnswer } from './describe-result.ts'
import {
  assistantMessage,
  closedTurn,
  estimateTokens,
  type HistoryTurn,
  toolResult,
  userMessage,
} from './history.ts'
import { instructions } from './instructions.ts'
import type { AssistantPart, Message, ToolResultPart } from './models.ts'
import { addressOf } from './models.ts'
import { runTool } from './run-tool.ts'
import { scrub } from './scrub.ts'
import { shortenHistory } from './shorten-history.ts'
import type { Answer, AskContext, RawCall } from './stream-answer.ts'
import { modelTools, readToolCall } from './tools.ts'

export type LoopState = {
  /** Earlier turns, each closed. */
  readonly turns: readonly HistoryTurn[]
  readonly factor: number
  readonly settings: Settings | null
}

export type LoopEnd = {
  readonly end: TurnEnd
  readonly turns: readonly HistoryTurn[]
  readonly factor: number
}

/** How much of what the model reads is used; the rest is room for its answer and for a wrong estimate. */
const fullAt = 0.75

/** One turn: ask, run what was called, ask again, until there is an answer without calls. Never throws. */
export async function runLoop(
  prompt: string,
  before: LoopState,
  context: AskContext,
  ports: TurnPorts,
): Promise<LoopEnd> {
  const loop: Loop = {
    past: before.turns,
    running: [userMessage(prompt)],
    factor: before.factor,
    room: fullAt,
    calls: 0,
    badInARow: 0,
  }
  const end = await turn(loop, before.settings, context, ports).catch((error: unknown): TurnEnd => {
    if (ports.signal.aborted) return { reason: 'interrupted' }
    // Only what the host's own ports throw comes here: a log that cannot be written, for example.
    const why = scrub(error instanceof Error ? error.message : String(error), context.apiKey)
    return { reason: 'failed', detail: `The turn could not go on: ${why.slice(0, 300)}` }
  })
  const why = { done: 'Done.', interrupted: 'The person stopped the turn.', failed: 'The turn ended early.' }
  return { end, turns: [...loop.past, closedTurn(loop.running, why[end.reason])], factor: loop.factor }
}

/** Where a turn stands. Changed as it goes on, so that a turn that breaks off still leaves its history. */
type Loop = {
  past: readonly HistoryTurn[]
  running: HistoryTurn
  /** How far our estimate of tokens was below what the provider counted. */
  factor: number
  /** The part of the model's context that may be filled. */
  room: number
  calls: number
  badInARow: number
}

async function turn(
  loop: Loop,
  settings: Settings | null,
  context: AskContext,
  ports: TurnPorts,
): Promise<TurnEnd> {
  const unusable = unusableSettings(context)
  if (unusable) return { reason: 'failed', detail: unusable }
  const system: Message = { role: 'system', content: instructions(ports.folder, settings) }
  for (;;) {
    if (ports.signal.aborted) return { reason: 'interrupted' }
    await makeRoom(loop, system, context, ports)
    const messages = [system, ...loop.past.flat(), ...loop.running]
    const sent = estimateTokens(messages) + estimateTokens(modelTools)
    const asked = await askModel(messages, modelTools, context, ports)
    if (asked.status !== 'answered' && asked.parts.length > 0) {
      loop.running = [...loop.running, assistantMessage([...asked.parts])]
    }
    if (asked.status === 'stopped') return { reason: 'interrupted' }
    if (asked.status === 'failed') {
      if (asked.problem.code !== 'tooLong' || loop.room < fullAt) {
        return { reason: 'failed', detail: explain(asked.problem, context) }
      }
      // The model reads less than was thought, by an unknown amount: half of what was sent now counts as full.
      loop.room = Math.min(fullAt / 2, (sent * loop.factor * 0.5) / context.spec.contextTokens)
      continue
    }
    if (asked.inputTokens !== null) loop.factor = Math.min(4, Math.max(1, asked.inputTokens / sent))

    const end = await runCalls(asked, loop, context, ports)
    if (end) return end
  }
}

async function makeRoom(loop: Loop, system: Message, context: AskContext, ports: TurnPorts): Promise<void> {
  const { contextTokens, model } = context.spec
  const fixed = estimateTokens([system, modelTools])
  const budget = Math.max(500, (contextTokens * loop.room) / loop.factor - fixed)
  const shortened = shortenHistory([...loop.past, loop.running], budget)
  if (shortened.leftOut === null) return
  loop.past = shortened.turns.slice(0, -1)
  loop.running = shortened.turns.at(-1) ?? loop.running
  await ports.notice(
    'info',
    'Earlier parts were shortened for the model',
    `The conversation came near the ${contextTokens} tokens that ${model} reads. Left out for the model: ${shortened.leftOut}. The session keeps all of it.`,
  )
}

/** Runs the calls of one answer, one after the other, and puts all results into the history. */
async function runCalls(
  answer: Answer,
  loop: Loop,
  context: AskContext,
  ports: TurnPorts,
): Promise<TurnEnd | null> {
  const { spec, limits } = context
  const calls = answer.calls.map((raw) => ({
    raw,
    read: readToolCall(raw.name, raw.input, limits.argumentChars),
  }))
  loop.running = [
    ...loop.running,
    assistantMessage([
      ...answer.parts,
      ...calls.map(({ raw, read }) => callPart(raw, read.status === 'read')),
    ]),
  ]
  if (calls.length === 0) return { reason: 'done' }

  const words = answer.parts.findLast((part) => part.type === 'text' && part.text.trim() !== '')?.text.trim()
  const said = words === undefined ? null : cutMiddle(words, longestWords)
  const results: ToolResultPart[] = []
  let ending: keyof typeof notRun | null = null
  for (const { raw, read } of calls) {
    let result: ToolAnswer
    if (ending === null && loop.calls >= limits.callsPerTurn) ending = 'tooMany'
    if (ending !== null) result = bad(`Not run: ${notRun[ending]}`)
    else if (read.status === 'bad') {
      loop.calls += 1
      loop.badInARow += 1
      result = bad(read.why)
      if (loop.badInARow >= limits.badCallsInARow) ending = 'tooBad'
    } else {
      loop.calls += 1
      loop.badInARow = 0
      result = await runTool(read.call, said, ports)
      if (result.turn === 'ends' || ports.signal.aborted) ending = 'stopped'
    }
    const text = cutMiddle(result.text, Math.floor(spec.contextTokens * charsPerContextToken))
    results.push(toolResult(raw.id, historyName(raw.name), text, result.kind))
  }
  loop.running = [...loop.running, { role: 'tool', content: results }]
  if (ending === 'stopped') return { reason: 'interrupted' }
  if (ending === 'tooMany') {
    return {
      reason: 'failed',
      detail: `The agent made ${limits.callsPerTurn} tool calls in one turn, which is the limit. Look at what it did, then send a message to let it go on.`,
    }
  }
  if (ending === 'tooBad') {
    return {
      reason: 'failed',
      detail: `${spec.model} wrote ${limits.badCallsInARow} tool calls in a row that cannot be read. Send the message again, or choose a model that is better with tools.`,
    }
  }
  return null
}

/** Characters of the agent's words that go onto a card. */
const longestWords = 1000
/** One result may fill about a fifth of what the model reads. */
const charsPerContextToken = 0.7

const notRun = {
  stopped: 'the person stopped the turn.',
  tooMany: 'too many tool calls in one turn.',
  tooBad: 'too many calls in a row could not be read.',
} as const

/** What makes every request pointless, found before the first one. */
function unusableSettings(context: AskContext): string | null {
  const { spec, apiKey } = context
  const address = addressOf(spec)
  if (!URL.canParse(address) || new URL(address).username !== '' || new URL(address).password !== '') {
    return 'The address of the model server is not usable: it must be http or https, without a name and password in it. Correct it, then start a session with it.'
  }
  if (apiKey === null && spec.baseUrl === '') return explain({ code: 'noKey' }, context)
  if (apiKey !== null && !/^[\x21-\x7e]+$/.test(apiKey)) return explain({ code: 'badKey' }, context)
  return null
}

/** The call as it stands in the history. What could not be read is not sent back: it may be of any size. */
function callPart(call: RawCall, readable: boolean): AssistantPart {
  return {
    type: 'tool-call',
    toolCallId: call.id,
    toolName: historyName(call.name),
    input:
      readable && call.input.trim() !== ''
        ? JSON.parse(call.input)
        : { unreadable: call.input.slice(0, 200).toWellFormed() },
    ...(call.metadata ? { providerOptions: call.metadata } : {}),
  }
}

/** Providers refuse histories with names of other characters, even of tools a model made up. */
const historyName = (name: string): string => name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || 'unknown'
