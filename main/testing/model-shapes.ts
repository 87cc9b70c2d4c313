import { randomUUID } from 'node:crypto'

/** The three ways in which model servers stream an answer. */
export type ApiShape = 'openai' | 'anthropic' | 'google'

/** One server-sent event, ready for the wire. */
export type Frame = string

/** Arguments as text, since broken servers send arguments that are no JSON. */
export type CallFrame = { readonly name: string; readonly args: string }

export const shapeOf = (path: string): ApiShape | null => {
  if (path.endsWith('/chat/completions')) return 'openai'
  if (path.endsWith('/messages')) return 'anthropic'
  return path.includes(':streamGenerateContent') ? 'google' : null
}

const sse = (data: unknown, event?: string): Frame =>
  `${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`

/** How an answer begins. */
export function opening(shape: ApiShape): Frame[] {
  if (shape !== 'anthropic') return []
  const usage = { input_tokens: 100, output_tokens: 1 }
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage }
  const block = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }
  return [sse({ type: 'message_start', message }, 'message_start'), sse(block, 'content_block_start')]
}

export function text(shape: ApiShape, words: string): Frame {
  switch (shape) {
    case 'openai':
      return openai({ content: words })
    case 'anthropic': {
      const delta = { type: 'text_delta', text: words }
      return sse({ type: 'content_block_delta', index: 0, delta }, 'content_block_delta')
    }
    case 'google':
      return google([{ text: words }])
  }
}

/** All calls of an answer. Google's arguments are an object, so text that is none becomes a string. */
export function toolCalls(shape: ApiShape, calls: readonly CallFrame[]): Frame[] {
  return calls.flatMap(({ name, args }, i) => {
    const id = `call_${randomUUID().slice(0, 8)}`
    switch (shape) {
      case 'openai':
        return openai({
          tool_calls: [{ index: i, id, type: 'function', function: { name, arguments: args } }],
        })
      case 'anthropic': {
        const index = i + 1
        const block = { type: 'tool_use', id, name, input: {} }
        const delta = { type: 'input_json_delta', partial_json: args }
        return [
          sse({ type: 'content_block_start', index, content_block: block }, 'content_block_start'),
          sse({ type: 'content_block_delta', index, delta }, 'content_block_delta'),
          sse({ type: 'content_block_stop', index }, 'content_block_stop'),
        ]
      }
      case 'google':
        return google([{ functionCall: { id, name, args: objectOf(args) } }])
    }
  })
}

/** How an answer ends. `length`: it reached the limit of what the model may write. */
export function closing(shape: ApiShape, why: 'stop' | 'tools' | 'length'): Frame[] {
  switch (shape) {
    case 'openai': {
      const finish = { stop: 'stop', tools: 'tool_calls', length: 'length' }[why]
      const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 }
      return [openai({}, finish), sse({ ...chunk, choices: [], usage }), 'data: [DONE]\n\n']
    }
    case 'anthropic': {
      const stop = { stop: 'end_turn', tools: 'tool_use', length: 'max_tokens' }[why]
      const delta = { stop_reason: stop, stop_sequence: null }
      return [
        sse({ type: 'content_block_stop', index: 0 }, 'content_block_stop'),
        sse({ type: 'message_delta', delta, usage: { output_tokens: 20 } }, 'message_delta'),
        sse({ type: 'message_stop' }, 'message_stop'),
      ]
    }
    case 'google':
      return [google([{ text: '' }], why === 'length' ? 'MAX_TOKENS' : 'STOP')]
  }
}

/** An error inside a stream that began well. */
export function errorFrame(shape: ApiShape, message: string): Frame {
  const error = { type: 'api_error', message, code: 500 }
  return shape === 'anthropic' ? sse({ type: 'error', error }, 'error') : sse({ error })
}

/** An error answer as this API writes it. */
export function errorBody(shape: ApiShape, status: number, message: string): string {
  if (shape === 'anthropic') return JSON.stringify({ type: 'error', error: { type: 'api_error', message } })
  if (shape === 'google') return JSON.stringify({ error: { code: status, message, status: 'FAILED' } })
  return JSON.stringify({ error: { message, type: 'api_error', code: null } })
}

const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' }

const openai = (delta: object, finish: string | null = null): Frame =>
  sse({ ...chunk, choices: [{ index: 0, delta, finish_reason: finish }] })

const google = (parts: object[], finish?: string): Frame =>
  sse({
    candidates: [
      { index: 0, content: { role: 'model', parts }, ...(finish ? { finishReason: finish } : {}) },
    ],
    usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 },
    modelVersion: 'm',
  })

function objectOf(args: string): unknown {
  try {
    return JSON.parse(args)
  } catch {
    return args
  }
}
