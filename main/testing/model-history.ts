import type { ApiShape } from './model-shapes.ts'

type Part = Record<string, unknown>
type Step = {
  readonly side: 'person' | 'model' | 'tools'
  readonly calls: readonly unknown[]
  readonly results: readonly unknown[]
  readonly texts: readonly unknown[]
}

/**
 * What a strict model server would refuse in a conversation, or null. Real ones differ; this is the sum:
 * sides take turns, texts are not empty, and every call has exactly one result right after it.
 */
export function faultIn(shape: ApiShape, raw: string): string | null {
  const steps = stepsOf(shape, JSON.parse(raw) as Part)
  if (steps[0]?.side !== 'person') return 'the conversation does not begin with the person'
  for (const [i, step] of steps.entries()) {
    const next = steps[i + 1]
    if (step.side !== 'tools' && step.side === next?.side) return `two messages of one side at ${i}`
    if (step.texts.some((text) => typeof text !== 'string' || text === '')) return `an empty text at ${i}`
    if (step.side === 'model' && step.calls.length + step.texts.length === 0)
      return `an empty message at ${i}`
    const results = next?.side === 'tools' ? next.results : []
    if (JSON.stringify(step.calls) !== JSON.stringify(results)) return `calls without their results at ${i}`
    if (step.side === 'tools' && steps[i - 1]?.side !== 'model') return `results without calls at ${i}`
  }
  return steps.at(-1)?.side === 'model' ? 'the conversation ends with the model' : null
}

const list = (value: unknown): Part[] => (Array.isArray(value) ? (value as Part[]) : [])

function stepsOf(shape: ApiShape, body: Part): Step[] {
  if (shape === 'openai') return openai(list(body['messages']))
  const messages = list(shape === 'anthropic' ? body['messages'] : body['contents'])
  return messages.map((message) => {
    const parts = list(message[shape === 'anthropic' ? 'content' : 'parts'])
    const pick = (...of: ((part: Part) => unknown)[]) =>
      parts.flatMap((part) => of.map((read) => read(part)).filter((value) => value !== undefined))
    const calls = pick(
      (part) => (part['type'] === 'tool_use' ? part['id'] : undefined),
      (part) => (part['functionCall'] as Part | undefined)?.['name'],
    )
    const results = pick(
      (part) => (part['type'] === 'tool_result' ? part['tool_use_id'] : undefined),
      (part) => (part['functionResponse'] as Part | undefined)?.['name'],
    )
    const texts = pick((part) => part['text'])
    const side = message['role'] !== 'user' ? 'model' : results.length > 0 ? 'tools' : 'person'
    return { side, calls, results, texts }
  })
}

function openai(messages: readonly Part[]): Step[] {
  const steps: Step[] = []
  for (const message of messages) {
    if (message['role'] === 'system') continue
    const calls = list(message['tool_calls']).map((call) => call['id'])
    const texts =
      message['role'] === 'tool' || !message['content'] ? [] : [message['content']].flat().map(textOf)
    if (message['role'] !== 'tool') {
      steps.push({ side: message['role'] === 'user' ? 'person' : 'model', calls, results: [], texts })
      continue
    }
    const last = steps.at(-1)
    const results = [...(last?.side === 'tools' ? last.results : []), message['tool_call_id']]
    if (last?.side === 'tools') steps.pop()
    steps.push({ side: 'tools', calls: [], results, texts: [] })
  }
  return steps
}

const textOf = (part: unknown) => (typeof part === 'string' ? part : (part as Part)['text'])
