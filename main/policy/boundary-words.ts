import type { Settings } from '../../protocol/settings.ts'
import type { Origin } from '../../protocol/verdict.ts'

/** Whether commands run in a boundary of ours, so that leaving it is a question. */
export const isBounded = ({ sandboxMode, boundary }: Settings): boolean =>
  sandboxMode !== 'danger-full-access' && boundary !== 'container'

/** Why nothing is asked about a boundary where there is none of ours. */
export const unboundedWords = ({ sandboxMode }: Settings): string =>
  sandboxMode === 'danger-full-access' ? 'full access: no boundary' : 'the container is the boundary'

/** The settings in force as the reason of a verdict. */
export const settingsOrigin = ({ sandboxMode, approvalPolicy, boundary }: Settings): Origin => ({
  kind: 'settings',
  sandboxMode,
  approvalPolicy,
  ...(boundary ? { boundary } : {}),
})
