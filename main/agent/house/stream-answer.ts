import type { Clock } from '../../platform/clock.ts'
import type { TurnPorts } from '../agent.ts'
import { guardWire, type Wire } from './guard-wire.ts'
import type { HouseLimits } from './limits.ts'
import {
  field,
  ModelFailure,
  type ModelProblem,
  problemOfStatus,
  saysTooLong,
  wordsOf,
} from './model-problem.ts'
import {
  type HouseSpec,
  type Message,
  type ModelTool,
  modelFor,
  outputTokensFor,
  type StreamPart,
} from './models.ts'
import { scrub } from './scrub.ts'
import { Speech, type SpokenPart } from './speech.ts'
import { untilStopped } from './until-stopped.ts'

/** A tool call as the model wrote it: nothing about it is checked yet. */
export type RawCall = {
  readonly id: string
  readonly name: string
  /** Meant to be JSON. */
  readonly input: string
  readonly metadata: Extract<StreamPart, { type: 'tool-call' }>['providerMetadata']
}

export type Answer = {
  readonly parts: readonly SpokenPart[]
  readonly calls: readonly RawCall[]
  readonly inputTokens: number | null
}

export type Asked =
  | ({ readonly status: 'answered' } & Answer)
  /** The text that had arrived. */
  | { readonly status: 'stopped'; readonly parts: readonly SpokenPart[] }
  | { readonly status: 'failed'; readonly problem: ModelProblem; readonly parts: readonly SpokenPart[] }

export type AskContext = {
  readonly spec: HouseSpec
  readonly apiKey: string | null
  readonly fetch: typeof globalThis.fetch
  readonly clock: Clock
  readonly limits: HouseLimits
}

/** One request and its answer, spoken while it arrives. Never throws for what a server does. */
export async function streamAnswer(
  messages: readonly Message[],
  tools: readonly ModelTool[],
  context: AskContext,
  ports: TurnPorts,
): Promise<Asked> {
  const { spec, apiKey, limits } = context
  const { signal } = ports
  const wire = guardWire(context.fetch, limits, context.clock)
  const speech = new Speech(ports, apiKey)
  const maxOutputTokens = outputTokensFor(spec)
  const calls: RawCall[] = []
  let usage: Extract<StreamPart, { type: 'finish' }>['usage'] | null = null
  let finish: string | null = null

  const failed = async (problem: ModelProblem): Promise<Asked> => {
    await speech.end()
    return { status: 'failed', problem, parts: speech.texts() }
  }
  const stopped = async (): Promise<Asked> => {
    await speech.end()
    return { status: 'stopped', parts: speech.texts() }
  }

  try {
    const started = await untilStopped(
      Promise.resolve(
        modelFor(spec, apiKey, wire.fetch).doStream({
          prompt: [...messages],
          tools: [...tools],
          ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
          abortSignal: signal,
        }),
      ),
      signal,
    )
    if (started === 'stopped') return await stopped()
    const reader = started.stream.getReader()
    for (;;) {
      const next = await untilStopped(reader.read(), signal)
      if (next === 'stopped') return await stopped()
      if (next.done) break
      const part = next.value
      if (part.type === 'error') return await failed(problemOfError(part.error, wire, speech))
      if (part.type === 'finish') {
        finish = part.finishReason.unified
        usage = part.usage
      } else if (part.type === 'tool-call') {
        if (part.providerExecuted) continue
        await speech.pause()
        calls.push({
          id: part.toolCallId,
          name: part.toolName,
          input: scrub(part.input, apiKey),
          metadata: part.providerMetadata,
        })
      } else await speech.hear(part)
      if (speech.characters > limits.answerChars) {
        return await failed({
          code: 'endless',
          limit: `${Math.round(limits.answerChars / 1024)} KiB of text`,
        })
      }
    }
  } catch (error) {
    if (signal.aborted) return await stopped()
    return await failed(problemOfError(error, wire, speech))
  } finally {
    wire.close()
  }

  await speech.end()
  const inputTokens = usage?.inputTokens.total ?? null
  const outputTokens = usage?.outputTokens.total ?? null
  if (inputTokens !== null || outputTokens !== null) {
    ports.usage({ inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 })
  }
  if (finish === null || finish === 'interrupted' || finish === 'error')
    return failed(problemOfEnd(wire, speech))
  if (finish === 'content-filter') return failed({ code: 'filtered' })
  // A call that was cut may still be readable, but it is not what the model meant to write.
  if (finish === 'length') return failed({ code: 'cutAtLimit' })
  if (calls.length === 0 && !speech.said) return failed({ code: 'empty' })
  return { status: 'answered', parts: speech.parts(), calls, inputTokens }
}

/** The stream ended without saying that it is complete. */
function problemOfEnd(wire: Wire, speech: Speech): ModelProblem {
  const problem = wire.problem()
  if (problem) return problem
  if (wire.received() === 0) return { code: 'empty' }
  return { code: speech.characters > 0 || speech.began ? 'cut' : 'malformed' }
}

const unreadable = new Set([
  'AI_JSONParseError',
  'AI_TypeValidationError',
  'AI_UnsupportedFunctionalityError',
])

function problemOfError(error: unknown, wire: Wire, speech: Speech): ModelProblem {
  const problem = wire.problem() ?? (error instanceof ModelFailure ? error.problem : null)
  if (problem) return problem
  const name = field(error, 'name') ?? (error instanceof Error ? error.name : null)
  if (typeof name === 'string' && unreadable.has(name)) {
    // Some providers have no place for an error inside a stream; it is still in what could not be read.
    const sent = field(error, 'value')
    const inside = field(sent, 'error') === undefined ? null : wordsOf(JSON.stringify(sent))
    return inside === null ? { code: 'malformed' } : problemOfWords(inside)
  }
  if (name === 'AI_InvalidResponseDataError') return problemOfEnd(wire, speech)

  // An error that the server put into the stream, as the SDK passes it on.
  const status = field(error, 'statusCode')
  const body = field(error, 'responseBody') ?? field(error, 'data')
  const text = typeof body === 'string' ? body : (JSON.stringify({ error: body ?? error }) ?? '')
  if (typeof status === 'number' && status >= 400) {
    return problemOfStatus(status, new Headers(), text, 0)
  }
  const said =
    wordsOf(text) ?? (error instanceof Error ? wordsOf(JSON.stringify({ message: error.message })) : null)
  if (/overloaded|rate.?limit/i.test(text)) return { code: 'busy', status: 429, retryAfterMs: null }
  // Without words of the server it is the SDK that could make nothing of the answer.
  const fromServer = field(error, 'message') !== undefined && !(error instanceof TypeError)
  return fromServer && name !== 'Error' ? problemOfWords(said) : { code: 'malformed' }
}

const problemOfWords = (said: string | null): ModelProblem =>
  saysTooLong(said) ? { code: 'tooLong', said } : { code: 'rejected', status: null, said }
