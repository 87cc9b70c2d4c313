import type { AssistantPart, Message, ToolResultPart } from './models.ts'

/** One turn as the model sees it: the person's words, then answers and results in pairs. */
export type HistoryTurn = readonly Message[]

export const userMessage = (text: string): Message => ({
  role: 'user',
  content: [{ type: 'text', text: text.toWellFormed() }],
})

/**
 * The turn in a form that every provider takes as history, however it ended: every call has its result, and
 * an answer stands at the end, since some chat templates refuse two messages of one side in a row.
 */
export function closedTurn(messages: HistoryTurn, why: string): HistoryTurn {
  const result: Message[] = []
  for (const [i, message] of messages.entries()) {
    result.push(message.role === 'assistant' ? withoutThoughts(message) : message)
    if (message.role !== 'assistant') continue
    const next = messages[i + 1]
    const answered = new Set(next?.role === 'tool' ? resultsOf(next).map((part) => part.toolCallId) : [])
    const open = message.content.filter((part) => part.type === 'tool-call')
    if (open.some((part) => !answered.has(part.toolCallId))) {
      // Results are written after all calls of an answer, so either all are there or none is.
      result.push({
        role: 'tool',
        content: open.map((part) => toolResult(part.toolCallId, part.toolName, `No result: ${why}`, 'error')),
      })
    }
  }
  if (result.at(-1)?.role !== 'assistant') {
    result.push({ role: 'assistant', content: [{ type: 'text', text: `[${why}]` }] })
  }
  return result
}

/** Thoughts matter to a model only until its turn ends; answers must not become empty by this. */
function withoutThoughts(message: Extract<Message, { role: 'assistant' }>): Message {
  const content = message.content.filter((part) => part.type !== 'reasoning')
  return content.length === 0 ? message : { ...message, content }
}

export const toolResult = (
  toolCallId: string,
  toolName: string,
  value: string,
  kind: 'fine' | 'error',
): ToolResultPart => ({
  type: 'tool-result',
  toolCallId,
  toolName,
  output: { type: kind === 'fine' ? 'text' : 'error-text', value: value.toWellFormed() },
})

export const resultsOf = (message: Extract<Message, { role: 'tool' }>): ToolResultPart[] =>
  message.content.filter((part) => part.type === 'tool-result')

export const assistantMessage = (content: AssistantPart[]): Message => ({ role: 'assistant', content })

/**
 * Tokens, estimated from above: bytes rather than characters, since a character of many scripts is a token of
 * its own, and JSON rather than text, since calls and their marks count too.
 */
export const estimateTokens = (value: unknown): number =>
  Math.ceil(Buffer.byteLength(JSON.stringify(value) ?? '') / 3.5)
