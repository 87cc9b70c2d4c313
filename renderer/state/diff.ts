import { createStore, type StoreApi } from 'zustand/vanilla'
import type { HostClient } from '../../protocol/contract.ts'
import type { SessionId } from '../../protocol/ids.ts'
import type { DiffChange, DiffScope, DiffSnapshot, FileDiff } from '../../protocol/workspace.ts'
import { type LoadState, loading, problemOf, ready } from './result.ts'

export type DiffState = {
  readonly load: LoadState
  readonly diff: DiffSnapshot | null
  /** What the last keep or revert was refused for, by `path` or `path#hunk`. */
  readonly refusals: ReadonlyMap<string, string>
}

export type ReviewVerb = 'keep' | 'unkeep' | 'revert'

export type DiffStore = {
  readonly store: StoreApi<DiffState>
  start(): () => void
  /** @param hunkId null for the whole file */
  review(path: string, hunkId: string | null, verb: ReviewVerb): Promise<void>
}

export const refusalKey = (path: string, hunkId: string | null): string =>
  hunkId === null ? path : `${path}#${hunkId}`

/** The live diff of one session in one scope. */
export function createDiff(client: HostClient, sessionId: SessionId, scope: DiffScope): DiffStore {
  const store = createStore<DiffState>()(() => ({ load: loading, diff: null, refusals: new Map() }))

  function tell(key: string, why: string | null): void {
    const refusals = new Map(store.getState().refusals)
    if (why === null) refusals.delete(key)
    else refusals.set(key, why)
    store.setState({ refusals })
  }

  return {
    store,
    start: () =>
      client.subscribe(
        'workspace/watchDiff',
        { sessionId, scope },
        {
          snapshot: (diff) => store.setState({ diff, load: ready }),
          change(change) {
            const { diff } = store.getState()
            if (diff) store.setState({ diff: applyChange(diff, change) })
          },
          failed: (problem) => store.setState({ load: { state: 'failed', problem } }),
        },
      ),
    async review(path, hunkId, verb) {
      const key = refusalKey(path, hunkId)
      try {
        const answer = await client.call('workspace/review', { sessionId, scope, path, hunkId, verb })
        if (answer.status === 'done') tell(key, null)
        else tell(key, answer.why ?? 'It changed since it was shown. Look again, then answer.')
      } catch (thrown) {
        tell(key, problemOf(thrown).message)
      }
    },
  }
}

/** Files stay ordered by path, so that a file that changes again does not move. */
export function applyChange(diff: DiffSnapshot, change: DiffChange): DiffSnapshot {
  switch (change.type) {
    case 'file': {
      const others = diff.files.filter(({ path }) => path !== change.file.path)
      return { ...diff, files: [...others, change.file].toSorted(byPath) }
    }
    case 'gone':
      return { ...diff, files: diff.files.filter(({ path }) => path !== change.path) }
    case 'outside':
      return { ...diff, outside: change.outside, protectedTouched: change.protectedTouched }
    case 'problem':
      return { ...diff, problem: change.problem }
  }
}

const byPath = (a: FileDiff, b: FileDiff): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)
