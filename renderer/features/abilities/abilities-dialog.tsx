import type { SessionId } from '../../../protocol/ids.ts'
import type { SessionSummary } from '../../../protocol/sessions.ts'
import { useSessionSummary, useStores } from '../../state/context.tsx'
import { usePolicyAnswer } from '../../state/policy-answer.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { CopyButton } from '../../ui/place.tsx'
import { Short } from '../../ui/short.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Loading, Notice } from '../../ui/states.tsx'
import { AbilitiesTable } from './abilities-table.tsx'
import { abilitiesText, secondsWords } from './abilities-words.ts'
import './abilities.css'

type Props = { readonly sessionId: SessionId; onClose(): void }

/** What one agent can do at this moment, asked of the judge itself. */
export function AbilitiesDialog({ sessionId, onClose }: Props) {
  const session = useSessionSummary(sessionId)
  return (
    <Dialog
      open
      onClose={onClose}
      width="wide"
      title={
        session ? (
          <>
            What can <Short text={session.title} limit={60} /> do right now?
          </>
        ) : (
          'What can it do right now?'
        )
      }
    >
      <div className="abilities">
        {session ? (
          <Answered session={session} onClose={onClose} />
        ) : (
          <Notice title="This session is no longer known.">Choose a running session first.</Notice>
        )}
      </div>
    </Dialog>
  )
}

function Answered({ session, onClose }: { readonly session: SessionSummary; onClose(): void }) {
  const { client } = useStores()
  const { id, settings } = session
  // Another preset is another answer, as is another state: an ended session can do nothing.
  const key = `${id} ${session.state} ${JSON.stringify(settings)}`
  const { value, problem, asking, again } = usePolicyAnswer(key, () =>
    client.call('policy/abilities', { sessionId: id }),
  )
  const why = problem?.message ?? (value?.status === 'refused' ? value.why : null)
  if (why !== null) {
    return (
      <>
        <Notice level="problem" title="What it can do is not known.">
          <Spelled text={why} limit={400} />
        </Notice>
        <div className="abilities-actions">
          <Button onClick={again}>Ask again</Button>
          <Button look="quiet" keyHint="Escape" onClick={onClose}>
            Back
          </Button>
        </div>
      </>
    )
  }
  if (value?.status !== 'answered') return <Loading what="Asking what is permitted right now…" />
  const { abilities } = value
  return (
    <>
      <div className="abilities-bar">
        <div>
          <p>
            As of <span className="time">{secondsWords(abilities.atMs)}</span>, asked of the part that decides
          </p>
          <p className={isHeld(session) ? 'abilities-held' : 'abilities-open'}>
            Sandbox: <Spelled text={abilities.sandbox} limit={300} />
          </p>
        </div>
        <span className="abilities-actions">
          <Button aria-busy={asking} onClick={again}>
            Refresh
          </Button>
          <CopyButton text={abilitiesText(abilities)} what="the answer as text">
            Copy as text
          </CopyButton>
          <Button look="quiet" keyHint="Escape" onClick={onClose}>
            Back
          </Button>
        </span>
      </div>
      <AbilitiesTable abilities={abilities} />
      <dl className="abilities-facts">
        <dt>Widest thing it can do alone</dt>
        <dd className="abilities-widest">
          <Spelled text={abilities.widest} limit={400} />
        </dd>
        <dt>Last 24 hours</dt>
        <dd>
          {abilities.lastDay.length === 0 ? (
            'Nothing was asked and nothing was granted.'
          ) : (
            <ul>
              {abilities.lastDay.map((sentence) => (
                <li key={sentence}>
                  <Spelled text={sentence} limit={400} />
                </li>
              ))}
            </ul>
          )}
        </dd>
      </dl>
    </>
  )
}

/** The proof decides the colour; the words come from the host and say the same. */
const isHeld = ({ sandbox }: SessionSummary): boolean =>
  sandbox.state === 'verified' && sandbox.probes.every((probe) => probe.blocked)
