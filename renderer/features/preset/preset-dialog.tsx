import { useId, useState } from 'react'
import type { SessionId } from '../../../protocol/ids.ts'
import type { SessionSummary } from '../../../protocol/sessions.ts'
import { leaseMinutes, type Preset, presets } from '../../../protocol/settings.ts'
import { useSessionSummary, useStores } from '../../state/context.tsx'
import { problemOf } from '../../state/result.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Notice } from '../../ui/states.tsx'
import { changesOf, directionOf, gainsAndLosses } from './preset-words.ts'
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

type Minutes = `${(typeof leaseMinutes)[number]}`

function Switcher({
  session,
  choice,
  onClose,
}: {
  readonly session: SessionSummary
  readonly choice: Preset | null
  onClose(): void
}) {
  const { client, announcements } = useStores()
  const now = session.settings
  const [preset, setPreset] = useState<Preset>(choice ?? now.preset ?? 'auto')
  const [minutes, setMinutes] = useState<Minutes>('10')
  const [echo, setEcho] = useState('')
  const [note, setNote] = useState('')
  const [sending, setSending] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const group = useId()
  const folder = session.folder.split(/[\\/]/).filter(Boolean).at(-1) ?? session.folder
  const lease = preset === 'full-access'
  const direction = directionOf(now, preset)
  const same = now.preset === preset && !lease
  const ready = !same && !sending && (!lease || (echo === folder && note.trim() !== ''))

  async function apply(): Promise<void> {
    setSending(true)
    setProblem(null)
    try {
      const answer = await client.call('sessions/setPreset', {
        id: session.id,
        preset,
        leaseMinutes: lease ? Number(minutes) : null,
        echo,
        note: note.trim(),
      })
      if (answer.status === 'refused') return setProblem(answer.why)
      const stopped = answer.stopped > 0 ? ` ${answer.stopped} running were stopped.` : ''
      const again = answer.withdrawn > 0 ? ` ${answer.withdrawn} held requests were withdrawn.` : ''
      announcements.say(`Switched.${stopped}${again}`)
      onClose()
    } catch (thrown) {
      setProblem(problemOf(thrown).message)
    } finally {
      setSending(false)
    }
  }

  return (
    <form
      className="preset"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) void apply()
      }}
    >
      <fieldset className="preset-list">
        <legend className="preset-for">
          <Spelled text={session.title} limit={60} />, this session only
        </legend>
        {presets.map((each) => (
          <label key={each.id} className="preset-option">
            <input
              type="radio"
              name={group}
              value={each.id}
              checked={preset === each.id}
              onChange={() => setPreset(each.id)}
            />
            <span>
              <strong>
                {each.name}
                {each.id === 'full-access' && ', leased'}
              </strong>
              {now.preset === each.id && <span className="preset-now"> now</span>}
              <span className="preset-sentence">{each.sentence}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="preset-detail">
        <h3>What changes</h3>
        <PresetChanges session={session} preset={preset} />
        <GainsAndLosses session={session} preset={preset} />
        {lease && (
          <div className="preset-lease">
            <Segmented
              label="Ends after"
              value={minutes}
              choices={leaseMinutes.map((each) => ({ value: `${each}` as const, label: `${each} min` }))}
              onChange={setMinutes}
            />
            <TextField
              label={
                <>
                  Type the folder’s name,{' '}
                  <strong className="mono">
                    <Spelled text={folder} limit={80} />
                  </strong>
                </>
              }
              machine
              value={echo}
              onPaste={(event) => event.preventDefault()}
              onChange={(event) => setEcho(event.target.value)}
            />
            <TextField
              label="Why"
              hint="Kept in the session’s record."
              value={note}
              maxLength={500}
              onChange={(event) => setNote(event.target.value)}
            />
          </div>
        )}
        {problem !== null && (
          <Notice level="problem" title="Not switched.">
            {problem}
          </Notice>
        )}
        <p className="field-hint">
          {direction === 'wider'
            ? 'More room counts for new requests only; what waits keeps waiting for your answer.'
            : direction === 'narrower'
              ? 'Less room holds at once, for what runs and for what waits.'
              : 'Nothing to switch.'}
        </p>
        <div className="panel-actions">
          <Button submits disabled={!ready} look={lease ? 'danger' : 'plain'}>
            {sending ? 'Switching…' : lease ? `Give full access for ${minutes} min` : 'Switch'}
          </Button>
          <Button look="quiet" keyHint="Escape" onClick={onClose}>
            Back
          </Button>
        </div>
      </div>
    </form>
  )
}

function PresetChanges({ session, preset }: { readonly session: SessionSummary; readonly preset: Preset }) {
  return (
    <dl className="preset-changes">
      {changesOf(session.settings, preset).map(({ about, from, to }) => (
        <div key={about}>
          <dt>{about}</dt>
          <dd>
            {from === to ? (
              <span className="quiet-words">{to}; no change</span>
            ) : (
              <>
                <del>{from}</del> → <strong>{to}</strong>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function GainsAndLosses({ session, preset }: { readonly session: SessionSummary; readonly preset: Preset }) {
  const { gains, loses } = gainsAndLosses(session.settings, preset)
  return (
    <dl className="preset-changes">
      <div>
        <dt>Gains</dt>
        <dd>{gains}</dd>
      </div>
      <div>
        <dt>Loses</dt>
        <dd>{loses}</dd>
      </div>
    </dl>
  )
}
