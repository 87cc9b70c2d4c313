/** Why a model gave no whole answer. `said` are the server's own words, at most 200 characters. */
export type ModelProblem =
  | { readonly code: 'noKey' }
  | { readonly code: 'badKey' }
  | { readonly code: 'refusedKey'; readonly status: number; readonly said: string | null }
  | { readonly code: 'notFound'; readonly said: string | null }
  | { readonly code: 'busy'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly code: 'quota'; readonly said: string | null }
  | { readonly code: 'serverBroken'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly code: 'tooLong'; readonly said: string | null }
  | { readonly code: 'rejected'; readonly status: number | null; readonly said: string | null }
  | { readonly code: 'redirected'; readonly to: string | null }
  | {
      readonly code: 'unreachable'
      readonly why: 'refused' | 'dns' | 'tls' | 'reset' | 'timeout' | 'network' | 'notHttp' | 'other'
      readonly detail: string
    }
  | { readonly code: 'webPage' }
  | { readonly code: 'wrongType'; readonly contentType: string; readonly said: string | null }
  | { readonly code: 'silent'; readonly afterMs: number }
  | { readonly code: 'stalled'; readonly afterMs: number }
  | { readonly code: 'endless'; readonly limit: string }
  | { readonly code: 'cut' }
  | { readonly code: 'malformed' }
  | { readonly code: 'empty' }
  | { readonly code: 'filtered' }
  | { readonly code: 'cutAtLimit' }

/** Carries a problem through the SDK. */
export class ModelFailure extends Error {
  override readonly name = 'ModelFailure'
  readonly problem: ModelProblem

  constructor(problem: ModelProblem) {
    super(problem.code)
    this.problem = problem
  }
}

const tooLong =
  /context[ _-]?(length|window|size)|maximum context|too many (input )?tokens|prompt is too long|input is too long|token count.{0,40}exceed|exceed.{0,60}context|request too large/i

/** Whether the server's words mean that the conversation is longer than the model reads. */
export const saysTooLong = (said: string | null): boolean => said !== null && tooLong.test(said)

/** What an HTTP status other than 2xx means. `body` is what could be read of the answer. */
export function problemOfStatus(status: number, headers: Headers, body: string, nowMs: number): ModelProblem {
  const said = wordsOf(body)
  const retryAfterMs = retryAfter(headers, nowMs)
  if (status >= 300 && status < 400) {
    return { code: 'redirected', to: originOf(headers.get('location')) }
  }
  if (status === 413 || ((status === 400 || status === 422) && saysTooLong(body))) {
    return { code: 'tooLong', said }
  }
  if (
    status === 401 ||
    status === 403 ||
    (status === 400 && /api key not valid|invalid api key/i.test(body))
  ) {
    return { code: 'refusedKey', status, said }
  }
  if (status === 404) return { code: 'notFound', said }
  if (status === 402 || (status === 429 && /insufficient_quota|credit balance|billing/i.test(body))) {
    return { code: 'quota', said }
  }
  if (status === 429) return { code: 'busy', status, retryAfterMs }
  if (status >= 500 || status === 408) return { code: 'serverBroken', status, retryAfterMs }
  return { code: 'rejected', status, said }
}

/** The server's sentence inside an error body, or null: a page of HTML says nothing. */
export function wordsOf(body: string): string | null {
  let said: unknown = body
  try {
    const parsed: unknown = JSON.parse(body)
    const [first]: unknown[] = Array.isArray(parsed) ? parsed : [parsed]
    said = field(field(first, 'error'), 'message') ?? field(first, 'error') ?? field(first, 'message')
    if (said === undefined) said = field(first, 'detail')
  } catch {
    if (/^\s*</.test(body)) return null
  }
  if (typeof said !== 'string') return null
  const line = said.replace(/\s+/g, ' ').trim().toWellFormed()
  if (line === '') return null
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined

function retryAfter(headers: Headers, nowMs: number): number | null {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN)
  if (Number.isFinite(exact) && exact >= 0) return Math.round(exact)
  const text = headers.get('retry-after')
  if (text === null) return null
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return Math.max(0, Math.round(seconds * 1000))
  const date = Date.parse(text)
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs)
}

function originOf(location: string | null): string | null {
  return location !== null && URL.canParse(location) ? new URL(location).origin : null
}
