import { useEffect } from 'react'
import { useStore } from 'zustand'
import { Frame } from './frame/frame.tsx'
import { GlobalKeys } from './frame/global-keys.tsx'
import { useApp, usePreferences, useStores } from './state/context.tsx'
import { themeAttributes } from './state/preferences.ts'
import { LiveRegion } from './ui/live-region.tsx'

/** The one place that knows every feature: which page stands in the frame, and what lies over it. */
export function App() {
  return (
    <>
      <Theme />
      <GlobalKeys />
      <Frame>
        <Page />
      </Frame>
      <Announcer />
    </>
  )
}

function Page() {
  const route = useApp((state) => state.route)
  switch (route.page) {
    case 'inbox':
    case 'sessions':
    case 'session':
    case 'settings':
    case 'start':
      return null
  }
}

/** Style sheets read the theme from the root element. */
function Theme() {
  const values = usePreferences()
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const contrast = matchMedia('(prefers-contrast: more)')
    const show = (): void => {
      const attributes = themeAttributes(values, { dark: dark.matches, moreContrast: contrast.matches })
      Object.assign(document.documentElement.dataset, attributes)
    }
    show()
    dark.addEventListener('change', show)
    contrast.addEventListener('change', show)
    return () => {
      dark.removeEventListener('change', show)
      contrast.removeEventListener('change', show)
    }
  }, [values])
  return null
}

function Announcer() {
  const { announcements } = useStores()
  const { polite, assertive } = useStore(announcements.store)
  return <LiveRegion polite={polite} assertive={assertive} />
}
