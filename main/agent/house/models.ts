import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { AgentSpec } from '../../../protocol/sessions.ts'

export type HouseSpec = Extract<AgentSpec, { kind: 'house' }>

/**
 * A model behind the AI SDK's provider interface. It is called directly, one request at a time, instead of
 * through `streamText`: tools have to wait for a person, retries have to be seen, and nothing may be printed,
 * traced or taken from the environment on the way.
 */
export type Model = ReturnType<ReturnType<typeof createOpenAICompatible>['chatModel']>
type CallOptions = Parameters<Model['doStream']>[0]
export type Message = CallOptions['prompt'][number]
export type AssistantPart = Extract<Message, { role: 'assistant' }>['content'][number]
export type ToolResultPart = Extract<
  Extract<Message, { role: 'tool' }>['content'][number],
  { type: 'tool-result' }
>
export type ModelTool = Extract<NonNullable<CallOptions['tools']>[number], { type: 'function' }>
export type StreamPart =
  Awaited<ReturnType<Model['doStream']>>['stream'] extends ReadableStream<infer Part> ? Part : never

const ownAddress = {
  'openai-compatible': 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
} as const

export const addressOf = (spec: HouseSpec): string => spec.baseUrl || ownAddress[spec.provider]

/**
 * The longest answer to ask for, or undefined to leave it to the server. Anthropic's API wants a number, and
 * counts it together with the conversation, so it has to fit beside a conversation that is nearly full.
 */
export const outputTokensFor = (spec: HouseSpec): number | undefined =>
  spec.provider === 'anthropic' ? Math.min(32_000, Math.floor(spec.contextTokens * 0.2)) : undefined

/** @param fetch  the only way out; address and key are always given, so that no variable of the host decides */
export function modelFor(spec: HouseSpec, apiKey: string | null, fetch: typeof globalThis.fetch): Model {
  const settings = { baseURL: addressOf(spec), apiKey: apiKey ?? '', fetch }
  switch (spec.provider) {
    case 'openai-compatible':
      return createOpenAICompatible({ ...settings, name: 'openaiCompatible', includeUsage: true }).chatModel(
        spec.model,
      )
    case 'anthropic':
      return createAnthropic(settings)(spec.model)
    case 'google':
      return createGoogle(settings)(spec.model)
  }
}
