import type { Clock } from '../../platform/clock.ts'
import type { HouseLimits } from './limits.ts'
import { ModelFailure, type ModelProblem, problemOfStatus, wordsOf } from './model-problem.ts'

/** One request to a model server, watched. */
export type Wire = {
  readonly fetch: typeof globalThis.fetch
  /** What went wrong first; null while nothing did. The SDK wraps errors, so this is asked instead. */
  problem(): ModelProblem | null
  /** Bytes of the answer so far. */
  received(): number
  /** Ends the request and its timers. */
  close(): void
}

/**
 * A `fetch` that a broken or hostile server cannot hold up: it bounds time without progress, whole time and
 * bytes, follows no redirect (a custom key header would go along), and takes only a stream of events.
 */
export function guardWire(fetch: typeof globalThis.fetch, limits: HouseLimits, clock: Clock): Wire {
  const stop = new AbortController()
  let problem: ModelProblem | null = null
  let received = 0
  let wholeTimer = () => {}

  const fail = (found: ModelProblem): ModelFailure => {
    problem ??= found
    wholeTimer()
    if (!stop.signal.aborted) stop.abort(new ModelFailure(problem))
    return new ModelFailure(problem)
  }

  /** Waits for the server; too long is a problem, and a break is one too unless the turn was stopped. */
  const awaitServer = async <T>(
    work: Promise<T>,
    ms: number,
    late: ModelProblem,
    broken: (error: unknown) => ModelProblem,
    turn: AbortSignal | null,
  ): Promise<T> => {
    const cancel = clock.after(ms, () => void fail(late))
    try {
      return await work
    } catch (error) {
      if (problem === null && (turn?.aborted || stop.signal.aborted)) throw error
      throw fail(problem ?? broken(error))
    } finally {
      cancel()
    }
  }

  const guarded = async (
    input: Parameters<typeof globalThis.fetch>[0],
    init: RequestInit = {},
  ): Promise<Response> => {
    const turn = init.signal ?? null
    const signal = turn ? AbortSignal.any([turn, stop.signal]) : stop.signal
    wholeTimer()
    wholeTimer = clock.after(limits.answerMs, () => {
      fail({ code: 'endless', limit: `${Math.round(limits.answerMs / 60_000)} minutes` })
    })
    const silent: ModelProblem = { code: 'silent', afterMs: limits.firstByteMs }
    const response = await awaitServer(
      fetch(input, { ...init, signal, redirect: 'manual' }),
      limits.firstByteMs,
      silent,
      unreachable,
      turn,
    )
    const reader = response.body?.getReader() ?? null
    const read = async () => {
      const late: ModelProblem = received === 0 ? silent : { code: 'stalled', afterMs: limits.idleMs }
      const ms = received === 0 ? limits.firstByteMs : limits.idleMs
      const next = await awaitServer(
        reader?.read() ?? Promise.resolve({ done: true as const, value: undefined }),
        ms,
        late,
        () => ({ code: 'cut' }),
        turn,
      )
      received += next.value?.byteLength ?? 0
      return next
    }

    const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
    if (!response.ok || type !== 'text/event-stream') {
      const body = await readStart(read)
      // What went wrong while reading it says less than the status does.
      problem = null
      if (!response.ok) throw fail(problemOfStatus(response.status, response.headers, body, clock.nowMs()))
      if (/html/.test(type) || /^\s*<(!doctype|html)/i.test(body)) throw fail({ code: 'webPage' })
      throw fail({ code: 'wrongType', contentType: type.slice(0, 80), said: wordsOf(body) })
    }

    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const next = await read()
        if (received > limits.answerBytes) {
          throw fail({ code: 'endless', limit: `${Math.round(limits.answerBytes / 1024)} KiB` })
        }
        if (next.done) {
          wholeTimer()
          controller.close()
        } else controller.enqueue(next.value)
      },
      cancel: () => stop.abort(),
    })
    return new Response(body, { status: response.status, headers: response.headers })
  }

  return {
    fetch: guarded,
    problem: () => problem,
    received: () => received,
    close: () => {
      wholeTimer()
      stop.abort()
    },
  }
}

const startBytes = 16 * 1024

/** The first part of a body that is not a stream of events; a body that breaks off says as much as it said. */
async function readStart(
  read: () => Promise<{ done: boolean; value?: Uint8Array | undefined }>,
): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  try {
    for (let next = await read(); !next.done && bytes < startBytes; next = await read()) {
      bytes += next.value?.byteLength ?? 0
      text += decoder.decode(next.value, { stream: true })
    }
  } catch {
    // The status says more than the missing rest.
  }
  return text.slice(0, startBytes)
}

const whyOf: Record<string, Extract<ModelProblem, { code: 'unreachable' }>['why']> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  EHOSTUNREACH: 'network',
  ENETUNREACH: 'network',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  UND_ERR_HEADERS_OVERFLOW: 'notHttp',
}

function unreachable(error: unknown): ModelProblem {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; depth++) {
    const code = (at as NodeJS.ErrnoException).code ?? ''
    const why =
      whyOf[code] ??
      (/^(CERT_|ERR_TLS_|ERR_SSL_)/.test(code) ? 'tls' : code.startsWith('HPE_') ? 'notHttp' : undefined)
    if (why) return { code: 'unreachable', why, detail: code }
    at = at.cause ?? (at instanceof AggregateError ? at.errors[0] : undefined)
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const detail = cause instanceof Error ? cause.message.slice(0, 200) : 'no reason given'
  return { code: 'unreachable', why: 'other', detail }
}
