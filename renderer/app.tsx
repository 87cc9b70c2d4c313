import { useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import { AbilitiesDialog } from './features/abilities/abilities-dialog.tsx'
import { InboxPage } from './features/inbox/inbox-page.tsx'
import { KeysHelp } from './features/palette/keys-help.tsx'
import { Palette } from './features/palette/palette.tsx'
import { PresetDialog } from './features/preset/preset-dialog.tsx'
import { RulesPage } from './features/rules/rules-page.tsx'
import { SandboxDialog } from './features/sandbox/sandbox-dialog.tsx'
import { SessionScreen } from './features/session/session-screen.tsx'
import { SessionsScreen } from './features/sessions/sessions-screen.tsx'
import { SettingsPage } from './features/settings/settings-page.tsx'
import { StartScreen } from './features/start/start-screen.tsx'
import { Frame } from './frame/frame.tsx'
import { GlobalKeys } from './frame/global-keys.tsx'
import { useApp, usePreferences, useSessions, useStores } from './state/context.tsx'
import { themeAttributes } from './state/preferences.ts'
import { LiveRegion } from './ui/live-region.tsx'

/** The one place that knows every feature: which page stands in the frame, and what lies over it. */
export function App() {
  return (
    <>
      <Theme />
      <FirstScreen />
      <GlobalKeys />
      <Frame>
        <Page />
      </Frame>
      <Over />
      <Announcer />
    </>
  )
}

function Page() {
  const route = useApp((state) => state.route)
  switch (route.page) {
    case 'inbox':
      return <InboxPage />
    case 'sessions':
      return <SessionsScreen />
    case 'session':
      return <SessionScreen key={route.id} id={route.id} />
    case 'rules':
      return <RulesPage start={route.start} />
    case 'settings':
      return <SettingsPage />
    case 'start':
      return <StartScreen folder={route.folder} />
  }
}

/** With nothing behind it yet, the app begins where a session is started. Once, so that nobody is sent about. */
function FirstScreen() {
  const { app } = useStores()
  const empty = useSessions((state) => state.ids.length === 0)
  const settled = useSessions((state) => state.load.state === 'ready' && state.complete)
  const done = useRef(false)
  useEffect(() => {
    if (done.current || !settled) return
    done.current = true
    if (empty && app.store.getState().route.page === 'inbox') app.go({ page: 'start', folder: null })
  }, [app, settled, empty])
  return null
}

/** What the person opened over the page. */
function Over() {
  const { app } = useStores()
  const overlay = useApp((state) => state.overlay)
  switch (overlay?.kind) {
    case undefined:
      return null
    case 'palette':
      return <Palette onClose={app.close} />
    case 'keys':
      return <KeysHelp onClose={app.close} />
    case 'preset':
      return <PresetDialog sessionId={overlay.sessionId} choice={overlay.choice} onClose={app.close} />
    case 'abilities':
      return <AbilitiesDialog sessionId={overlay.sessionId} onClose={app.close} />
    case 'sandbox':
      return <SandboxDialog sessionId={overlay.sessionId} onClose={app.close} />
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
