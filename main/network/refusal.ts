import type { HostReason } from '../policy/network/judge-host.ts'
import type { Destination } from './gate.ts'

export type RefusalReason = HostReason | 'method_not_allowed' | 'person' | 'limit'

/** A destination that is not connected to, and what the program is told. */
export type Refusal = {
  readonly kind: 'refused'
  readonly reason: RefusalReason
  /** One or two sentences. */
  readonly message: string
  /** What the person who said no added. */
  readonly word: string | null
}

export const refusal = (reason: RefusalReason, message: string, word: string | null = null): Refusal => ({
  kind: 'refused',
  reason,
  message,
  word,
})

/** In Codex's words, so that programs which know them need no others. */
const headers: Readonly<Record<RefusalReason, string>> = {
  allowed: 'blocked-by-policy',
  denied: 'blocked-by-denylist',
  policy_denied: 'blocked-by-denylist',
  not_allowed: 'blocked-by-allowlist',
  not_allowed_local: 'blocked-by-allowlist',
  prompt: 'blocked-by-policy',
  rules_unreadable: 'blocked-by-policy',
  invalid_host: 'blocked-by-policy',
  method_not_allowed: 'blocked-by-method-policy',
  person: 'blocked-by-policy',
  limit: 'blocked-by-policy',
}

export type RefusalAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** 403 with all that is known, for a program that reads bodies. */
export function httpRefusal({ reason, message, word }: Refusal, destination: Destination): RefusalAnswer {
  const body = {
    status: 'blocked',
    host: destination.host,
    reason,
    decision: 'deny',
    source:
      reason === 'method_not_allowed' ? 'mode_guard' : reason === 'person' ? 'person' : 'baseline_policy',
    protocol: destination.protocol,
    port: destination.port,
    message,
    ...(word === null ? {} : { word }),
  }
  return {
    status: 403,
    headers: { 'content-type': 'application/json', 'x-proxy-error': headers[reason] },
    body: `${JSON.stringify(body)}\n`,
  }
}

/** 403 with the sentences alone: what programs show of an answer to CONNECT. */
export const connectRefusal = ({ reason, message, word }: Refusal): RefusalAnswer => ({
  status: 403,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-proxy-error': headers[reason] },
  body: `${sentences(message, word)}\n`,
})

/** What could not be read, done or reached; 400 and 502 have no decision behind them. */
export const plainAnswer = (status: number, message: string): RefusalAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${message}\n`,
})

/** What a person added follows what we say, on a line of its own. */
export const sentences = (message: string, word: string | null): string =>
  word === null ? message : `${message}\n${word}`
