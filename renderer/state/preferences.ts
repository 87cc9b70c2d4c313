import { createStore, type StoreApi } from 'zustand/vanilla'
import { defaultPreferences, type Preferences } from '../../protocol/app.ts'
import type { HostClient } from '../../protocol/contract.ts'
import { problemOf } from './result.ts'

export type PreferencesState = {
  readonly values: Preferences
  readonly loaded: boolean
  /** Why the last change was not kept. */
  readonly problem: string | null
}

export type PreferencesStore = {
  readonly store: StoreApi<PreferencesState>
  /** Shown at once; put back with the reason when the host does not keep it. */
  set(change: Partial<Preferences>): Promise<void>
  start(): () => void
}

export function createPreferences(client: HostClient): PreferencesStore {
  const store = createStore<PreferencesState>()(() => ({
    values: defaultPreferences,
    loaded: false,
    problem: null,
  }))
  return {
    store,
    async set(change) {
      const before = store.getState().values
      store.setState({ values: { ...before, ...change }, problem: null })
      try {
        store.setState({ values: await client.call('app/setPreferences', change) })
      } catch (thrown) {
        store.setState({ values: before, problem: problemOf(thrown).message })
      }
    },
    start: () =>
      client.subscribe(
        'app/watchPreferences',
        {},
        {
          snapshot: (values) => store.setState({ values, loaded: true }),
          change: (values) => store.setState({ values }),
        },
      ),
  }
}

/** What `<html>` carries for the style sheets. `system` follows the machine. */
export function themeAttributes(
  values: Pick<Preferences, 'theme' | 'density' | 'diffPalette'>,
  system: { readonly dark: boolean; readonly moreContrast: boolean },
): Readonly<Record<'theme' | 'contrast' | 'density' | 'diff', string>> {
  const followsSystem = values.theme === 'system' || values.theme === 'high-contrast'
  const high = values.theme === 'high-contrast' || (values.theme === 'system' && system.moreContrast)
  return {
    theme: followsSystem ? (system.dark ? 'night' : 'day') : values.theme,
    contrast: high ? 'high' : 'normal',
    density: values.density,
    diff: values.diffPalette,
  }
}
