/** What one turn and one answer of a model may cost. Tests pass smaller ones. */
export type HouseLimits = {
  /** Until the first byte of an answer: a local model may read a long prompt for a while. */
  readonly firstByteMs: number
  /** Without any byte in the middle of an answer. */
  readonly idleMs: number
  /** From request to the end of one answer. */
  readonly answerMs: number
  /** On the wire, framing included. */
  readonly answerBytes: number
  /** Text and thoughts of one answer, in characters. */
  readonly answerChars: number
  /** Arguments of one tool call, in characters. */
  readonly argumentChars: number
  readonly callsPerTurn: number
  /** Tool calls in a row that could not be understood. */
  readonly badCallsInARow: number
  /** Tries of one request when the server is busy or broken. */
  readonly tries: number
  /** The longest pause that a server may ask for between tries. */
  readonly longestPauseMs: number
}

export const defaultLimits: HouseLimits = {
  firstByteMs: 120_000,
  idleMs: 60_000,
  answerMs: 15 * 60_000,
  answerBytes: 32 * 1024 * 1024,
  answerChars: 1024 * 1024,
  argumentChars: 1024 * 1024,
  callsPerTurn: 300,
  badCallsInARow: 5,
  tries: 3,
  longestPauseMs: 120_000,
}
