import type { HostProblem } from '../../protocol/endpoint.ts'
import { problemOf } from './result.ts'

export type Latest<P> = {
  /** Forgets what was asked before, waits for a pause, then asks. */
  ask(params: P): void
  /** Forgets everything; no answer comes any more. */
  stop(): void
}

type Options<P, R> = {
  run(params: P): Promise<R>
  done(result: R, params: P): void
  failed(problem: HostProblem): void
  /** Milliseconds without a further question before it is sent. */
  readonly delayMs?: number
  later?(run: () => void, ms: number): () => void
}

const machineLater = (run: () => void, ms: number): (() => void) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/** For questions that follow typing: one call per pause, and only the answer to the last question counts. */
export function createLatest<P, R>(options: Options<P, R>): Latest<P> {
  const { run, done, failed, delayMs = 200, later = machineLater } = options
  let turn = 0
  let cancel = (): void => {}

  async function send(params: P, mine: number): Promise<void> {
    try {
      const result = await run(params)
      if (mine === turn) done(result, params)
    } catch (thrown) {
      if (mine === turn) failed(problemOf(thrown))
    }
  }
  const stop = (): void => {
    turn += 1
    cancel()
  }
  return {
    ask(params) {
      stop()
      const mine = turn
      cancel = later(() => void send(params, mine), delayMs)
    },
    stop,
  }
}
