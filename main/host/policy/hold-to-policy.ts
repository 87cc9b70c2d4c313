import type { Settings } from '../../../protocol/settings.ts'
import type { LiveSession } from '../../pipeline/run-session.ts'
import type { HostContext } from '../host-context.ts'
import { permitted } from './permitted.ts'
import { downgradeWords, type PolicyChange } from './policy-store.ts'

/** Records that files changed while a session runs, and narrows it at once where they now say so. */
export async function holdToPolicy(
  session: LiveSession,
  context: HostContext,
  { changes, digest, problems }: Pick<PolicyChange, 'changes' | 'digest' | 'problems'>,
): Promise<void> {
  if (session.ended) return
  const { to, lowered } = await permitted(session.feed.summary.folder, session.settings, context)
  await session.note({
    type: 'policyChanged',
    itemId: context.ids.next('it') as never,
    changes: [...changes],
    digest,
    problems: problems.map(
      ({ message, place }) => `${place ? `${place.file}:${place.line ?? 1}: ` : ''}${message}`,
    ),
  })
  await session.recheckHosts()
  if (same(to, session.settings)) return
  await session.changeSettings(to, 'policyChanged', lowered.map(downgradeWords).join(' ') || null)
}

const same = (a: Settings, b: Settings): boolean => JSON.stringify(keyOf(a)) === JSON.stringify(keyOf(b))
const keyOf = (s: Settings): unknown => [
  s.sandboxMode,
  s.approvalPolicy,
  s.granular ?? null,
  s.extraWritableRoots,
  s.deniedReads,
  s.deniedGlobs ?? [],
  s.access ?? null,
  s.holdShim ?? false,
  s.boundary ?? null,
  s.hosts ?? null,
]
