import type { ApprovalId } from '../../../protocol/ids.ts'
import { ConnectedCard } from '../../card/connected-card.tsx'

type Props = {
  readonly id: ApprovalId
  /** Shows an item of this session. */
  onJump(itemId: string): void
}

/** The card of the Inbox at its place in the conversation. It takes no focus and no key until it is entered. */
export function InlineCard({ id, onJump }: Props) {
  return (
    <ConnectedCard
      id={id}
      variant="inline"
      onOrigin={({ slots }) => {
        if (slots.origin.itemId !== null) onJump(slots.origin.itemId)
      }}
    />
  )
}
