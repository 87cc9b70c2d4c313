import { usePreferences, useStores } from '../../state/context.tsx'
import { Segmented } from '../../ui/segmented.tsx'

export function AppearanceSettings() {
  const values = usePreferences()
  const { preferences } = useStores()
  return (
    <>
      <Segmented
        label="Theme"
        value={values.theme}
        choices={[
          { value: 'system', label: 'As the system' },
          { value: 'day', label: 'Day' },
          { value: 'night', label: 'Night' },
          { value: 'high-contrast', label: 'High contrast' },
        ]}
        onChange={(theme) => void preferences.set({ theme })}
      />
      <Segmented
        label="Row height"
        value={values.density}
        choices={[
          { value: 'compact', label: 'Compact' },
          { value: 'default', label: 'Default' },
          { value: 'comfortable', label: 'Comfortable' },
        ]}
        onChange={(density) => void preferences.set({ density })}
      />
      <div>
        <Segmented
          label="Diff colours"
          value={values.diffPalette}
          choices={[
            { value: 'safe', label: 'Blue and orange' },
            { value: 'classic', label: 'Green and red' },
          ]}
          onChange={(diffPalette) => void preferences.set({ diffPalette })}
        />
        <p className="field-hint">
          Blue and orange stay apart for every kind of colour vision. Signs and bars say the same in both.
        </p>
      </div>
    </>
  )
}
