import { useState } from 'react'
import type { SessionSummary } from '../../../protocol/sessions.ts'
import { type leaseMinutes, type Preset, presetOf } from '../../../protocol/settings.ts'
import { useStores } from '../../state/context.tsx'
import { usePolicyAnswer } from '../../state/policy-answer.ts'
import { fileName, lockWords } from '../../state/policy-words.ts'
import { problemOf } from '../../state/result.ts'
import { Button } from '../../ui/button.tsx'
import { Spelled } from '../../ui/spelled.tsx'
import { Notice } from '../../ui/states.tsx'
import { LeaseFields } from './lease-fields.tsx'
import { PresetList } from './preset-list.tsx'
import { directionOf, orderedChoices } from './preset-words.ts'
import { WhatChanges } from './what-changes.tsx'

export type Minutes = `${(typeof leaseMinutes)[number]}`

type Props = { readonly session: SessionSummary; readonly choice: Preset | null; onClose(): void }

const directionWords = {
  wider: 'More room counts for new requests only; what waits keeps waiting for your answer.',
  narrower: 'Less room holds at once, for what runs and for what waits.',
  same: 'Nothing to switch.',
} as const

/** The list on the left, what a switch means on the right. What is locked can be read and not be chosen. */
export function Switcher({ session, choice, onClose }: Props) {
  const { client, announcements } = useStores()
  const now = session.settings
  const [wanted, setWanted] = useState<Preset | null>(choice)
  const [minutes, setMinutes] = useState<Minutes>('10')
  const [echo, setEcho] = useState('')
  const [note, setNote] = useState('')
  const [sending, setSending] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const answer = usePolicyAnswer(`${session.id} ${JSON.stringify(now)}`, () =>
    client.call('policy/presets', { sessionId: session.id, folder: null }),
  )
  const choices = orderedChoices(answer.value)
  const lockOf = (preset: Preset) => choices.find((each) => each.preset === preset)?.choice?.lock ?? null

  // A lock may come from the menu's own choice, or arrive while this stands open: it takes the choice back.
  const refused = wanted === null ? null : lockOf(wanted)
  const preset = wanted !== null && refused === null ? wanted : (now.preset ?? null)
  const folder = fileName(session.folder)
  const lease = preset === 'full-access'
  const known = answer.value !== null || answer.problem !== null
  const same = preset === null || (now.preset === preset && !lease)
  const locked = preset !== null && lockOf(preset) !== null
  // Without the host's answer nothing is known of locks, so nothing wider is offered.
  const blind = answer.problem !== null && preset !== null && directionOf(now, preset) === 'wider'
  const ready =
    known && !blind && !same && !locked && !sending && (!lease || (echo === folder && note.trim() !== ''))

  async function apply(to: Preset): Promise<void> {
    setSending(true)
    setProblem(null)
    try {
      const done = await client.call('sessions/setPreset', {
        id: session.id,
        preset: to,
        leaseMinutes: lease ? Number(minutes) : null,
        echo,
        note: note.trim(),
      })
      if (done.status === 'refused') return setProblem(done.why)
      const stopped = done.stopped > 0 ? ` ${done.stopped} running were stopped.` : ''
      const again = done.withdrawn > 0 ? ` ${done.withdrawn} held requests were withdrawn.` : ''
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
        if (ready && preset !== null) void apply(preset)
      }}
    >
      <PresetList title={session.title} choices={choices} now={now} value={preset} onChange={setWanted} />
      <div className="preset-detail">
        {wanted !== null && refused !== null && (
          <Notice level="warning" title={`${presetOf(wanted).name} cannot be chosen.`}>
            <Spelled text={lockWords(refused)} limit={400} />
          </Notice>
        )}
        {answer.problem !== null && (
          <Notice level="problem" title="What would change is not known.">
            <p>
              <Spelled text={answer.problem.message} limit={300} />
            </p>
            <p>Only less room can be chosen until it is.</p>
            <Button onClick={answer.again}>Ask again</Button>
          </Notice>
        )}
        {preset === null ? (
          <p>
            This session has no preset: its mode and its policy were chosen separately. Choose one to switch.
          </p>
        ) : (
          <WhatChanges
            now={now}
            preset={preset}
            choice={choices.find((each) => each.preset === preset)?.choice ?? null}
            asking={answer.asking}
          />
        )}
        {lease && (
          <LeaseFields
            folder={folder}
            minutes={minutes}
            echo={echo}
            note={note}
            onMinutes={setMinutes}
            onEcho={setEcho}
            onNote={setNote}
          />
        )}
        {problem !== null && (
          <Notice level="problem" title="Not switched.">
            {problem}
          </Notice>
        )}
        <p className="field-hint">
          {directionWords[same || preset === null ? 'same' : directionOf(now, preset)]}
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
