import { usePreferences, useStores } from '../../state/context.tsx'
import { Checkbox, Select } from '../../ui/segmented.tsx'

const undoChoices = [0, 1500, 4000, 10_000] as const
const armingChoices = [400, 600, 1000, 2000] as const

const seconds = (ms: number): string => (ms === 0 ? 'none' : `${ms / 1000} s`)

/** The listed choices and the value in force, which a file may have set to anything between. */
function choicesOf(listed: readonly number[], value: number) {
  const all = listed.includes(value) ? listed : [...listed, value].toSorted((a, b) => a - b)
  return all.map((ms) => ({ value: String(ms), label: seconds(ms) }))
}

export function AnswerSettings() {
  const values = usePreferences()
  const { preferences } = useStores()
  return (
    <>
      <Checkbox
        label="Single letters answer"
        hint="Only while the list or a card has focus; never in a text field. Off: buttons and the chord remain."
        checked={values.singleKeys}
        onChange={(singleKeys) => void preferences.set({ singleKeys })}
      />
      <div className="settings-row">
        <Select
          label="Undo time, Routine and Notable"
          value={String(values.undoMs)}
          choices={choicesOf(undoChoices, values.undoMs)}
          onChange={(ms) => void preferences.set({ undoMs: Number(ms) })}
        />
        <Select
          label="Undo time, Serious and Critical"
          value={String(values.undoSeriousMs)}
          choices={choicesOf(undoChoices, values.undoSeriousMs)}
          onChange={(ms) => void preferences.set({ undoSeriousMs: Number(ms) })}
        />
        <Select
          label="A fresh card ignores keys for"
          value={String(values.armingMs)}
          choices={choicesOf(armingChoices, values.armingMs)}
          onChange={(ms) => void preferences.set({ armingMs: Number(ms) })}
        />
      </div>
      <p className="field-hint">
        An allow reaches the agent when its undo time is over. Twice the ignoring time counts for Serious and
        Critical; it cannot go below 0.4 s.
      </p>
      <Checkbox
        label="Notify when something waits and no window is in front"
        hint="One per session, with what is asked and never with words of an agent."
        checked={values.notifications}
        onChange={(notifications) => void preferences.set({ notifications })}
      />
    </>
  )
}
