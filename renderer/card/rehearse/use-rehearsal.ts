import { useEffect, useState } from 'react'
import type { ApprovalRequest } from '../../../protocol/approvals.ts'
import type { RehearsalState } from '../../../protocol/rehearsal.ts'
import { useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'

export type UseRehearsal = {
  /** null: this card can have none, or it is not known yet. */
  readonly state: RehearsalState | null
  /** Why the last word to the host was not taken. */
  readonly failure: string | null
  start(): void
  stop(): void
  discard(): void
  /** @returns whether the answer was recorded */
  apply(rehearsalId: string, more: { readonly echo?: string; readonly lookMs: number }): Promise<boolean>
}

type Answer = { readonly status: 'done' } | { readonly status: 'refused'; readonly why: string }

/** The rehearsal of one open request; the host keeps it, so every window sees the same. */
export function useRehearsal({ id, revision, action, state: asked }: ApprovalRequest): UseRehearsal {
  const { client } = useStores()
  const [state, setState] = useState<RehearsalState | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const open = action.kind === 'command' && (asked.state === 'waiting' || asked.state === 'parked')

  useEffect(() => {
    if (!open) return
    return client.subscribe('rehearsals/watch', { id }, { snapshot: setState, change: setState })
  }, [client, id, open])

  async function tell(ask: () => Promise<Answer>): Promise<boolean> {
    setFailure(null)
    try {
      const answer = await ask()
      if (answer.status === 'refused') setFailure(answer.why)
      return answer.status === 'done'
    } catch (thrown) {
      setFailure(problemOf(thrown).message)
      return false
    }
  }

  return {
    state: open ? state : null,
    failure: open ? failure : null,
    start: () => void tell(() => client.call('rehearsals/start', { id, revision })),
    stop: () => void tell(() => client.call('rehearsals/stop', { id })),
    discard: () => void tell(() => client.call('rehearsals/discard', { id })),
    apply: (rehearsalId, more) =>
      tell(() => client.call('rehearsals/apply', { id, revision, rehearsalId, ...more })),
  }
}
