import { createStore, type StoreApi } from 'zustand/vanilla'
import type { HostClient } from '../../protocol/contract.ts'
import type { SessionId } from '../../protocol/ids.ts'
import type { SessionState, SessionSummary } from '../../protocol/sessions.ts'
import { type LoadState, loading, ready } from './result.ts'

export type SessionsState = {
  readonly load: LoadState
  /** Newest first. */
  readonly ids: readonly SessionId[]
  readonly byId: ReadonlyMap<SessionId, SessionSummary>
  /** false while older logs are still being read. */
  readonly complete: boolean
}

export type SessionsStore = { readonly store: StoreApi<SessionsState>; start(): () => void }

/** All sessions, running and past. */
export function createSessions(client: HostClient): SessionsStore {
  const store = createStore<SessionsState>()(() => ({
    load: loading,
    ids: [],
    byId: new Map(),
    complete: false,
  }))
  const show = (byId: ReadonlyMap<SessionId, SessionSummary>, more: Partial<SessionsState> = {}): void => {
    const ids = [...byId.values()].toSorted((a, b) => b.startedAtMs - a.startedAtMs).map(({ id }) => id)
    store.setState({ byId, ids, ...more })
  }
  return {
    store,
    start: () =>
      client.subscribe(
        'sessions/watch',
        {},
        {
          snapshot: ({ sessions, complete }) =>
            show(new Map(sessions.map((session) => [session.id, session])), { load: ready, complete }),
          change(change) {
            const byId = new Map(store.getState().byId)
            if (change.type === 'removed') byId.delete(change.id)
            else byId.set(change.session.id, change.session)
            show(byId)
          },
          failed: (problem) => store.setState({ load: { state: 'failed', problem } }),
        },
      ),
  }
}

const live: readonly SessionState[] = ['starting', 'working', 'waiting', 'idle', 'paused']
export const isLive = (session: SessionSummary): boolean => live.includes(session.state)

/** Runs without a boundary: chosen, or left there by full access. */
export const isUnbounded = (session: SessionSummary): boolean =>
  isLive(session) && session.settings.sandboxMode === 'danger-full-access'

/** Stopped because its boundary was not proved. */
export const isFrozen = (session: SessionSummary): boolean =>
  isLive(session) && session.sandbox.state === 'frozen'

/** What a session is doing, in one or two words. */
export function stateWords(session: Pick<SessionSummary, 'state' | 'waiting'>): string {
  if (session.waiting > 0) return `${session.waiting} waiting`
  return session.state === 'interrupted' ? 'app stopped' : session.state
}
