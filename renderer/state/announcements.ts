import { createStore, type StoreApi } from 'zustand/vanilla'

export type Announcements = {
  readonly store: StoreApi<{ readonly polite: string; readonly assertive: string }>
  /** The answer to something the person did: said at once. */
  say(text: string): void
  /** Something arrived: at most one in ten seconds, and then the newest wording of all of it. */
  sayMerged(text: () => string): void
  /** Only for: host unreachable, boundary missing. */
  sayNow(text: string): void
}

const mergeMs = 10_000

export function createAnnouncements(
  nowMs: () => number = Date.now,
  later: (run: () => void, ms: number) => void = (run, ms) => void setTimeout(run, ms),
): Announcements {
  const store = createStore<{ polite: string; assertive: string }>()(() => ({ polite: '', assertive: '' }))
  let lastMerged = Number.NEGATIVE_INFINITY
  let pending: (() => string) | null = null

  function flush(): void {
    const text = pending?.()
    pending = null
    if (!text) return
    lastMerged = nowMs()
    store.setState({ polite: text })
  }
  return {
    store,
    say: (text) => store.setState({ polite: text }),
    sayNow: (text) => store.setState({ assertive: text }),
    sayMerged(text) {
      const waits = pending !== null
      pending = text
      if (waits) return
      const wait = lastMerged + mergeMs - nowMs()
      if (wait <= 0) flush()
      else later(flush, wait)
    },
  }
}
