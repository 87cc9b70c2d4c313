import type { HostHandlers } from '../../protocol/contract.ts'
import type { ApprovalId } from '../../protocol/ids.ts'
import type { Rehearsal, RehearsalState } from '../../protocol/rehearsal.ts'

type Topic = Extract<keyof HostHandlers, `rehearsals/${string}`>
const file = (bytes: number) => ({ kind: 'file' as const, mode: 0o644, bytes })

const rehearsal = (atMs: number): Rehearsal => ({
  id: 'rh_1',
  atMs,
  durationMs: 1840,
  exitCode: 0,
  signal: null,
  ended: 'itself',
  output: 'removed 2 files\nwrote 1 file\n',
  outputBytes: 29,
  changes: [
    deleted('/home/dana/billing-api/build/old.js', 18_210),
    deleted('/home/dana/billing-api/build/old.css', 902),
    {
      path: '/home/dana/billing-api/src/retry.ts',
      what: 'changed',
      before: file(412),
      after: file(448),
      target: null,
      diff: '@@ -1,2 +1,2 @@\n const first = 100\n-export const most = 600_000\n+export const most = 30_000 // half a minute\n',
      added: 1,
      removed: 1,
    },
    {
      path: '/home/dana/billing-api/.envrc',
      what: 'added',
      before: null,
      after: file(17),
      target: null,
      diff: '@@ -0,0 +1 @@\n+export RETRIES=3\n',
      added: 1,
      removed: 0,
      runsLater: 'a build service, a git hook or direnv acts on it',
    },
  ],
  counts: { added: 1, changed: 1, deleted: 2 },
  leftOut: 0,
  bytes: 28_672,
  hosts: [],
  stoppedConnections: 0,
  notShown: [],
  applyProblem: null,
})

const deleted = (path: string, bytes: number): Rehearsal['changes'][number] => ({
  path,
  what: 'deleted',
  before: file(bytes),
  after: null,
  target: null,
  diff: null,
  added: 0,
  removed: 0,
})

/** Rehearsals that always show the same: one is over as soon as it was started. */
export function createFixtureRehearsals(allow: (id: ApprovalId) => boolean): Pick<HostHandlers, Topic> {
  const states = new Map<ApprovalId, RehearsalState>()
  const watchers = new Map<ApprovalId, Set<(state: RehearsalState) => void>>()
  const set = (id: ApprovalId, state: RehearsalState) => {
    states.set(id, state)
    for (const watcher of watchers.get(id) ?? []) watcher(state)
    return { status: 'done' as const }
  }
  return {
    'rehearsals/watch': ({ id }, sink) => {
      const all = watchers.get(id) ?? new Set()
      const watcher = (state: RehearsalState): void => sink.change(state)
      watchers.set(id, all.add(watcher))
      return { snapshot: states.get(id) ?? { state: 'ready' }, stop: () => void all.delete(watcher) }
    },
    'rehearsals/start': ({ id }) => set(id, { state: 'done', rehearsal: rehearsal(Date.now()) }),
    'rehearsals/stop': ({ id }) => set(id, { state: 'ready' }),
    'rehearsals/discard': ({ id }) => set(id, { state: 'ready' }),
    'rehearsals/apply': ({ id }) =>
      allow(id) ? { status: 'done' } : { status: 'refused', why: 'It was answered already.' },
  }
}
