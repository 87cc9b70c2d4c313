import type { SessionId } from '../../../protocol/ids.ts'
import type { Preset } from '../../../protocol/settings.ts'
import { useSessionSummary } from '../../state/context.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/states.tsx'
import { Switcher } from './switcher.tsx'
import './preset.css'

type Props = { readonly sessionId: SessionId; readonly choice: Preset | null; onClose(): void }

/** Less or more room for one session. Less holds at once; full access is a lease with a reason and an end. */
export function PresetDialog({ sessionId, choice, onClose }: Props) {
  const session = useSessionSummary(sessionId)
  return (
    <Dialog title="Preset of this session" open onClose={onClose} width="wide">
      {session ? (
        <Switcher session={session} choice={choice} onClose={onClose} />
      ) : (
        <div className="preset-gone">
          <Notice title="This session is no longer known.">Choose a running session first.</Notice>
        </div>
      )}
    </Dialog>
  )
}
