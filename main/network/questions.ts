import type { Gate, HostAnswer, HostQuestion } from './gate.ts'

/** `again`: the rules have changed and speak now. `withdrawn`: whoever waited has gone. */
export type Asked = HostAnswer | 'again' | 'withdrawn'

export type Questions = {
  ask(question: HostQuestion, signal: AbortSignal): Promise<Asked>
  /** Ends the questions that `stands` says no about; all who wait for them judge anew. */
  recheck(stands: (question: HostQuestion) => boolean): void
}

type Open = {
  readonly question: HostQuestion
  readonly waiters: Set<(asked: Asked) => void>
  readonly abort: AbortController
}

/** Joins everybody who waits for the same host, port and protocol into one question, while it is open. */
export function createQuestions(ask: Gate['ask']): Questions {
  const open = new Map<string, Open>()

  function settle(key: string, entry: Open, asked: Asked): void {
    if (open.get(key) === entry) open.delete(key)
    const waiters = [...entry.waiters]
    entry.waiters.clear()
    for (const tell of waiters) tell(asked)
  }

  function start(key: string, question: HostQuestion): Open {
    const entry: Open = { question, waiters: new Set(), abort: new AbortController() }
    open.set(key, entry)
    // A gate that throws at once is one that fails.
    Promise.resolve()
      .then(() => ask(question, entry.abort.signal))
      .then(
        (answer) => settle(key, entry, answer),
        (error: unknown) =>
          settle(key, entry, {
            allow: false,
            message: `Nobody could be asked: ${String(error)}`,
            word: null,
          }),
      )
    return entry
  }

  return {
    ask(question, signal) {
      if (signal.aborted) return Promise.resolve('withdrawn')
      const key = `${question.protocol} ${question.port} ${question.host}`
      const entry = open.get(key) ?? start(key, question)
      return new Promise((resolve) => {
        const tell = (asked: Asked): void => {
          signal.removeEventListener('abort', leave)
          resolve(asked)
        }
        const leave = (): void => {
          entry.waiters.delete(tell)
          resolve('withdrawn')
          if (entry.waiters.size > 0) return
          if (open.get(key) === entry) open.delete(key)
          entry.abort.abort()
        }
        entry.waiters.add(tell)
        signal.addEventListener('abort', leave, { once: true })
      })
    },
    recheck(stands) {
      for (const [key, entry] of open) {
        if (stands(entry.question)) continue
        settle(key, entry, 'again')
        entry.abort.abort()
      }
    },
  }
}
