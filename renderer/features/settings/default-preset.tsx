import type { PresetChoice } from '../../../protocol/policy.ts'
import { type Preset, presetOf } from '../../../protocol/settings.ts'
import { usePreferences, useStores } from '../../state/context.tsx'
import { lockWords } from '../../state/policy-words.ts'
import { Place } from '../../ui/place.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Spelled } from '../../ui/spelled.tsx'

const offered = ['read-only', 'auto'] as const

/** The preset that "Open folder" starts with. A locked one is no choice, and who locked it stands below. */
export function DefaultPreset({ choices }: { readonly choices: readonly PresetChoice[] | null }) {
  const { defaultPreset } = usePreferences()
  const { preferences } = useStores()
  const lockOf = (preset: Preset) => choices?.find((each) => each.preset === preset)?.lock ?? null
  const locked = (['read-only', 'auto', 'full-access'] as const).flatMap((preset) => {
    const lock = lockOf(preset)
    return lock === null ? [] : [{ preset, lock }]
  })
  return (
    <div className="own-key">
      <Segmented
        label="Preset of new sessions"
        value={defaultPreset}
        choices={[
          { value: 'recommended', label: 'As recommended for the folder' },
          // What was chosen before a lock came stays visible; the nearest permitted one is used instead.
          ...offered
            .filter((preset) => lockOf(preset) === null || defaultPreset === preset)
            .map((preset) => ({
              value: preset,
              label: lockOf(preset) === null ? presetOf(preset).name : `${presetOf(preset).name} (locked)`,
            })),
        ]}
        onChange={(value) => void preferences.set({ defaultPreset: value })}
      />
      <p className="field-hint">
        Full access is a lease with an end for one running session, so it cannot be a default.
      </p>
      {locked.length > 0 && (
        <ul className="settings-locks">
          {locked.map(({ preset, lock }) => (
            <li key={preset}>
              <strong>{presetOf(preset).name}</strong> <Spelled text={lockWords(lock)} limit={300} />{' '}
              {lock.source !== null && <Place file={lock.source.file} line={lock.source.line} />}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
