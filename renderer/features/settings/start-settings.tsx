import { usePreferences, useStores } from '../../state/context.tsx'
import { Segmented } from '../../ui/segmented.tsx'

export function StartSettings() {
  const { defaultPreset } = usePreferences()
  const { preferences } = useStores()
  return (
    <div>
      <Segmented
        label="Preset"
        value={defaultPreset}
        choices={[
          { value: 'recommended', label: 'As recommended for the folder' },
          { value: 'read-only', label: 'Read only' },
          { value: 'auto', label: 'Auto' },
        ]}
        onChange={(value) => void preferences.set({ defaultPreset: value })}
      />
      <p className="field-hint">
        Full access is a lease with an end for one running session, so it cannot be a default. Other settings
        come from config.toml, below.
      </p>
    </div>
  )
}
