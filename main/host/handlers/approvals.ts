import type { HostHandlers } from '../../../protocol/contract.ts'
import type { HostContext } from '../host-context.ts'

type Topic = 'approvals/watch' | 'approvals/decide' | 'approvals/undo' | 'approvals/park'

export const approvalHandlers = ({ inbox, history }: HostContext): Pick<HostHandlers, Topic> => ({
  'approvals/watch': (_params, sink) => {
    let notes = history.recentNotes
    const stop = inbox.onChange((change) => {
      sink.change(change)
      if (notes === history.recentNotes) return
      notes = history.recentNotes
      sink.change({ type: 'notes', recentNotes: [...notes] })
    })
    return { snapshot: inbox.snapshot(notes), stop }
  },
  'approvals/decide': (params) => inbox.decide(params, 'user'),
  'approvals/undo': async ({ id }) => ({ status: await inbox.undo(id) }),
  'approvals/park': async ({ id, parked }) => ({ status: await inbox.park(id, parked) }),
})
